import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDetector } from '../engine/create-detector.ts';
import type { Detector } from '../engine/detector.ts';
import { drawWindow, MINUTE, seeded, START, usualRates, ZONE, type Rate } from '../engine/test-traffic.ts';

/** Volume of a minute of the day: a hill at noon, five times the night. */
const hill = (index: number): number => 0.6 + 0.4 * Math.sin(((index / 1440) * 2 - 0.5) * Math.PI);

function learn(minutes: number, rates: (index: number) => readonly Rate[]): Detector {
  const detector = createDetector({ timeZone: ZONE });
  const random = seeded(7);
  for (let index = 0; index < minutes; index++) detector.step(drawWindow(random, index, rates(index)));
  return detector;
}

const fleet = (minutes: number, step: number) => ({ node: 'fleet', slice: {}, minutes, step });

test('the forecast follows the daily curve once it has seen some days', () => {
  const detector = learn(3 * 1440 + 360, (index) => usualRates({}, 4 * hill(index)));
  const forecast = detector.forecast(fleet(360, 60));
  assert.equal(forecast?.learning, false);
  assert.equal(forecast?.from, new Date(START + (3 * 1440 + 360) * MINUTE).toISOString());
  assert.equal(forecast?.items.length, 6);
  for (const [hour, item] of (forecast?.items ?? []).entries()) {
    const truth = Array.from({ length: 60 }, (_, minute) => 400 * hill(360 + hour * 60 + minute)).reduce((sum, one) => sum + one, 0);
    assert.ok(Math.abs(item.expected / truth - 1) < 0.1, `hour ${hour}: ${item.expected} of ${truth}`);
    assert.ok(item.low99 < item.low80 && item.low80 < truth && truth < item.high80 && item.high80 < item.high99);
  }
});

test('the band grows with the horizon, and with what is not known it is wide and says so', () => {
  const detector = learn(200, () => usualRates());
  const forecast = detector.forecast(fleet(300, 60));
  assert.equal(forecast?.learning, true);
  const widths = forecast?.items.map((item) => (item.high80 - item.low80) / item.expected) ?? [];
  for (let k = 1; k < widths.length; k++) assert.ok((widths[k] ?? 0) > (widths[k - 1] ?? 0));
});

test('an adverse status is forecast as a rate of the healthy volume ahead', () => {
  const detector = learn(3 * 1440 + 360, (index) => usualRates({}, 4 * hill(index)));
  const [denied] = detector.forecast({ node: 'status:denied', slice: { status: 'denied' }, minutes: 360, step: 60 })?.items.slice(-1) ?? [];
  const truth = 24 * 60 * hill(360 + 330);
  assert.ok(denied !== undefined && Math.abs(denied.expected / truth - 1) < 0.15, `${denied?.expected} of ${truth}`);
});

test('a merchant keeps the shape of its own day', () => {
  const night = (index: number): number => 1.2 - hill(index);
  const rates = (index: number): Rate[] => [
    ...usualRates({}, 4 * hill(index)).map((rate) => ({ ...rate, merchant_id: 'day' })),
    ...usualRates({}, 0.5 * night(index)).map((rate) => ({ ...rate, merchant_id: 'night' })),
  ];
  const detector = learn(4 * 1440 + 360, rates);
  const ahead = detector.forecast({ node: 'merchant:night', slice: { merchant_id: 'night' }, minutes: 360, step: 60 })?.items.at(-1);
  const truth = 50 * 60 * night(360 + 330);
  assert.ok(ahead !== undefined && Math.abs(ahead.expected / truth - 1) < 0.2, `${ahead?.expected} of ${truth}`);
});

test('nothing is forecast of a node that was never counted, and no steps while nothing was counted', () => {
  const detector = createDetector({ timeZone: ZONE });
  assert.deepEqual(detector.forecast(fleet(60, 1))?.items, []);
  const taught = learn(30, () => usualRates());
  assert.equal(taught.forecast({ node: 'merchant:m-1', slice: { merchant_id: 'm-1' }, minutes: 5, step: 1 }), null);
});

test('a forecast changes nothing, and is the same from a restored detector', () => {
  const detector = learn(1500, () => usualRates());
  const before = detector.snapshot();
  const forecast = detector.forecast(fleet(1440, 15));
  assert.deepEqual(detector.snapshot(), before);
  assert.deepEqual(createDetector({ timeZone: ZONE }, before).forecast(fleet(1440, 15)), forecast);
});
