import { Type, type Static } from 'typebox';
import { SEVERITIES } from './anomaly-type.ts';
import { NextCursor } from './node.ts';
import { FOREIGN_ID_PATTERN } from './pattern.ts';

const Time = Type.String({ format: 'date-time' });
const TimeOrNull = Type.Union([Time, Type.Null()]);
const TextOrNull = Type.Union([Type.String(), Type.Null()]);
/** Text without control characters. */
const word = (maxLength: number, description: string) => Type.String({ minLength: 1, maxLength, pattern: FOREIGN_ID_PATTERN, description });

/** A firing or an end of an alert that a message speaks of. */
const NotificationAlert = Type.Object({
  fingerprint: Type.String(),
  name: Type.String(),
  severity: Type.Enum([...SEVERITIES]),
  status: Type.Enum(['firing', 'resolved']),
  starts_at: Time,
});

/** One message to one receiver. */
export const Notification = Type.Object(
  {
    id: Type.String({ description: 'Stays the same over repeats of the same message; the header `x-guardian-notification` of webhooks.' }),
    receiver: Type.String(),
    channel: TextOrNull,
    to: TextOrNull,
    status: Type.Enum(['firing', 'resolved']),
    severity: Type.Enum([...SEVERITIES]),
    state: Type.Enum(['pending', 'delivered', 'failed', 'dropped'], {
      description: '`delivered`: the receiver took it; `dropped`: nothing was left to say, or another receiver said it.',
    }),
    attempts: Type.Integer(),
    created_at: Time,
    delivered_at: TimeOrNull,
    received_at: Type.Union([Time, Type.Null()], { description: 'Proven to have arrived.' }),
    read_at: TimeOrNull,
    passed_on_at: Type.Union([Time, Type.Null()], { description: 'Given to the second channel, or to the escalation, for want of proof.' }),
    provider_message_id: TextOrNull,
    next_attempt_at: TimeOrNull,
    last_error: TextOrNull,
    alerts: Type.Array(NotificationAlert),
  },
  { title: 'Notification' },
);
export type Notification = Static<typeof Notification>;

export const NotificationPage = Type.Object({ items: Type.Array(Notification), next_cursor: NextCursor }, { title: 'NotificationPage' });

/** What a receiver that hands messages on reports of one of them. */
export const ReceiptInput = Type.Object(
  {
    notification_id: Type.Optional(word(64, 'Id of the message, where the receiver knows it.')),
    alerts: Type.Array(
      Type.Object(
        { fingerprint: word(64, 'Of the alert.'), status: Type.Enum(['firing', 'resolved']), starts_at: Time },
        { additionalProperties: false },
      ),
      { maxItems: 1000, description: 'What the message spoke of.' },
    ),
    channel: word(32, 'Where it was sent: `telegram`, `whatsapp`.'),
    to: word(128, 'Whom it was sent to, as the channel names them.'),
    provider_message_id: word(256, 'Id of the message in the channel.'),
    state: Type.Enum(['delivered', 'read', 'failed']),
    at: Type.Optional(Time),
    error: Type.Optional(word(500, 'Why it failed.')),
  },
  { title: 'ReceiptInput', additionalProperties: false },
);
export type ReceiptInput = Static<typeof ReceiptInput>;

export const ReceiptAnswer = Type.Object(
  {
    status: Type.Enum(['noted', 'repeat'], { description: '`repeat`: it was noted before and changes nothing.' }),
    notifications: Type.Array(Type.String(), { description: 'Ids of the messages that it is of.' }),
    unknown: Type.Array(Type.String(), { description: 'Fingerprints of alerts that are not stored here.' }),
  },
  { title: 'ReceiptAnswer' },
);

const Quantiles = Type.Union([Type.Object({ p50: Type.Number(), p99: Type.Number() }), Type.Null()], { description: 'Seconds.' });

/** What is proven of deliveries. */
export const Delivery = Type.Object(
  {
    receivers: Type.Array(
      Type.Object({
        receiver: Type.String(),
        channel: Type.String(),
        last_proven_at: Type.Union([Time, Type.Null()], { description: 'Null: never.' }),
        age_s: Type.Union([Type.Number(), Type.Null()]),
        state: Type.Enum(['proven', 'unproven', 'failing', 'unknown'], {
          description:
            '`proven`: the newest message is. `unproven`: one is older than `alert.receipt_timeout_s` and nothing proves that it arrived. `failing`: the last attempt of one that waits failed. `unknown`: nothing was ever sent.',
        }),
        error: TextOrNull,
        chats: Type.Array(Type.Object({ channel: Type.String(), to: Type.String(), last_proven_at: Time, age_s: Type.Number() }), {
          description: 'Where its messages of the last 30 days are proven to have arrived; of one that hands messages on, each chat.',
        }),
      }),
    ),
    times: Type.Object(
      { alerts: Type.Integer(), detection: Quantiles, receipt: Quantiles, total: Quantiles },
      { description: 'Of alerts of the last day: from the end of the bad minute to detection, from there to the receipt, and both.' },
    ),
  },
  { title: 'Delivery' },
);
export type Delivery = Static<typeof Delivery>;
