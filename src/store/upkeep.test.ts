import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Clock } from '../clock.ts';
import type { Database } from './database.ts';
import { openTestDatabase, silentLog } from './test-database.ts';
import { createUpkeep } from './upkeep.ts';

const DAY = 86_400_000;
const NOW = Date.parse('2026-11-22T12:00:00Z');
const OPTIONS = { rawRetentionDays: 30, scoreRetentionDays: 90, countRetentionDays: 800, notificationRetentionDays: 90, pauseMs: 0 };
let database: Database;

before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

const clock: Clock = { now: () => NOW, monotonic: () => performance.now() };
const round = () => createUpkeep({ database, clock, log: silentLog }, OPTIONS).round();
const streamAt = (ms: number) => database.query('update window_closer set max_event_at = $1', [ms]);
const days = async (table: string, column: string): Promise<number[]> => {
  const rows = await database.query<{ at: number }>(`select ${column} as at from ${table} order by 1`);
  return rows.map(({ at }) => Math.round((at - NOW) / DAY));
};

async function addMinute(at: number): Promise<void> {
  await database.query(`insert into minute values ($1, 'observed', 1, 0, 0, false, true, true, $1)`, [at]);
  await database.query(`insert into minute_count values ($1, 'approved', '', '', '', 1, 0, 0)`, [at]);
  await database.query(`insert into minute_score values ('fleet', $1, 0, 1, 1, 0, 2, 0, 0, 0, 'ok')`, [at]);
}

const addAnomaly = (id: string, start: number, end: number | null) =>
  database.query(`insert into anomaly values ($1, 'no_data', $4, 'critical', 'fleet', '', '', '', '', $2, $2, $3, false, 1, '{}')`, [
    id,
    start,
    end,
    end === null ? 'open' : 'resolved',
  ]);
const addAlert = (id: string, start: number, end: number | null) =>
  database.query(`insert into alert values ($1, $2, $4, 'n', 'no_data', 'critical', '', '', '', '', $3, $2, $1, false, $1, 1, '{}')`, [
    id,
    start,
    end,
    end === null ? 'firing' : 'resolved',
  ]);
const addMessage = (id: string, at: number, state: string) =>
  database.query(
    `insert into notification (id, receiver, group_key, status, severity, content_hash, message, tells, state, created_at) values ($1, 'r', $1, 'firing', 'critical', 'h', '{}', '{}', $3, $2)`,
    [id, at, state],
  );
const addGroup = (key: string, at: number, told: object) =>
  database.query(`insert into notify_group values ('r', $1, null, $2, 3, $3::jsonb)`, [key, at, JSON.stringify(told)]);

test('what is past its retention goes, by the time of the stream; what is open, firing or pending stays', async () => {
  for (const age of [1, 89, 91, 799, 801, 1500]) await addMinute(NOW - age * DAY);
  await addAnomaly('old', NOW - 900 * DAY, NOW - 850 * DAY);
  await addAnomaly('long', NOW - 901 * DAY, NOW - 10 * DAY);
  await addAnomaly('open', NOW - 902 * DAY, null);
  await addAlert('old', NOW - 900 * DAY, NOW - 850 * DAY);
  await addAlert('open', NOW - 902 * DAY, null);
  await addMessage('sent', NOW - 91 * DAY, 'delivered');
  await addMessage('lost', NOW - 92 * DAY, 'failed');
  await addMessage('waits', NOW - 93 * DAY, 'pending');
  await addMessage('new', NOW - 2 * DAY, 'dropped');
  await addGroup('over', NOW - 91 * DAY, {});
  await addGroup('told', NOW - 91 * DAY, { f: 'critical' });
  await addGroup('open', NOW - 91 * DAY, {});
  await addGroup('waits', NOW - 91 * DAY, {});
  await addGroup('recent', NOW - 2 * DAY, {});
  await streamAt(NOW);
  await round();
  assert.deepEqual(await days('minute_score', 'minute'), [-89, -1]);
  assert.deepEqual(await days('minute_count', 'minute'), [-799, -91, -89, -1]);
  assert.deepEqual(await days('minute', 'minute'), [-799, -91, -89, -1]);
  assert.deepEqual(await database.query('select id from anomaly order by id'), [{ id: 'long' }, { id: 'open' }]);
  assert.deepEqual(await database.query('select fingerprint from alert'), [{ fingerprint: 'open' }]);
  assert.deepEqual(await database.query('select id from notification order by id'), [{ id: 'new' }, { id: 'waits' }]);
  assert.deepEqual(
    (await database.query<{ group_key: string }>('select group_key from notify_group order by 1')).map((row) => row.group_key),
    ['open', 'recent', 'told', 'waits'],
  );
});

