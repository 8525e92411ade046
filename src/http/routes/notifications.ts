import { Type } from 'typebox';
import { Cursor } from '@transaction-guardian/contracts/node.ts';
import {
  Delivery,
  NotificationPage,
  ReceiptAnswer,
  ReceiptInput,
  type Notification,
} from '@transaction-guardian/contracts/notification.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../../clock.ts';
import { readDeliveries, type DeliverySettings } from '../../proof/deliveries.ts';
import { noteReceipt } from '../../proof/receipt.ts';
import type { Database } from '../../store/database.ts';
import { listNotifications, type NotificationRow } from '../../store/verbs/notification/list-notifications.ts';
import { readPageTimes } from '../../store/verbs/proof/deliveries.ts';
import { checkCursor } from '../cursor.ts';
import { problemError } from '../problem.ts';
import { actorOf, describeOnly } from '../route-config.ts';
import { readBody } from '../schema-checks.ts';
import { queryOf } from './read-query.ts';

export interface NotificationRouteDeps extends DeliverySettings {
  readonly database: Database;
  readonly clock: Clock;
  readonly language: (request: FastifyRequest) => Locale;
  /** Names of the receivers that hand messages on and report what arrived. */
  readonly reporting: readonly string[];
  /** Alerts go by way of Alertmanager. */
  readonly isRelayed?: boolean;
}

const TAGS = ['alerts'];
const Query = Type.Object(
  {
    receiver: Type.Optional(Type.String({ minLength: 1, maxLength: 128, description: 'Only to this receiver.' })),
    state: Type.Optional(Type.Enum(['pending', 'delivered', 'failed', 'dropped'])),
    since: Type.Optional(Type.String({ format: 'date-time', description: 'Queued at or after.' })),
    until: Type.Optional(Type.String({ format: 'date-time', description: 'Queued before.' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(Cursor),
  },
  { additionalProperties: false },
);

/** `GET /notifications`: what was sent to whom, and what proves it; `POST /receipts`: a receiver's report of that. */
export function registerNotificationRoutes(app: FastifyInstance, deps: NotificationRouteDeps): void {
  const { database, language } = deps;
  app.get('/notifications', {
    schema: {
      operationId: 'listNotifications',
      tags: TAGS,
      summary: 'List messages to receivers with their attempts and receipts, newest first',
      querystring: Query,
      response: { 200: NotificationPage },
    },
    handler: async (request) => {
      const { receiver, state, since, until, limit, cursor } = queryOf(request, Query);
      if (cursor !== undefined) checkCursor(cursor, language(request));
      const wanted = {
        ...(receiver === undefined ? {} : { receiver }),
        ...(state === undefined ? {} : { state }),
        ...(since === undefined ? {} : { from: Date.parse(since) }),
        ...(until === undefined ? {} : { to: Date.parse(until) }),
      };
      const page = await listNotifications(database, wanted, { limit: limit ?? 100, ...(cursor === undefined ? {} : { cursor }) });
      return { items: page.items.map(viewOf), next_cursor: page.next };
    },
  });
  registerReceipts(app, deps);
  registerDelivery(app, deps);
}

function registerReceipts(app: FastifyInstance, { database, clock, reporting, isRelayed = false, language }: NotificationRouteDeps): void {
  app.post('/receipts', {
    config: { problems: [400, 401, 403, 406, 415, 422, 503] },
    validatorCompiler: describeOnly,
    schema: {
      operationId: 'postReceipt',
      tags: TAGS,
      summary: 'Report that a message arrived, was read, or failed',
      description:
        'For receivers that hand messages on, with the service token. Once for each `channel`, `to`, `provider_message_id` and `state`; a repeat changes nothing. Alerts that are not stored here are listed in `unknown`.',
      body: ReceiptInput,
      response: { 202: ReceiptAnswer },
    },
    handler: async (request, reply) => {
      if (actorOf(request).kind !== 'service') throw problemError('AUTH_FORBIDDEN', { wording: 'service' });
      const body = readBody(ReceiptInput, request.body, language(request));
      const now = Math.round(clock.now());
      // A clock that is ahead must not prove what is not there yet.
      const at = body.at === undefined ? now : Math.min(now, Date.parse(body.at));
      const {
        notification_id: notificationId = null,
        alerts,
        channel,
        to,
        provider_message_id: providerMessageId,
        state,
        error = null,
      } = body;
      const receipt = { notificationId, alerts, channel, to, providerMessageId, state, at, error };
      const { notifications, unknown, isRepeat } = await noteReceipt(database, { receipt, receivers: reporting, isRelayed, now });
      return reply.code(202).send({ status: isRepeat ? 'repeat' : 'noted', notifications: [...notifications], unknown: [...unknown] });
    },
  });
}

/** `GET /delivery`: when each receiver is last proven to have had a message, and how long alerts of the last day took to get there. */
function registerDelivery(app: FastifyInstance, { database, clock, receivers, receiptTimeoutMs }: NotificationRouteDeps): void {
  app.get('/delivery', {
    schema: {
      operationId: 'getDelivery',
      tags: TAGS,
      summary: 'The last proven delivery of each receiver, and the time from bad minute to receipt',
      response: { 200: Delivery },
    },
    handler: async () => {
      const now = Math.round(clock.now());
      const times = await readPageTimes(database, now - DAY_MS);
      return { receivers: await readDeliveries(database, { receivers, receiptTimeoutMs }, now), times };
    },
  });
}

const DAY_MS = 86_400_000;
const timeOf = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

function viewOf(row: NotificationRow): Notification {
  const { message } = row;
  return {
    ...{ id: row.id, receiver: row.receiver, channel: row.channel, to: row.recipient, status: row.status, severity: row.severity },
    ...{ state: row.state, attempts: row.attempts, created_at: new Date(row.created_at).toISOString() },
    ...{ delivered_at: timeOf(row.delivered_at), received_at: timeOf(row.received_at), read_at: timeOf(row.read_at) },
    ...{ passed_on_at: timeOf(row.overdue_at), provider_message_id: row.provider_message_id },
    ...{ next_attempt_at: timeOf(row.next_attempt_at), last_error: row.last_error },
    alerts: [...message.firing, ...message.resolved].map(({ fingerprint, labels, severity, status, starts_at }) => ({
      ...{ fingerprint, name: labels['alertname'] ?? '', severity, status, starts_at },
    })),
  };
}
