/** An alert that Alertmanager holds, whoever sent it. */
export interface HeldAlertElsewhere {
  /** The one that ours have here too. */
  readonly fingerprint: string;
  readonly name: string;
  /** As its labels say; '' for none. */
  readonly severity: string;
  /** ISO 8601. */
  readonly startsAt: string;
  readonly description: string;
  /** Silenced or inhibited there. */
  readonly isSuppressed: boolean;
}

/** What Alertmanager holds now. */
export interface HeldElsewhere {
  /** Of the instances that answered, each alert once; null: none answered. */
  readonly alerts: readonly HeldAlertElsewhere[] | null;
  /** Names of the instances that did not answer. */
  readonly absent: readonly string[];
  /** Whether ours are sent there. */
  readonly hasOurs: boolean;
}
