import { Type, type Static } from 'typebox';
import { SEVERITIES, ANOMALY_TYPES, NODE_KINDS } from './anomaly-type.ts';
import { Reason, Slice } from './anomaly.ts';

/** One node that `POST /analyze` judged. */
export const Finding = Type.Object(
  {
    node: Type.Object({ kind: Type.Enum([...NODE_KINDS]), ...Slice.properties }),
    minute: Type.String({ format: 'date-time' }),
    type: Type.Union([Type.Enum([...ANOMALY_TYPES]), Type.Null()]),
    observed: Type.Number(),
    expected: Type.Number(),
    expected_low: Type.Number(),
    expected_high: Type.Number(),
    z_score: Type.Number(),
    ml_score: Type.Number(),
    p_value: Type.Number(),
    alert: Type.Boolean(),
  },
  { title: 'Finding' },
);
export type Finding = Static<typeof Finding>;

/** `POST /analyze`: a recommendation. Nothing of the request is stored. */
export const Recommendation = Type.Object(
  {
    alert: Type.Boolean(),
    recommendation: Type.Enum(['alert', 'none']),
    level: Type.Enum([...SEVERITIES, 'none']),
    ml_score: Type.Number({ minimum: 0, maximum: 1 }),
    z_score: Type.Number(),
    expected: Type.Number(),
    expected_low: Type.Number(),
    expected_high: Type.Number(),
    observed: Type.Number(),
    reasons: Type.Array(Reason),
    text: Type.Array(Type.String(), { description: 'The reasons in the language of the caller.' }),
    learning: Type.Boolean({ description: 'Too little history to judge: the answer is then never "alert" on volume alone.' }),
    basis: Type.Enum(['history', 'request'], {
      description: 'Judged against the stored baseline, or against the earlier minutes of the request.',
    }),
    minutes: Type.Integer(),
    findings: Type.Array(Finding),
    detector_version: Type.String(),
    model_version: Type.String(),
  },
  { title: 'Recommendation' },
);
export type Recommendation = Static<typeof Recommendation>;
