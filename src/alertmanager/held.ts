import type { Actor } from '@transaction-guardian/contracts/actor.ts';

/** An alert that Alertmanager holds, whoever sent it. */
export interface HeldAlertElsewhere {
  /** The one that ours have here too. */
  readonly fingerprint: string;
  readonly name: string;
  /** As its labels say; '' for none. */
  readonly severity: string;
  readonly labels: Readonly<Record<string, string>>;
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

export const HOLD_KINDS = ['acknowledge', 'snooze', 'silence'] as const;
export type HoldKind = (typeof HOLD_KINDS)[number];

/** What keeps an alert quiet that only Alertmanager has: a silence of its labels there. Times are epoch milliseconds. */
export interface HoldElsewhere {
  readonly fingerprint: string;
  /** Of the alert. */
  readonly name: string;
  readonly kind: HoldKind;
  /** Name of whoever asked for it. */
  readonly by: string;
  readonly at: number;
  readonly until: number;
}

/** `absent`: instances that did not take it, where the alert still notifies. `taken`: somebody else has acknowledged it. `unknown`:
 *  no such alert fires there. `too_long`: more than a day, for a silence more than 30. `away`: no instance took it. */
export type HoldOutcome =
  | { readonly kind: 'done'; readonly name: string; readonly until: number; readonly absent: readonly string[] }
  | { readonly kind: 'taken'; readonly name: string; readonly by: string; readonly at: number }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'too_long' }
  | { readonly kind: 'away'; readonly absent: readonly string[] };

/** `none`: nothing held it. */
export type ReleaseOutcome =
  | { readonly kind: 'done'; readonly name: string; readonly absent: readonly string[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'away'; readonly absent: readonly string[] };

/** Acts on alerts that only Alertmanager has: those of the rules of others, and those about the program itself. Each is audited.
 *  Throw AUTH_ROLE, ACT_CONFLICT, STORE_UNAVAILABLE. */
export interface ActsElsewhere {
  /** What is held back, as far as instances answer; the longest first. */
  holds(): Promise<readonly HoldElsewhere[]>;
  /** Holds one back in every instance. `until` null: as long as an acknowledgement lasts, at most a day. */
  hold(actor: Actor, input: { readonly fingerprint: string; readonly kind: HoldKind; readonly until: number | null }): Promise<HoldOutcome>;
  /** Ends what holds one back, whoever asked for it; `kinds`: only this. */
  release(actor: Actor, input: { readonly fingerprint: string; readonly kinds: readonly HoldKind[] }): Promise<ReleaseOutcome>;
}
