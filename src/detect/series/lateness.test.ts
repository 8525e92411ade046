import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { createDetector } from '../engine/create-detector.ts';
import { mostOfMinute, noteLateness, watchLateness } from './lateness.ts';
import { createSeriesStore } from './series-store.ts';
import { drawWindow, openings, seeded, usualRates, windowOf, ZONE } from '../engine/test-traffic.ts';

const WINDOW = { timeZone: ZONE };

test('a dip as deep as late rows often make counts little, a deeper one much', () => {
  const store = createSeriesStore();
  for (let n = 0; n < 5000; n++) watchLateness(store, 0, 100);
  const before = mostOfMinute(store, 0, 60, 100);
  for (let n = 0; n < 50; n++) noteLateness(store, 0, 60, 100);
  assert.ok(before > 8, String(before));
  assert.ok(mostOfMinute(store, 0, 60, 100) < 5);
  assert.ok(mostOfMinute(store, 0, 10, 100) > 8);
  assert.ok(mostOfMinute(store, 0, 0, 100) > 8);
});

test('half of the rows late in two minutes of three is no fall once late rows are known, and half gone for long is', () => {
  const detector = createDetector(WINDOW);
  const random = seeded(21);
  let sequence = 0;
  const opened: string[] = [];
  const step = (window: ClosedWindow): void => {
    for (const { anomaly } of openings(detector.step({ ...window, sequence: ++sequence }).events)) opened.push(anomaly.type);
  };
  for (let index = 0; index < 1400; index++) {
    const whole = drawWindow(random, index, usualRates());
    const isLate = index % 40 === 39 || index === 1398;
    if (!isLate) {
      step(whole);
      continue;
    }
    step({ ...whole, cells: whole.cells.map((cell) => ({ ...cell, count: Math.floor(cell.count / 2) })) });
    if (index < 1398) step({ ...whole, revision: 1, late: 50 });
  }
  assert.deepEqual(opened, []);
  for (let index = 1400; index < 1410; index++) step(drawWindow(random, index, usualRates({ all: 0.4 })));
  assert.deepEqual(opened, ['low_volume']);
});

test('an outage of a stream that jumps by a third from minute to minute is seen', () => {
  for (const seed of [1, 2, 3, 4]) {
    const detector = createDetector(WINDOW);
    const random = seeded(seed);
    for (let index = 0; index < 1440; index++) detector.step(drawWindow(random, index, usualRates({}, Math.exp(0.3 * random.normal()))));
    const opened = [0, 1, 2, 3].flatMap((n) => openings(detector.step(windowOf(1440 + n, [], 'zero')).events));
    assert.equal(opened[0]?.anomaly.type, 'zero_transactions', `seed ${seed}`);
  }
});
