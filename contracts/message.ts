import type { Alert } from './alert.ts';

/** What a message says of an alert. */
export type NotifiedAlert = Pick<Alert, 'status' | 'severity' | 'labels' | 'annotations' | 'starts_at' | 'ends_at' | 'fingerprint'>;

/** A message to one receiver about one group of alerts, as the queue stores it. Each channel renders its own form of it. */
export interface Message {
  readonly receiver: string;
  readonly groupKey: string;
  readonly firing: readonly NotifiedAlert[];
  readonly resolved: readonly NotifiedAlert[];
  /** What began and ended before this receiver took a message about it, a line each. */
  readonly missed: readonly string[];
  /** Address of the console; '' for none. */
  readonly externalUrl: string;
}