test('what people did about alerts goes once it has been over for long; what is in force stays, however old', async () => {
  const old = NOW - 91 * DAY;
  const by = `'ana', 'Ana', 1`;
  await database.exec(`
    insert into maintenance (id, name, matchers, max_severity, schedule, by_id, by_name, created_at, ended_at) values
      ('mw_over', 'x', '[]', 'critical', '{}', ${by}, ${old}), ('mw_weekly', 'x', '[]', 'critical', '{}', ${by}, null);
    insert into silence (id, matchers, max_severity, starts_at, ends_at, reason, by_id, by_name, created_at, updated_at, maintenance_id, ended_at) values
      ('si_over', '[]', 'critical', 1, 2, 'x', ${by}, 1, 'mw_over', ${old}),
      ('si_recent', '[]', 'critical', 1, 2, 'x', ${by}, 1, 'mw_weekly', ${NOW - DAY}),
      ('si_active', '[]', 'critical', 1, ${NOW + DAY}, 'x', ${by}, 1, null, null);
    insert into silence_hit values ('si_over', 'f', 1, 1), ('si_active', 'f', 1, 1);
    insert into alert_response (kind, anomaly_id, severity, by_id, by_name, at, ended_at) values
      ('snooze', 'an_over', 'critical', ${by}, ${old}), ('snooze', 'an_owned', 'critical', ${by}, null)`);
  await round();
  const ids = async (table: string, column = 'id') =>
    (await database.query(`select ${column} as id from ${table} order by 1`)).map(({ id }) => id);
  assert.deepEqual(await ids('silence'), ['si_active', 'si_recent']);
  assert.deepEqual(await ids('silence_hit', 'silence_id'), ['si_active']);
  assert.deepEqual(await ids('maintenance'), ['mw_weekly']);
  assert.deepEqual(await ids('alert_response', 'anomaly_id'), ['an_owned']);
});

test('a recording of long ago keeps its history, and a time ahead of the wall clock deletes nothing more', async () => {
  await database.exec('delete from minute_count; delete from minute; delete from minute_score');
  const then = NOW - 2000 * DAY;
  for (const age of [1, 100]) await addMinute(then - age * DAY);
  await streamAt(then);
  await round();
  assert.deepEqual(await days('minute_count', 'minute'), [-2100, -2001]);
  assert.deepEqual(await days('minute_score', 'minute'), [-2001]);
  await database.exec('delete from minute_score');
  await addMinute(NOW - 89 * DAY);
  await streamAt(NOW + 5000 * DAY);
  await round();
  assert.deepEqual(await days('minute_score', 'minute'), [-89]);
});

test('many rows go in steps that let others in between', async () => {
  await database.query(
    `insert into transaction_before (id, occurred_at, ingested_at, status, count, source, backfill, content_hash)
     select 'old-' || n, 1, $1::bigint + n, 'approved', 1, 's', false, 'h' from generate_series(1, 30000) as n`,
    [NOW - 40 * DAY],
  );
  let [left, most, asked] = [30_000, 0, 0];
  const deleting = createUpkeep({ database, clock, log: silentLog }, { ...OPTIONS, pauseMs: 1 }).round();
  let done = false;
  void deleting.then(() => (done = true));
  while (!done) {
    const [{ n } = { n: 0 }] = await database.query<{ n: number }>('select count(*)::int as n from transaction');
    [left, most, asked] = [n, Math.max(most, left - n), asked + 1];
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await deleting;
  assert.deepEqual(await database.query('select count(*) as n from transaction'), [{ n: 0 }]);
  assert.ok(asked > 5, `${asked} others came in between`);
  assert.ok(most < 15_000, `${most} of 30,000 rows went while somebody waited`);
});
