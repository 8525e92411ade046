import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Problem } from '@transaction-guardian/contracts/problem.ts';
import type { FastifyInstance } from 'fastify';
import { alertFor, anomalyOf } from '../../alert/test-anomaly.ts';
import { createAct } from '../../auth/act.ts';
import { createEscalateNow } from '../../oncall/escalate-now.ts';
import type { Database } from '../../store/database.ts';
import { openTestDatabase } from '../../store/test-database.ts';
import { writeAlerts } from '../../store/verbs/alert/write-alerts.ts';
import { CLI_HEADERS, createTestServer, NOW } from '../server-under-test.ts';
import { registerEscalateRoute } from './escalate.ts';

let database: Database;
let app: FastifyInstance;
const warning = alertFor(anomalyOf());
const info = alertFor(
  anomalyOf({ id: 'an_2', severity: 'info', node: { kind: 'status', status: 'failed' }, slice: { status: 'failed', share: 1 } }),
);

before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

beforeEach(async () => {
  await database.exec('truncate alert, alert_response, notification, escalation, escalation_step');
  await writeAlerts(
    database,
    [warning, info].map((alert) => ({ alert, translations: {}, groupKey: 'g', version: 1 })),
  );
  const clock = { now: () => NOW, monotonic: () => NOW };
  const step = (receiver: string, people: string[]) => ({ after_minutes: 30, receivers: [receiver], schedules: [], people });
  const escalate = createEscalateNow({
    act: createAct({ database, clock }),
    clock,
    options: {
      policies: [{ severities: ['warning'], steps: [step('boss', ['ana']), step('director', [])] }],
      quiet: null,
      onCall: async () => [],
      nameOf: (id) => id.toUpperCase(),
      localeOf: () => 'en',
      externalUrl: '',
      repeatIntervalMs: 3_600_000,
      groupIntervalMs: 60_000,
    },
  });
  ({ app } = await createTestServer({ deps: { routes: [(one) => registerEscalateRoute(one, { escalate })] } }));
});

const post = (id: string, headers: object = CLI_HEADERS) =>
  app.inject({ method: 'POST', url: `/api/v1/alerts/${id}/escalate`, headers: { ...headers } });
const queued = () => database.query('select receiver, status from notification order by created_at, receiver');

test('each call takes the next step, by fingerprint or anomaly, until none is left', async () => {
  const first = await post(warning.fingerprint);
  assert.equal(first.statusCode, 200, first.body);
  assert.deepEqual(first.json(), { step: 1, steps: 2, people: ['ANA'], receivers: ['boss'] });
  assert.deepEqual((await post('an_1')).json(), { step: 2, steps: 2, people: [], receivers: ['director'] });
  assert.deepEqual(await queued(), [
    { receiver: 'boss', status: 'firing' },
    { receiver: 'director', status: 'firing' },
  ]);
  const over = await post('an_1');
  assert.deepEqual([over.statusCode, over.json<Problem>().code], [409, 'ESCALATION_OVER']);
  assert.match(over.json<Problem>().detail ?? '', /2/);
  assert.equal((await queued()).length, 2);
});

test('what cannot be escalated is refused with its reason, and notifies nobody', async () => {
  const none = await post(info.fingerprint);
  assert.deepEqual([none.statusCode, none.json<Problem>().code], [409, 'ESCALATION_NONE']);
  const unknown = await post('ffffffffffffffff');
  assert.deepEqual([unknown.statusCode, unknown.json<Problem>().code], [404, 'HTTP_NOT_FOUND']);
  const ended = { ...warning, status: 'resolved' as const, ends_at: new Date(NOW).toISOString() };
  await writeAlerts(database, [{ alert: ended, translations: {}, groupKey: 'g', version: 2 }]);
  const resolved = await post(warning.fingerprint);
  assert.deepEqual([resolved.statusCode, resolved.json<Problem>().code], [409, 'ALERT_NOT_FIRING']);
  assert.equal((await post(warning.fingerprint, { host: 'localhost' })).statusCode, 401);
  assert.deepEqual(await queued(), []);
});
