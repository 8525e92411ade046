/** The place of this process in a consumer group: the brokers share the partitions of a topic among the processes. */
export interface Membership {
  /** Leaves the group, so that others get the partitions at once. Never throws. */
  leave(): Promise<void>;
}

export interface MembershipEvents {
  /** Partitions are being taken away: called before the brokers hear that they are free. */
  readonly onRevoked: () => void;
  /** The partitions of this process from now on. */
  readonly onAssigned: (partitions: readonly number[]) => void;
}
