import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createDetector, createProbe } from '../engine/create-detector.ts';
import { LEVEL_A, rowOf, SLOW_A, SLOW_B, STRIDE } from '../series/series-store.ts';
import { feed, seeded, usualRates, ZONE } from '../engine/test-traffic.ts';
import { beginDay, noDayVariance, takeDayVariance } from './day-variance.ts';

const WEEKEND = 0.2 ** 2;

/** A stream that was learnt, whose fast level of the fleet is `times` the slow one when a day begins. */
function newDay(times: number) {
  const probe = createProbe({ timeZone: ZONE });
  feed({ ...createDetector({ timeZone: ZONE }), step: probe.step }, seeded(1), 0, 300, () => usualRates());
  const { store } = probe.state;
  for (const row of [rowOf(0, ''), rowOf(0, 'approved')]) {
    const o = row * STRIDE;
    store.values.set([1000 * times, 1000], o + LEVEL_A);
    store.values.set([10_000, 10_000], o + SLOW_A);
  }
  const trend = { day: noDayVariance() };
  beginDay(trend, WEEKEND);
  const certainty = (): number => store.values[SLOW_A] ?? Number.NaN;
  const level = (): number => (store.values[SLOW_A] ?? 0) / (store.values[SLOW_B] ?? 1);
  return { certainty, level, take: (isUnknown: boolean) => takeDayVariance(trend, store, isUnknown) };
}
/** What is left of a certainty of 10,000 counts with all of the doubt about a day on a weekend. */
const DOUBTED = 10_000 / (1 + WEEKEND * 10_000);

suite('the doubt about the level of a new day', () => {
  test('comes with its first minute where the curve is known, also when the day is a fifth above the one before', () => {
    for (const times of [0.8, 1, 1.2, 1.4]) {
      const day = newDay(times);
      day.take(false);
      assert.ok(Math.abs(day.certainty() - DOUBTED) < 1e-6, `${times}: ${day.certainty()}`);
      assert.ok(Math.abs(day.level() - 1) < 1e-9, 'the level itself stays');
      day.take(false);
      assert.ok(Math.abs(day.certainty() - DOUBTED) < 1e-6, 'once');
    }
  });

  test('waits while a promotion of twice the volume lasts', () => {
    const day = newDay(2.2);
    for (let minute = 0; minute < 90; minute++) day.take(false);
    assert.equal(day.certainty(), 10_000);
  });

  test('comes within an hour where the curve is not known, and waits for any burst', () => {
    const burst = newDay(1.2);
    burst.take(true);
    assert.equal(burst.certainty(), 10_000);
    const plain = newDay(1);
    plain.take(true);
    assert.ok(plain.certainty() > 10 * DOUBTED, String(plain.certainty()));
    for (let minute = 1; minute < 60; minute++) plain.take(true);
    assert.ok(Math.abs(plain.certainty() - DOUBTED) < 1e-6);
  });
});
