import assert from 'node:assert/strict';
import { NO_STATE } from '@transaction-guardian/contracts/no-state.ts';
import { after, before, test } from 'node:test';
import type { Anomaly, MinuteScore } from '@transaction-guardian/contracts/anomaly.ts';
import type { Database } from '../database.ts';
import { openTestDatabase } from '../test-database.ts';
import { readSnapshot, saveSnapshot } from './detector/detector-snapshot.ts';
import { countAlerts, listAlerts, readAlert } from './alert/list-alerts.ts';
import { countAnomalies, listAnomalies, readAnomaly } from './anomaly/list-anomalies.ts';
import { listScores } from './detector/list-scores.ts';
import { writeAlerts } from './alert/write-alerts.ts';
import { writeAnomalies } from './anomaly/write-anomalies.ts';
import { readStatsFigures } from './stats-figures.ts';
import { writeScores } from './detector/write-scores.ts';

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

const START = Date.parse('2026-11-22T03:00:00.000Z');
const at = (minutes: number): string => new Date(START + minutes * 60_000).toISOString();

function anomaly(id: string, begins: number, changes: Partial<Anomaly> = {}): Anomaly {
  return {
    id,
    type: 'low_volume',
    status: 'open',
    severity: 'warning',
    node: { kind: 'fleet' },
    slice: { share: 1 },
    started_at: at(begins),
    detected_at: at(begins),
    updated_at: at(begins),
    resolved_at: null,
    duration_minutes: 0,
    minute: at(begins),
    observed: 1,
    expected: 2,
    expected_low: 1,
    expected_high: 3,
    z_score: -4,
    ml_score: 0.9,
    p_value: 1e-5,
    peak: { minute: at(begins), observed: 1, expected: 2, expected_low: 0, expected_high: 4, z_score: -4, ml_score: 0.9, p_value: 1e-9 },
    lost_transactions: 1,
    reasons: [],
    detector_version: '1',
    model_version: '1',
    config_hash: '1',
    backfill: false,
    ...changes,
  };
}

test('anomalies are listed newest first, filtered, and paged without gap or repeat', async () => {
  const made = Array.from({ length: 25 }, (_, index) => anomaly(`an_${String(index).padStart(2, '0')}`, Math.floor(index / 2)));
  const ended = anomaly('an_ended', -60, {
    status: 'resolved',
    resolved_at: at(-30),
    type: 'spike',
    slice: { merchant_id: 'm-1', share: 0.7 },
  });
  await writeAnomalies(
    database,
    [...made, ended].map((item) => ({ v: 1, event: 'opened', sequence: 5, anomaly: item })),
  );

  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await listAnomalies(database, { state: 'open' }, { limit: 10, ...(cursor === undefined ? {} : { cursor }) });
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  assert.deepEqual(seen, made.map(({ id }) => id).reverse());

  assert.deepEqual((await listAnomalies(database, { merchantId: 'm-1' })).items, [ended]);
  assert.equal(await countAnomalies(database, { type: ['spike', 'no_data'] }), 1);
  assert.equal(await countAnomalies(database, { from: START - 29 * 60_000, to: START }), 0);
  assert.equal(await countAnomalies(database, { from: START - 31 * 60_000, to: START }), 1);
  assert.deepEqual(await readAnomaly(database, 'an_ended'), ended);
  assert.equal(await readAnomaly(database, 'an_none'), null);
  await assert.rejects(listAnomalies(database, {}, { cursor: 'nonsense' }), { code: 'INGEST_INVALID' });
});

test('of a period are the anomalies that lasted in it, with their ends, one that has not ended and one of bad times', async () => {
  const ends = { an_ends_first: -900, an_ends_last: -880, an_before: -901, an_backwards: -950 };
  const ended = Object.entries(ends).map(([id, end]) =>
    anomaly(id, id === 'an_ends_last' ? -881 : id === 'an_backwards' ? -890 : -960, {
      status: 'resolved',
      resolved_at: at(end),
      type: 'no_data',
    }),
  );
  const lasting = anomaly('an_lasting', -970, { type: 'no_data' });
  const later = anomaly('an_later', -880, { type: 'no_data' });
  await writeAnomalies(
    database,
    [...ended, lasting, later].map((item) => ({ v: 1, event: 'opened', sequence: 5, anomaly: item })),
  );
  const period = { type: 'no_data', from: START - 900 * 60_000, to: START - 880 * 60_000 } as const;
  const ids = async (range: { readonly from: number; readonly to: number }) =>
    (await listAnomalies(database, { ...period, ...range })).items.map(({ id }) => id);
  assert.deepEqual(await ids(period), ['an_ends_last', 'an_ends_first', 'an_lasting']);
  assert.equal(await countAnomalies(database, period), 3);
  assert.deepEqual(await ids({ from: period.to, to: period.from }), ['an_lasting'], 'a period that ends before it begins');
  const figures = await readStatsFigures(database, { types: ['no_data'], trafficTypes: ['no_data'], from: period.from, to: period.to });
  assert.deepEqual(figures, { recent: 3, open_incidents: 0, open: 2, shown: 0, held: 0, last_incident: START - 880 * 60_000 });
});

