import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryWatch } from './memory-watch.ts';

const HOUR = 3_600_000;
const LOOK = 10_000;

/** Looks every ten seconds for so long; the times, in ms, at which the engine is opened again. */
function watch(forMs: number, at: (now: number) => { readonly bytes: number; readonly busyShare: number }): number[] {
  const isTime = createMemoryWatch(100);
  const times: number[] = [];
  for (let now = 0; now <= forMs; now += LOOK) if (isTime({ ...at(now), now })) times.push(now);
  return times;
}

test('an engine below the limit stays', () => {
  assert.deepEqual(
    watch(48 * HOUR, () => ({ bytes: 100, busyShare: 0 })),
    [],
  );
});

test('above the limit it is opened again in the first quiet minute', () => {
  const busyUntil = 20 * 60_000;
  const [first] = watch(HOUR, (now) => ({ bytes: 101, busyShare: now < busyUntil ? 0.9 : 0.1 }));
  assert.equal(first, busyUntil + 5 * LOOK);
});

test('a single quiet look is no quiet minute', () => {
  const [first] = watch(2 * HOUR, (now) => ({ bytes: 101, busyShare: (now / LOOK) % 6 === 0 ? 0.9 : 0 }));
  assert.equal(first, HOUR);
});

test('one that is never quiet is opened again after an hour above the limit', () => {
  const [first] = watch(2 * HOUR, () => ({ bytes: 101, busyShare: 1 }));
  assert.equal(first, HOUR);
});

test('one that needs more than the limit is left alone for longer and longer, for a day at most', () => {
  const times = watch(240 * HOUR, () => ({ bytes: 101, busyShare: 0 }));
  const gaps = times.slice(1).map((time, index) => Math.round((time - (times[index] ?? 0)) / HOUR));
  assert.deepEqual(gaps.slice(0, 7), [1, 2, 4, 8, 16, 24, 24]);
});

test('after a day below the limit the next abuse is answered at once', () => {
  const late = 60 * HOUR;
  const times = watch(70 * HOUR, (now) => ({ bytes: now < 10 * HOUR || now >= late ? 101 : 50, busyShare: 0 }));
  assert.equal(
    times.find((time) => time >= late),
    late + 5 * LOOK,
  );
});
