import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import type { Notification } from '@transaction-guardian/contracts/notification.ts';
import type { Problem } from '@transaction-guardian/contracts/problem.ts';
import { FIRING } from '../../alert/notify/test-messages.ts';
import type { Database } from '../../store/database.ts';
import { openTestDatabase } from '../../store/test-database.ts';
import { queueNotification, settleNotification, startNotice } from '../../store/verbs/notification/notification-queue.ts';
import { createRequestLanguage } from '../request-language.ts';
import { createTestServer, NOW, TEST_TOKEN } from '../server-under-test.ts';
import { registerNotificationRoutes } from './notifications.ts';

let database: Database;
let app: FastifyInstance;

before(async () => {
  database = await openTestDatabase();
  const clock = { now: () => NOW, monotonic: () => NOW };
  const deps = {
    database,
    clock,
    language: createRequestLanguage('en'),
    reporting: ['clawdbot'],
    receivers: [
      { name: 'clawdbot', kind: 'webhook' },
      { name: 'phone', kind: 'telegram' },
      { name: 'chat', kind: 'slack' },
      { name: 'desk', kind: 'webhook' },
    ],
    receiptTimeoutMs: 60_000,
  };
  ({ app } = await createTestServer({ deps: { routes: [(one) => registerNotificationRoutes(one, deps)] } }));
  const about = { receiver: 'clawdbot', groupKey: 'g', status: 'firing' as const, severity: 'critical' as const, contentHash: 'h' };
  await queueNotification(database, { id: 'nt_1', ...about, message: FIRING, tells: {}, withholds: [], createdAt: NOW - 5000 });
  await settleNotification(database, 'nt_1', { state: 'delivered', at: NOW - 4000, channel: 'webhook', isProof: false });
});
after(() => database.close());

const SERVICE = { host: 'localhost', authorization: `Bearer ${TEST_TOKEN}` };
const RECEIPT = { notification_id: 'nt_1', alerts: [], channel: 'telegram', to: '777', provider_message_id: '12', state: 'delivered' };
const post = (payload: object, headers: object = SERVICE) =>
  app.inject({ method: 'POST', url: '/api/v1/receipts', headers: { ...headers }, payload });
const read = async (): Promise<Notification | undefined> =>
  (await app.inject({ url: '/api/v1/notifications?receiver=clawdbot', headers: { host: 'localhost' } })).json<{ items: Notification[] }>()
    .items[0];

test('a receipt proves the message that it names, once, and the list shows it', async () => {
  assert.deepEqual([(await read())?.state, (await read())?.received_at], ['delivered', null]);
  const first = await post({ ...RECEIPT, at: new Date(NOW - 1000).toISOString() });
  assert.equal(first.statusCode, 202);
  assert.deepEqual(first.json(), { status: 'noted', notifications: ['nt_1'], unknown: [] });
  assert.deepEqual((await post(RECEIPT)).json(), { status: 'repeat', notifications: ['nt_1'], unknown: [] });
  // A clock that is ahead proves nothing of the future.
  await post({ ...RECEIPT, state: 'read', at: new Date(NOW + 60_000).toISOString() });
  const shown = await read();
  assert.deepEqual(
    [shown?.received_at, shown?.read_at, shown?.provider_message_id, shown?.channel, shown?.to],
    [new Date(NOW - 1000).toISOString(), new Date(NOW).toISOString(), '12', 'telegram', '777'],
  );
  assert.equal(shown?.alerts[0]?.status, 'firing');
});