test('an older event of an anomaly does not overwrite a newer one', async () => {
  const resolved = anomaly('an_old', -500, { status: 'resolved', resolved_at: at(-490) });
  await writeAnomalies(database, [{ v: 1, event: 'resolved', sequence: 9, anomaly: resolved }]);
  await writeAnomalies(database, [{ v: 1, event: 'opened', sequence: 8, anomaly: anomaly('an_old', -500) }]);
  assert.equal((await readAnomaly(database, 'an_old'))?.status, 'resolved');
});

test('a corrected score replaces the first, and infinities survive as large numbers', async () => {
  const score: MinuteScore = {
    minute: START,
    revision: 1,
    node: 'fleet',
    observed: 5,
    expected: 6,
    low: 2,
    high: 11,
    z_score: -Infinity,
    ml_score: Number.NaN,
    score: 1,
    state: 'anomalous',
  };
  const later: MinuteScore = { ...score, minute: START + 60_000, z_score: 1, ml_score: 0.5, state: 'normal' };
  await writeScores(database, [later, score]);
  await writeScores(database, [{ ...score, revision: 0, observed: 99 }]);
  const scores = await listScores(database, { node: ['fleet'], from: START, to: START + 120_000 });
  assert.deepEqual(scores, [{ ...score, z_score: -1e15, ml_score: 0 }, later]);
  assert.deepEqual(await listScores(database, { node: 'fleet', limit: 1 }), [later]);
});

test('a snapshot comes back byte for byte', async () => {
  const snapshot = {
    nextOffset: 7,
    sequence: 8,
    minute: START,
    detectorVersion: '1',
    configHash: 'c',
    takenAt: START + 5,
    body: new Uint8Array([0, 255, 1, 39]),
  };
  assert.equal(await readSnapshot(database, 'main'), null);
  await saveSnapshot(database, 'main', { ...snapshot, body: new Uint8Array(3), minute: null });
  await saveSnapshot(database, 'main', snapshot);
  const read = await readSnapshot(database, 'main');
  assert.deepEqual(read && { ...read, body: new Uint8Array(read.body) }, snapshot);
  const large = Uint8Array.from({ length: 1_000_000 }, (_, index) => index % 251);
  await saveSnapshot(database, 'main', { ...snapshot, body: large });
  assert.ok(Buffer.from((await readSnapshot(database, 'main'))?.body ?? []).equals(large));
  const [stored] = await database.query<{ bytes: number }>('select length(body) as bytes from detector_snapshot');
  assert.ok((stored?.bytes ?? large.length) < 100_000, 'a large state is packed');
});

test('alerts are listed and counted by severity; a repeat of an older version changes nothing', async () => {
  const alert = {
    fingerprint: 'f1',
    status: 'resolved',
    name: 'GuardianLowVolume',
    type: 'low_volume',
    severity: 'critical',
    summary: 's',
    description: 'd',
    action: 'a',
    runbook: null,
    slice: { merchant_id: 'm-1' },
    labels: {},
    annotations: {},
    starts_at: at(0),
    ends_at: at(5),
    updated_at: at(5),
    anomaly_id: 'an_1',
    backfill: false,
  } as const;
  await writeAlerts(database, [{ alert, translations: { en: { ...alert, summary: 'in English' } }, groupKey: 'g', version: 6 }]);
  await writeAlerts(database, [{ alert: { ...alert, status: 'firing', ends_at: null }, translations: {}, groupKey: 'g', version: 4 }]);
  assert.deepEqual(await readAlert(database, 'f1'), { ...alert, ...NO_STATE });
  assert.equal((await listAlerts(database, {}, {}, 'en')).items[0]?.summary, 'in English');
  assert.equal((await listAlerts(database, {}, {}, 'pt-BR')).items[0]?.summary, 's');
  assert.deepEqual((await listAlerts(database, { merchantId: 'm-1', status: 'resolved' })).items, [{ ...alert, ...NO_STATE }]);
  assert.deepEqual(await countAlerts(database, { status: 'firing' }), { critical: 0, warning: 0, info: 0 });
  assert.deepEqual(await countAlerts(database), { critical: 1, warning: 0, info: 0 });
});
