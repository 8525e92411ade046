import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { MINUTE_MS } from '../clock.ts';
import type { Database } from '../store/database.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { saveSnapshot } from '../store/verbs/detector/detector-snapshot.ts';
import { createAnalyzer, type Analyzer } from './analyzer.ts';
import { createDetector } from '../detect/engine/create-detector.ts';
import type { AnalyzedTransaction } from './request-windows.ts';
import { TEST_START, windowOf } from '../detect/engine/test-detector.ts';

const HISTORY = 240;
const NEXT = TEST_START + HISTORY * MINUTE_MS;
const create = (snapshot: Uint8Array | null) => createDetector({ timeZone: 'America/Sao_Paulo' }, snapshot);

/** A minute of a steady fleet: about 120 approved, 6 denied, 1 reversed. */
function steady(index: number): ClosedWindow {
  const cell = (status: 'approved' | 'denied' | 'reversed', count: number) => ({
    status,
    auth_code: '',
    merchant_id: '',
    acquirer: '',
    count,
    amount: 0,
  });
  return windowOf(index, 1, {
    cells: [cell('approved', 115 + ((index * 7) % 11)), cell('denied', 5 + (index % 3)), cell('reversed', index % 3 === 0 ? 1 : 0)],
  });
}

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

function analyzer(now = NEXT): Analyzer {
  const options = { timeZone: 'America/Sao_Paulo', detectorVersion: '1', modelVersion: 'm', configHash: 'c' };
  return createAnalyzer({ database, createDetector: create, clock: { now: () => now, monotonic: () => now } }, options);
}

async function withHistory(): Promise<void> {
  const detector = create(null);
  for (let index = 0; index < HISTORY; index += 1) detector.step(steady(index));
  await saveSnapshot(database, 'main', {
    nextOffset: HISTORY,
    sequence: detector.lastSequence,
    minute: detector.lastMinute,
    detectorVersion: '1',
    configHash: 'c',
    takenAt: 1,
    body: detector.snapshot(),
  });
}

function row(
  minute: number | null,
  status: AnalyzedTransaction['status'],
  count: number,
  changes: Partial<AnalyzedTransaction> = {},
): AnalyzedTransaction {
  return { occurred_at: minute === null ? null : NEXT + minute * MINUTE_MS, status, count, ...changes };
}

test('an incident that is over is measured by its worst minute', async () => {
  await database.exec('truncate detector_snapshot');
  const rows = Array.from({ length: 90 }, (_, index) => [
    row(index, 'approved', 118 + (index % 5)),
    row(index, 'denied', index >= 60 && index < 70 ? 60 : 5 + (index % 3)),
  ]).flat();
  const judged = await analyzer()(rows, 'en');
  assert.equal(judged.alert, true);
  assert.equal(judged.observed, 60);
  assert.ok(judged.observed > judged.expected_high && judged.z_score > 5, JSON.stringify(judged));
});

test('without history a request is judged against its own earlier minutes', async () => {
  await database.exec('truncate detector_snapshot');
  const calm = Array.from({ length: 60 }, (_, index) => [
    row(index, 'approved', 118 + (index % 5)),
    row(index, 'denied', 5 + (index % 3)),
  ]).flat();
  const judged = await analyzer()(
    [...calm, row(60, 'approved', 110), row(60, 'denied', 60), row(61, 'approved', 112), row(61, 'denied', 55)],
    'pt-BR',
  );
  assert.deepEqual([judged.basis, judged.recommendation, judged.minutes], ['request', 'alert', 62]);
  assert.ok(judged.z_score > 4);
  assert.notEqual(judged.level, 'none');
  assert.ok(judged.text.length > 0);
  const few = await analyzer()([row(0, 'approved', 3)], 'en');
  assert.deepEqual([few.alert, few.learning], [false, true]);
});

test('with history a normal minute is no alert, and a burst of denials is one', async () => {
  await withHistory();
  const normal = await analyzer()([row(0, 'approved', 119), row(0, 'denied', 6)], 'en');
  assert.deepEqual([normal.basis, normal.recommendation, normal.level], ['history', 'none', 'none']);
  const burst = await analyzer()([row(0, 'approved', 100), row(0, 'denied', 60)], 'en');
  assert.deepEqual([burst.recommendation, burst.learning], ['alert', false]);
  assert.ok(burst.findings.some((finding) => finding.type === 'denials_above_normal'));
  assert.ok(burst.text.every((sentence) => !sentence.includes('{')));
});

test('what a request does not mention is unknown, not zero', async () => {
  await withHistory();
  const denied = await analyzer()([row(0, 'denied', 60)], 'en');
  assert.equal(denied.recommendation, 'alert');
  assert.ok(denied.findings.some((finding) => finding.type === 'denials_above_normal'));
  const fine = await analyzer()([row(0, 'denied', 6)], 'en');
  assert.equal(fine.recommendation, 'none');
  const single = await analyzer()([row(null, 'approved', 1, { merchant_id: 'm-1' })], 'en');
  assert.equal(single.recommendation, 'none');
  const merchant = await analyzer()([row(0, 'approved', 9, { merchant_id: 'm-1' })], 'en');
  assert.equal(merchant.recommendation, 'none');
});

test('minutes without a transaction are an alert when the request says so', async () => {
  await withHistory();
  const outage = await analyzer()([row(0, 'approved', 0), row(1, 'approved', 0), row(2, 'approved', 0)], 'en');
  assert.equal(outage.recommendation, 'alert');
  assert.equal(outage.level, 'critical');
});

test('nothing of a request is kept: the same question has the same answer', async () => {
  await withHistory();
  const ask = analyzer();
  const question = [row(0, 'approved', 100), row(0, 'denied', 60)];
  assert.deepEqual(await ask(question, 'en'), await ask(question, 'en'));
});

test('minutes that history already holds are judged within the request', async () => {
  await withHistory();
  const past = await analyzer()([row(-10, 'approved', 0)], 'en');
  assert.deepEqual([past.basis, past.learning, past.alert], ['request', true, false]);
});

test('without a finding there is no reason, or the one that there is too little history', async () => {
  await database.exec('truncate detector_snapshot');
  const first = await analyzer()([row(0, 'approved', 82), row(0, 'denied', 33)], 'pt-BR');
  assert.deepEqual([first.alert, first.learning], [false, true]);
  assert.deepEqual(first.text, ['ainda aprendendo: há pouco histórico para avaliar; envie também os minutos anteriores']);
  await withHistory();
  const calm = await analyzer()([row(0, 'approved', 119), row(0, 'denied', 6)], 'en');
  assert.deepEqual([calm.alert, calm.reasons, calm.text], [false, [], []]);
});

test('twenty quiet minutes are enough to tell a bad one', async () => {
  await database.exec('truncate detector_snapshot');
  const quiet = Array.from({ length: 20 }, (_, index) => [
    row(index, 'approved', 110 + (index % 5)),
    row(index, 'denied', 5 + (index % 3)),
  ]);
  const judged = await analyzer()([...quiet.flat(), row(20, 'approved', 82), row(20, 'denied', 33)], 'en');
  assert.equal(judged.recommendation, 'alert');
  assert.match(judged.text.join(' '), /denied/i);
});
