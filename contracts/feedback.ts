import { Type, type Static } from 'typebox';
import { ANOMALY_TYPES } from './anomaly-type.ts';
import type { Anomaly } from './anomaly.ts';
import { NextCursor, NodeKey } from './node.ts';
import { TEXT_PATTERN } from './transaction.ts';
import { MAX_COMMENT, VERDICTS, type Verdict } from './verdict.ts';

/** How a verdict ended. */
const ENDINGS = ['replaced', 'withdrawn', 'reset'] as const;

/** Body of `POST /anomalies/{id}/feedback`. */
export const FeedbackInput = Type.Object(
  {
    verdict: Type.Enum([...VERDICTS]),
    comment: Type.Optional(Type.String({ minLength: 1, maxLength: MAX_COMMENT, pattern: TEXT_PATTERN })),
  },
  { title: 'FeedbackInput', additionalProperties: false },
);
export type FeedbackInput = Static<typeof FeedbackInput>;

/** One verdict, with who gave it and when. */
export const Feedback = Type.Object(
  {
    number: Type.Integer({ description: 'Sequence number of the verdict.' }),
    anomaly_id: Type.String(),
    anomaly_type: Type.Enum([...ANOMALY_TYPES]),
    node: Type.String({ description: 'Node of the anomaly, e.g. `fleet`, `status:denied`, `merchant:m-1`.' }),
    verdict: Type.Enum([...VERDICTS]),
    by: Type.String({ description: 'Id of the actor that gave it.' }),
    by_name: Type.String({ description: 'Configured name of who gave it; the id of who is configured no more, and of a session.' }),
    comment: Type.Union([Type.String(), Type.Null()]),
    given_at: Type.String({ format: 'date-time', description: 'Wall clock of the server.' }),
    minute: Type.String({ format: 'date-time', description: 'Last closed minute at that time; the verdict takes effect after it.' }),
    in_force: Type.Boolean({ description: 'False once it was replaced, withdrawn or reset.' }),
    ended: Type.Union([
      Type.Object({ how: Type.Enum([...ENDINGS]), by: Type.String(), at: Type.String({ format: 'date-time' }) }),
      Type.Null(),
    ]),
  },
  { title: 'Feedback' },
);
export type Feedback = Static<typeof Feedback>;

/** Effect of the verdicts in force on one node. */
export const NodeEffect = Type.Object(
  {
    node: Type.String({ description: 'Group of series whose threshold the verdicts shift, e.g. `fleet`, `merchant:m-1`, `auth_code:51`.' }),
    family: Type.Enum(['volume', 'denial', 'failure', 'spike']),
    noise: Type.Number({ description: 'Verdicts `noise`, weighted by age.' }),
    useful: Type.Number({ description: 'Verdicts `useful`, weighted by age.' }),
    threshold_shift_nats: Type.Number({ description: 'Shift of the detection threshold, in nats: positive means fewer anomalies.' }),
  },
  { title: 'NodeEffect' },
);
export type NodeEffect = Static<typeof NodeEffect>;

/** `GET /feedback`: newest first, with the present effect of all verdicts in force. */
export const FeedbackPage = Type.Object(
  {
    items: Type.Array(Feedback),
    next_cursor: NextCursor,
    actor: Type.String({ description: 'Id of the actor that asks: verdicts with this `by` are its own.' }),
    useful_share: Type.Union([Type.Number({ minimum: 0, maximum: 1 }), Type.Null()], {
      description: 'Useful verdicts out of useful and noise, in force: the precision as operators see it.',
    }),
    pattern_factor: Type.Number({ description: 'Factor on the weight of the Isolation Forest; 1 without verdicts.' }),
    effects: Type.Array(NodeEffect),
  },
  { title: 'FeedbackPage' },
);
export type FeedbackPage = Static<typeof FeedbackPage>;

/** Body of `POST /feedback/reset`: one node, or everything when asked for by name. */
export const FeedbackReset = Type.Union(
  [
    Type.Object({ node: NodeKey }, { additionalProperties: false }),
    Type.Object({ all: Type.Literal(true, { description: 'Every verdict on every node.' }) }, { additionalProperties: false }),
  ],
  { title: 'FeedbackReset' },
);

/** Answer of `POST /feedback/reset`. */
export const FeedbackResetDone = Type.Object(
  { undone: Type.Integer({ description: 'Verdicts that no longer apply.' }) },
  { title: 'FeedbackResetDone' },
);
export type FeedbackResetDone = Static<typeof FeedbackResetDone>;

/** What the judged anomaly was like when the verdict was given: all that the detector needs to know of it. */
export interface JudgedAnomaly extends Pick<Anomaly, 'id' | 'type' | 'node' | 'duration_minutes'> {
  /** Of its worst minute. */
  readonly z_score: number;
  readonly ml_score: number;
  /** What it named; absent in notices of earlier releases. */
  readonly slice?: Anomaly['slice'];
}

/** What the bus carries on `guardian.windows` beside windows: people's verdicts, at their place in the order of minutes.
 *  It comes into force after the window of `minute`. Consumers drop a `number` that is not above the last one they took. */
export interface FeedbackNotice {
  readonly v: 1;
  readonly kind: 'feedback';
  /** Grows with every notice, at least to the wall clock in milliseconds, and is never used twice. */
  readonly number: number;
  /** Epoch milliseconds of event time. */
  readonly minute: number;
  /** Wall clock, epoch milliseconds. */
  readonly at: number;
  readonly by: string;
  /** Numbers of the verdicts that end, and how. */
  readonly ends: readonly number[];
  readonly how: (typeof ENDINGS)[number] | null;
  /** The verdict that begins. */
  readonly given: { readonly verdict: Verdict; readonly comment: string | null; readonly anomaly: JudgedAnomaly } | null;
}

/** `feedback` event of `GET /stream`: verdicts that begin and end. */
export interface FeedbackMark {
  readonly ends: readonly number[];
  readonly given: Pick<Feedback, 'number' | 'anomaly_id' | 'verdict' | 'by' | 'by_name'> | null;
}
