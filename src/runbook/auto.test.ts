import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { alertFor, anomalyOf } from '../alert/test-anomaly.ts';
import type { Alert } from '@transaction-guardian/contracts/alert.ts';
import { systemClock } from '../clock.ts';
import type { Database } from '../store/database.ts';
import { openTestDatabase, silentLog } from '../store/test-database.ts';
import { listAlerts } from '../store/verbs/alert/list-alerts.ts';
import { writeAlerts } from '../store/verbs/alert/write-alerts.ts';
import { startByAlert } from './start-by-alert.ts';
import { catalogueOf, runbookText, script, startTestServer } from './test-runbooks.ts';
import { until } from '../test-until.ts';

let database: Database;
before(async () => void (database = await openTestDatabase()));
after(() => database.close());

const clock = { ...systemClock, at: Date.parse('2026-03-01T03:00:00Z'), now: () => clock.at };
const CATALOGUE = catalogueOf({
  fix: runbookText('fix', script('console.log(1)'), 'confirm: none\nauto: { alerts: [no_data], per_day: 2 }'),
  other: runbookText('other', script('1'), 'confirm: none\nauto: { alerts: [spike], per_day: 2 }'),
  hand: runbookText('hand', script('1'), 'confirm: none\nalerts: [no_data]'),
});

const alertNow = (id: string, merchant: string): Alert =>
  alertFor(
    anomalyOf({
      ...{ id, type: 'no_data', severity: 'critical', node: { kind: 'merchant', merchant_id: merchant }, slice: { share: 0 } },
      ...{ started_at: new Date(clock.at - 60_000).toISOString(), reasons: [] },
    }),
  );
const fire = (alert: Alert) => writeAlerts(database, [{ alert, translations: {}, groupKey: 'g', version: 1 }]);
const runs = () =>
  database.query<{ runbook: string; state: string; alert: string }>(
    `select runbook, state, record ->> 'alert' as alert from runbook_run order by started_at, id`,
  );

/** A server that looks for alerts until a condition holds. */
async function serve(enough: () => Promise<boolean>): Promise<void> {
  const server = startTestServer(database, CATALOGUE, { clock });
  const firing = async () => (await listAlerts(database, { status: 'firing' }, { limit: 1000 })).items;
  const stop = startByAlert({ catalogue: CATALOGUE, service: server.service, firing, clock, log: silentLog, everyMs: 5 });
  await until(enough, 'the server to see the alerts');
  await stop();
  await server.runs.stop();
}
const ended = async (n: number): Promise<boolean> => (await runs()).filter(({ state }) => state === 'done').length === n;
const refusals = async (n: number): Promise<boolean> =>
  (await database.query(`select 1 from audit where entry ->> 'verb' = 'runbook.run' and entry ->> 'result' = 'refused'`)).length === n;

test('an alert runs the runbook whose file says so, once, within the limit of a day, over restarts', async () => {
  const [first, second, third] = ['m-1', 'm-2', 'm-3'].map((merchant, n) => alertNow(`an_${n}`, merchant));
  assert.ok(first && second && third);
  await fire(first);
  await serve(() => ended(1));
  assert.deepEqual(await runs(), [{ runbook: 'fix', state: 'done', alert: first.fingerprint }], 'none that only suggests itself');
  await fire(second);
  await serve(() => ended(2));
  // The third of the day is refused, and says so in the audit; the first two are not run again by the next process.
  await fire(third);
  await serve(() => refusals(1));
  assert.equal((await runs()).length, 2);
  const [row] = await database.query(
    `select entry -> 'actor' ->> 'kind' as kind, entry -> 'after' ->> 'refused' as why from audit order by number desc limit 1`,
  );
  assert.deepEqual(row, { kind: 'system', why: 'per_day' });
  clock.at += 25 * 3_600_000;
  const later = alertNow('an_9', 'm-9');
  await fire(later);
  await serve(() => ended(3));
  assert.equal((await runs()).at(-1)?.alert, later.fingerprint, 'another day');
});
