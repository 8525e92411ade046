/** One minute of an anomaly. Plain data: it goes into the snapshot as JSON. */
export interface Toll {
  /** Minutes since the epoch. */
  readonly minute: number;
  /** Approved transactions that did not come, and deviation of the row in its bad direction, both without what other anomalies report. */
  lost: number;
  bad: number;
  /** What the row expects, and all transactions that its scope and the fleet do. */
  readonly usual: number;
  readonly own: number;
  readonly fleet: number;
}