test('the last proven delivery of each receiver is listed apart from none, from a failure and from what nothing proves', async () => {
  const about = { groupKey: 'g', status: 'firing' as const, severity: 'critical' as const, contentHash: 'h', message: FIRING };
  const queue = (id: string, receiver: string) =>
    queueNotification(database, { id, receiver, ...about, tells: {}, withholds: [], createdAt: NOW - 70_000 });
  await queue('nt_2', 'chat');
  await startNotice(database, 'nt_2', NOW + 1000);
  const failed = { state: 'pending' as const, nextAttemptAt: NOW + 1000, error: 'HTTP 500', mayHaveArrived: false };
  await settleNotification(database, 'nt_2', failed);
  await queue('nt_3', 'desk');
  await settleNotification(database, 'nt_3', { state: 'delivered', at: NOW - 69_000, channel: 'webhook', isProof: false });
  // A receiver that hands messages on reports each chat.
  await post({ ...RECEIPT, channel: 'whatsapp', to: '+5511987654321', provider_message_id: 'w1' });
  const delivery: unknown = (await app.inject({ url: '/api/v1/delivery', headers: { host: 'localhost' } })).json();
  assert.deepEqual(delivery, {
    receivers: [
      {
        receiver: 'clawdbot',
        channel: 'webhook',
        last_proven_at: new Date(NOW - 1000).toISOString(),
        age_s: 1,
        state: 'proven',
        error: null,
        // It was read a second after it arrived.
        chats: [
          { channel: 'telegram', to: '777', last_proven_at: new Date(NOW).toISOString(), age_s: 0 },
          { channel: 'whatsapp', to: '+5511987654321', last_proven_at: new Date(NOW).toISOString(), age_s: 0 },
        ],
      },
      { receiver: 'phone', channel: 'telegram', last_proven_at: null, age_s: null, state: 'unknown', error: null, chats: [] },
      { receiver: 'chat', channel: 'slack', last_proven_at: null, age_s: null, state: 'failing', error: 'HTTP 500', chats: [] },
      { receiver: 'desk', channel: 'webhook', last_proven_at: null, age_s: null, state: 'unproven', error: null, chats: [] },
    ],
    times: { alerts: 0, detection: null, receipt: null, total: null },
  });
});

test('a receipt that comes before the answer to the send stays', async () => {
  const about = { receiver: 'clawdbot', groupKey: 'g2', status: 'firing' as const, severity: 'critical' as const, contentHash: 'h' };
  await queueNotification(database, { id: 'nt_4', ...about, message: FIRING, tells: {}, withholds: [], createdAt: NOW });
  await startNotice(database, 'nt_4', NOW + 1000);
  await post({ ...RECEIPT, notification_id: 'nt_4', provider_message_id: '13', at: new Date(NOW - 500).toISOString() });
  await settleNotification(database, 'nt_4', { state: 'delivered', at: NOW, channel: 'webhook', isProof: false });
  const shown = await read();
  assert.deepEqual(
    [shown?.id, shown?.state, shown?.provider_message_id, shown?.channel, shown?.to, shown?.received_at],
    ['nt_4', 'delivered', '13', 'telegram', '777', new Date(NOW - 500).toISOString()],
  );
});

test('a receipt of alerts that nobody knows is answered with their names', async () => {
  const alerts = [{ fingerprint: 'ffff', status: 'firing', starts_at: '2026-11-22T03:00:00Z' }];
  const { notification_id: _named, ...unnamed } = RECEIPT;
  const answer = await post({ ...unnamed, alerts, provider_message_id: '99' });
  assert.deepEqual([answer.statusCode, answer.json()], [202, { status: 'noted', notifications: [], unknown: ['ffff'] }]);
});

test('only the service token reports, and what is wrong names its field', async () => {
  assert.equal((await post(RECEIPT, { host: 'localhost' })).statusCode, 401);
  assert.equal((await post(RECEIPT, { ...SERVICE, 'guardian-identity': 'cli' })).statusCode, 403);
  const cases: readonly [object, RegExp][] = [
    [{ ...RECEIPT, state: 'seen' }, /state/],
    [{ ...RECEIPT, provider_message_id: 12 }, /provider_message_id/],
    [{ ...RECEIPT, at: 'yesterday' }, /at/],
    [{ ...RECEIPT, to: 'a\nb' }, /to/],
    [{ ...RECEIPT, alerts: [{ fingerprint: 'x', status: 'open', starts_at: '2026-11-22T03:00:00Z' }] }, /status/],
    [{ ...RECEIPT, more: 1 }, /more/],
  ];
  for (const [body, field] of cases) {
    const answer = await post(body);
    assert.equal(answer.statusCode, 422, JSON.stringify(body));
    assert.match(JSON.stringify(answer.json<Problem>()), field);
  }
});
