import { ANOMALY_TYPES, SEVERITIES, NODE_KINDS } from './anomaly-type.ts';
import { Type, type Static } from 'typebox';
import { STATUSES } from './status.ts';

/** A slice of the traffic; an absent field means "all". */
export const Slice = Type.Object(
  {
    status: Type.Optional(Type.Enum([...STATUSES])),
    auth_code: Type.Optional(Type.String()),
    acquirer: Type.Optional(Type.String()),
    merchant_id: Type.Optional(Type.String()),
    payment_method: Type.Optional(Type.String()),
    card_bin: Type.Optional(
      Type.String({ description: 'First six digits of the card; fewer digits: a range of cards that begin so.', examples: ['411111'] }),
    ),
  },
  { title: 'Slice', additionalProperties: false },
);
export type Slice = Static<typeof Slice>;

/** A sentence of the explanation: a key of the text catalogue and its parameters. */
export const Reason = Type.Object(
  {
    code: Type.String(),
    params: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
  },
  { title: 'Reason' },
);
export type Reason = Static<typeof Reason>;

/** Figures of one minute of an anomaly. Counts are per minute; those of `approval_rate_down` are shares of all transactions. */
const FIGURES = {
  minute: Type.String({ format: 'date-time', description: 'The minute that the figures are of, event time.' }),
  observed: Type.Number(),
  expected: Type.Number(),
  expected_low: Type.Number(),
  expected_high: Type.Number(),
  z_score: Type.Number({ description: 'Signed normal quantile of the p-value; negative means below expectation.' }),
  ml_score: Type.Number({ minimum: 0, maximum: 1, description: 'Calibrated Isolation Forest score.' }),
  p_value: Type.Number({ minimum: 0, maximum: 1 }),
};

/** The worst minute of an anomaly. */
export const Peak = Type.Object(FIGURES, { title: 'Peak' });
export type Peak = Static<typeof Peak>;

/** An amount in major units of its currency (ISO 4217). */
export const Money = Type.Object({ currency: Type.String({ examples: ['BRL'] }), amount: Type.Number({ minimum: 0 }) }, { title: 'Money' });
export type Money = Static<typeof Money>;

/** One thing that broke, from the minute it began to the minute it ended. Counts are per minute. */
export const Anomaly = Type.Object(
  {
    id: Type.String({ description: 'Stable: the same input gives the same id again.', examples: ['an_3f9c1a7e5b20'] }),
    type: Type.Enum([...ANOMALY_TYPES]),
    status: Type.Enum(['open', 'resolved']),
    severity: Type.Enum([...SEVERITIES]),
    severity_reason: Type.Optional(
      Type.Object(Reason.properties, {
        title: 'SeverityReason',
        description: 'The limit that decided the severity, with the figures of the minute in which it did.',
      }),
    ),
    node: Type.Object({ kind: Type.Enum([...NODE_KINDS]), ...Slice.properties }),
    slice: Type.Object({
      ...Slice.properties,
      share: Type.Number({ minimum: 0, maximum: 1, description: 'Share of the excess that the slice explains.' }),
    }),
    started_at: Type.String({ format: 'date-time', description: 'First bad minute, event time.' }),
    detected_at: Type.String({ format: 'date-time', description: 'Minute whose close opened the anomaly, event time.' }),
    updated_at: Type.String({ format: 'date-time' }),
    resolved_at: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
    duration_minutes: Type.Integer({ minimum: 0 }),
    ...FIGURES,
    minute: Type.String({
      format: 'date-time',
      description: 'The minute that the figures are of, event time: while open the last one with data, once resolved that of `peak`.',
    }),
    peak: Peak,
    lost_transactions: Type.Number({ minimum: 0, description: 'Expected minus observed approved transactions since the start.' }),
    lost_amount: Type.Optional(
      Type.Union([Money, Type.Null()], {
        description:
          'Lost transactions at the average transaction value of the slice; null without amounts, and where there are several currencies.',
      }),
    ),
    lost_by_currency: Type.Optional(Type.Array(Money, { description: 'The same for each currency; empty without amounts.' })),
    reasons: Type.Array(Reason),
    detector_version: Type.String(),
    model_version: Type.String(),
    config_hash: Type.String(),
    backfill: Type.Boolean(),
  },
  { title: 'Anomaly' },
);
export type Anomaly = Static<typeof Anomaly>;

/** What the bus carries on `guardian.anomalies`. `sequence` is that of the window that caused the event. */
export interface AnomalyEvent {
  readonly v: 1;
  readonly event: 'opened' | 'updated' | 'resolved';
  readonly sequence: number;
  readonly anomaly: Anomaly;
}

/** Score of one node in one minute, kept for charts. */
export interface MinuteScore {
  readonly minute: number;
  readonly revision: number;
  /** Canonical node key, e.g. 'fleet', 'status:denied', 'merchant:m-1'. */
  readonly node: string;
  readonly observed: number;
  readonly expected: number;
  readonly low: number;
  readonly high: number;
  readonly z_score: number;
  readonly ml_score: number;
  readonly score: number;
  readonly state: 'learning' | 'normal' | 'anomalous' | 'no_data';
}
