import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Transaction } from '@transaction-guardian/contracts/transaction.ts';
import { createDemo, type DemoOptions } from './demo.ts';
import type { SimulatedIncident } from './incidents.ts';

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 10, 20, 2, 13, 30);

/** Plays a demonstration on a clock that only moves when it sleeps. */
async function play(ms: number, options: Partial<DemoOptions> = {}) {
  let elapsed = 0;
  const controller = new AbortController();
  const sent: { readonly at: number; readonly rows: readonly Transaction[]; readonly backfill: boolean }[] = [];
  const live: number[] = [];
  const incidents: { readonly at: number; readonly incident: SimulatedIncident }[] = [];
  const demo = createDemo(
    {
      clock: { now: () => NOW + elapsed, monotonic: () => elapsed },
      signal: controller.signal,
      send: async (rows, { backfill }) => void sent.push({ at: elapsed, rows, backfill }),
      sleep: async (wait) => {
        elapsed += wait;
        if (elapsed >= ms) controller.abort();
      },
      onLive: () => void live.push(elapsed),
      onIncident: (incident) => void incidents.push({ at: elapsed, incident }),
    },
    { seed: 'demo', timeZone: 'America/Sao_Paulo', historyHours: 2, merchants: 4, ...options },
  );
  await demo.fillHistory();
  const history = sent.splice(0);
  await demo.run();
  return { history, sent, incidents, live };
}

const times = (rows: readonly Transaction[]) => rows.map((row) => Date.parse(row.timestamp ?? ''));

test('history is backfill, ends where the traffic starts, and takes no time', async () => {
  const { history, sent } = await play(10_000);
  assert.ok(history.every(({ at, backfill }) => at === 0 && backfill));
  const all = history.flatMap(({ rows }) => times(rows));
  const first = Math.min(...times(sent[0]?.rows ?? []));
  assert.ok(Math.max(...all) < first + MINUTE);
  assert.ok(Math.min(...all) <= first - 119 * MINUTE);
  assert.ok(sent.every(({ backfill }) => !backfill));
});

test('one minute of traffic a second, starting in the busy part of a day', async () => {
  const { sent } = await play(30_000);
  assert.equal(sent.length, 29);
  assert.equal(new Date(Math.max(...times(sent[0]?.rows ?? []))).toISOString().slice(11, 16), '12:00');
});

test('two incidents come in the first minute and a half', async () => {
  const { incidents } = await play(90_000);
  assert.ok((incidents[0]?.at ?? Infinity) <= 20_000, 'the first begins within 20 s');
  assert.ok((incidents[1]?.at ?? Infinity) <= 60_000);
  assert.ok((incidents[1]?.incident.start ?? 0) >= (incidents[0]?.incident.end ?? Infinity));
});

test('event time catches up with the clock, never passes it, and goes on at its pace', async () => {
  const { sent, incidents, live } = await play(60 * MINUTE);
  assert.equal(live.length, 1, 'it says once that it has reached the present');
  const [since = 0] = live;
  const afterwards = sent.filter(({ at }) => at > since);
  assert.ok(afterwards.length <= (60 * MINUTE - since) / MINUTE + 1, 'from there on a minute takes a minute');
  for (const { at, rows } of sent) for (const time of times(rows)) assert.ok(time <= NOW + at, 'an event from the future');
  const late = sent.filter(({ at }) => at > 50 * MINUTE);
  assert.ok(late.length >= 9 && late.length <= 11, `${late.length} minutes in ten`);
  assert.ok(
    incidents.some(({ at }) => at > 40 * MINUTE),
    'something still happens when live',
  );
});

test('where the clock closes minutes, none is missing: the last stretch comes in one piece, as history', async () => {
  const { sent } = await play(20 * MINUTE);
  const minuteCount = (rows: readonly Transaction[]): number => new Set(times(rows).map((time) => Math.floor(time / MINUTE))).size;
  for (const { at, rows } of sent) {
    const behind = (NOW + at - Math.max(...times(rows))) / MINUTE;
    assert.ok(behind > 11 || behind <= 2, `${behind} minutes behind`);
  }
  const longest = sent.filter(({ rows }) => minuteCount(rows) >= 11);
  assert.deepEqual(
    longest.map(({ backfill }) => backfill),
    [true],
  );
  const minutes = new Set(sent.flatMap(({ rows }) => times(rows)).map((time) => Math.floor(time / MINUTE)));
  assert.equal(minutes.size, Math.max(...minutes) - Math.min(...minutes) + 1, 'no minute is left out');
});

test('it stops when it is told to', async () => {
  const { sent } = await play(0);
  assert.equal(sent.length, 0);
});
