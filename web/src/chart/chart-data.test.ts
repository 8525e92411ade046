import { expect, test } from 'vitest';
import { aForecast, aPoint, at, MINUTE_MS, NOW } from '../fixture.ts';
import type { MinutePoint } from '../live/model.ts';
import { layOut, runsOf } from './chart-data.ts';
import { STACK_ORDER } from './status-colour.ts';

const point = (minutes: number, fields: Partial<MinutePoint> = {}): MinutePoint => {
  const { minute, ...rest } = aPoint(minutes);
  return { ...rest, at: Date.parse(minute), ...fields };
};

test('a minute without a point, and a silent one, are holes and not zeros', () => {
  const { columns } = layOut(
    [point(-5), point(-3, { state: 'silent', total: 0, by_status: {} }), point(-2), point(-1, { state: 'zero', total: 0, by_status: {} })],
    60,
  );
  expect(columns.map(({ stack }) => stack === null)).toEqual([false, true, true, false, false]);
  expect(runsOf(columns, ({ stack }) => stack === null)).toEqual([[NOW / 1000 - 240, NOW / 1000 - 120]]);
});

test('the drawn period is always whole and ends after the newest minute', () => {
  const { from, to } = layOut([point(-1)], 180);
  expect(to).toBe(NOW / 1000);
  expect(to - from).toBe(180 * 60);
});

test('statuses are stacked in their order, and what has no status is the rest', () => {
  const { columns } = layOut([point(-1, { total: 110 })], 60);
  const stack = columns[0]?.stack ?? [];
  expect(stack[STACK_ORDER.indexOf('denied')]).toBe(6);
  expect(stack[STACK_ORDER.indexOf('approved')]).toBe(106);
  expect(stack.at(-1)).toBe(110);
});

test('the scale has room above counts and band, but a very wide band does not flatten the counts', () => {
  expect(layOut([point(-1)], 60).yMax).toBe(140);
  expect(layOut([point(-1, { expected_high: 5000 })], 60).yMax).toBe(200);
});

test('no points make an empty chart', () => {
  expect(layOut([], 60).columns).toEqual([]);
});

test('points older than the period are not drawn', () => {
  expect(layOut([point(-500), point(-1)], 60).columns.map(({ x }) => x * 1000)).toEqual([NOW - MINUTE_MS]);
});

test('a forecast goes on behind the newest minute, for a third of the period at most', () => {
  const { ahead, now, from, to } = layOut([point(-1)], 60, undefined, aForecast());
  expect([now, from, to]).toEqual([NOW / 1000, NOW / 1000 - 3600, NOW / 1000 + 1200]);
  expect(ahead).toHaveLength(20);
  expect(layOut([point(-1)], 1440, undefined, aForecast()).ahead).toHaveLength(60);
});

test('a drift that is warned of is marked where it will cross, as far as the forecast is drawn', () => {
  const drift = { anomaly_id: 'an_1', node: 'status:denied', confirmed: 99, measured: 103 };
  const drifts = [12, 45].map((minute) => ({ ...drift, crosses_at: at(minute) }));
  expect(layOut([point(-1)], 60, undefined, aForecast({ drifts })).crossings).toEqual([Date.parse(at(12)) / 1000]);
  expect(layOut([point(200)], 60, undefined, aForecast({ drifts })).crossings).toEqual([]);
});

test('an older forecast begins at the newest minute, and one of another time is left out', () => {
  expect(layOut([point(9)], 180, undefined, aForecast()).ahead[0]?.x).toBe(Date.parse(at(10)) / 1000);
  expect(layOut([point(200)], 180, undefined, aForecast()).ahead).toEqual([]);
  expect(layOut([point(-30)], 180, undefined, aForecast()).ahead).toEqual([]);
});
