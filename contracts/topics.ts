/** Topics of the bus. Values are JSON; the type of each is named beside it. */
export const TOPICS = {
  /** InboundRecord, keyed by merchant (or source). */
  transactions: 'guardian.transactions',
  /** ClosedWindow and FeedbackNotice, one partition: the detector sees minutes, and what people say of them, in order. */
  windows: 'guardian.windows',
  /** AnomalyEvent, one partition. */
  anomalies: 'guardian.anomalies',
  /** AlertEvent, one partition. */
  alerts: 'guardian.alerts',
  /** DeadLetter: records that could not be processed, with the reason. */
  dead: 'guardian.dead-letters',
} as const;
export type Topic = (typeof TOPICS)[keyof typeof TOPICS];

/** A record that a stage could not process, as carried on `guardian.dead-letters`. `value` is the record, base64. */
export interface DeadLetter {
  readonly v: 1;
  readonly topic: Topic;
  readonly partition: number;
  readonly offset: number;
  readonly group: string;
  readonly reason: string;
  readonly value: string;
  /** Bytes of the record when `value` holds only its start. */
  readonly cut_from?: number;
  readonly failed_at: number;
}
