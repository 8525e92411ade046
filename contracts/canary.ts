/** The merchant of the program's own test transactions. They take the way of every transaction and are counted nowhere; whoever else sends
 *  one of this merchant is refused. */
export const CANARY_MERCHANT = 'guardian-canary';

/** What the bus carries on `guardian.windows` beside windows: everything up to a test transaction is counted and merged. */
export interface CanaryNotice {
  readonly v: 1;
  readonly kind: 'canary';
  /** When the transaction was accepted, wall clock, epoch milliseconds. */
  readonly sent_at: number;
}

/** What the bus carries on `guardian.anomalies` beside anomalies: the detector has taken everything up to a test transaction. */
export interface CanaryEvent {
  readonly v: 1;
  readonly event: 'canary';
  readonly sent_at: number;
}
