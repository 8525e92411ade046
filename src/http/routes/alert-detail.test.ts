import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { AlertDetail } from '@transaction-guardian/contracts/alert-detail.ts';
import type { Anomaly, AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import type { FastifyInstance } from 'fastify';
import { alertFor, anomalyOf } from '../../alert/test-anomaly.ts';
import type { ReadSide } from '../../read/read-side.ts';
import type { Database } from '../../store/database.ts';
import { openTestDatabase } from '../../store/test-database.ts';
import { writeAlerts } from '../../store/verbs/alert/write-alerts.ts';
import { writeAnomalies } from '../../store/verbs/anomaly/write-anomalies.ts';
import { createRequestLanguage } from '../request-language.ts';
import { createTestServer, NOW } from '../server-under-test.ts';
import { registerAlertDetailRoute } from './alert-detail.ts';

const MINUTE_MS = 60_000;
const anomaly = anomalyOf();
const alert = alertFor(anomaly);
const opened = (one: Anomaly, sequence: number): AnomalyEvent => ({ v: 1, event: 'opened', sequence, anomaly: one });
const began = Date.parse(alert.starts_at);

let database: Database;
let app: FastifyInstance;

before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

beforeEach(async () => {
  await database.exec(
    'truncate anomaly, alert, alert_response, silence, silence_hit, notification, escalation, escalation_step, feedback, incident, incident_alert, incident_entry',
  );
  const old = anomalyOf({ id: 'an_old', started_at: new Date(began - 86_400_000).toISOString() });
  await writeAnomalies(database, [opened(anomaly, 1), opened(old, 2)]);
  await writeAlerts(database, [
    { alert, translations: { en: { ...alert, summary: 'in English' } }, groupKey: 'g', version: 1 },
    { alert: { ...alertFor(old), status: 'resolved', ends_at: old.updated_at }, translations: {}, groupKey: 'g', version: 1 },
  ]);
  const deps = {
    readSide: { database, timeZone: 'America/Sao_Paulo' } as ReadSide,
    language: createRequestLanguage('pt-BR'),
    clock: { now: () => NOW, monotonic: () => NOW },
    directory: { byId: (id: string) => (id === 'dora' ? { id, name: 'Dora', roles: [], identities: [] } : null) },
  };
  ({ app } = await createTestServer({ deps: { routes: [(one) => registerAlertDetailRoute(one, deps)] } }));
});

const read = async (id: string, language = 'en'): Promise<AlertDetail> => {
  const answer = await app.inject({ url: `/api/v1/alerts/${id}`, headers: { 'accept-language': language } });
  assert.equal(answer.statusCode, 200, answer.body);
  return answer.json();
};

/** Stores what happened to the alert, minute by minute after it was seen. */
async function live(): Promise<void> {
  const at = (minutes: number): number => NOW - 60 * MINUTE_MS + minutes * MINUTE_MS;
  await database.query(
    `insert into incident_alert (fingerprint, starts_at, group_key, anomaly_id, seen_at, status) values ($1, $2, 'g', $3, $4, 'firing')`,
    [alert.fingerprint, began, anomaly.id, at(0)],
  );
  const message = (starts: string) => JSON.stringify({ firing: [{ fingerprint: alert.fingerprint, starts_at: starts }], resolved: [] });
  const send = (id: string, receiver: string, starts: string, state: string, delivered: number | null) =>
    database.query(
      `insert into notification (id, receiver, group_key, status, severity, content_hash, message, tells, state, attempts, created_at, delivered_at, last_error)
       values ($1, $2, $1, 'firing', 'critical', 'h', $3, '{}', $4, 1, $5, $6, $7)`,
      [id, receiver, message(starts), state, at(1), delivered, state === 'pending' ? 'connect ECONNREFUSED' : null],
    );
  await send('n1', 'phone', alert.starts_at, 'delivered', at(1));
  await send('n2', 'boss', alert.starts_at, 'pending', null);
  await send('n3', 'phone', new Date(began - 86_400_000).toISOString(), 'delivered', at(1));
  await database.query(
    `insert into alert_response (kind, anomaly_id, severity, by_id, by_name, comment, at, until, ended_at, ended_how)
     values ('acknowledge', $1, 'critical', 'ana', 'Ana', 'vendo', $2, $3, $3, 'timeout'), ('acknowledge', 'an_old', 'critical', 'bia', 'Bia', null, 1, null, 2, 'resolved')`,
    [anomaly.id, at(2), at(32)],
  );
  await database.query(`insert into escalation (anomaly_id, severity, began_at) values ($1, 'critical', $2)`, [anomaly.id, at(0)]);
  await database.query(
    `insert into escalation_step (anomaly_id, severity, step, at, people, receivers) values ($1, 'critical', 0, $2, '["dora","gone"]', '["boss"]')`,
    [anomaly.id, at(40)],
  );
  await database.query(
    `insert into silence (id, matchers, max_severity, starts_at, ends_at, reason, by_id, by_name, created_at, updated_at)
     values ('si_1', '[]', 'critical', $1, $2, 'migração', 'ana', 'Ana', $1, $1)`,
    [at(45), at(90)],
  );
  await database.query('insert into silence_hit values ($1, $2, $3, $4)', ['si_1', alert.fingerprint, began, at(45)]);
}

test('the timeline tells what was done and who was notified, in order, of this alert alone', async () => {
  await live();
  const { timeline, deliveries } = await read(anomaly.id);
  assert.deepEqual(
    timeline.map(({ kind, by, detail, people, receivers }) => [kind, by, detail, [...people, ...receivers].join()]),
    [
      ['began', null, null, ''],
      ['fired', null, null, ''],
      ['delivered', null, 'firing', 'phone'],
      ['acknowledged', 'Ana', 'vendo', ''],
      ['acknowledge_ended', null, 'timeout', ''],
      ['escalated', null, null, 'Dora,gone,boss'],
      ['silenced', 'Ana', 'migração', ''],
    ],
  );
  assert.deepEqual(
    deliveries.map(({ receiver, state, error }) => [receiver, state, error]),
    [
      ['phone', 'delivered', null],
      ['boss', 'pending', 'connect ECONNREFUSED'],
    ],
  );
});

test('an alert is found by its anomaly and by its fingerprint, in the language of the reader, with its anomaly', async () => {
  const { alert: shown, anomaly: why, incident } = await read(alert.fingerprint);
  assert.deepEqual([shown.summary, shown.anomaly_id, why?.id, incident], ['in English', anomaly.id, anomaly.id, null]);
  assert.equal((await read(anomaly.id, 'pt-BR')).alert.summary, alert.summary);
  assert.equal((await app.inject('/api/v1/alerts/none')).statusCode, 404);
});

test('what was like it before comes with who took it and what helped', async () => {
  await live();
  const { similar } = await read(anomaly.id);
  assert.deepEqual(
    similar.map(({ anomaly_id: id, acknowledged_by: by, useful, runs }) => [id, by, useful, runs]),
    [['an_old', 'Bia', 0, []]],
  );
  assert.deepEqual((await read('an_old')).similar, []);
});

test('an alert that ended has its end as the last line, and an anomaly past its retention is null', async () => {
  await live();
  await database.query(`delete from anomaly where id = 'an_old'`);
  const { anomaly: gone, timeline } = await read('an_old');
  assert.equal(gone, null);
  assert.deepEqual([timeline[0]?.kind, timeline.at(-1)?.kind], ['began', 'resolved']);
});
