import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRandom } from '../../simulate/random.ts';
import { createSeriesDetector, type SeriesVerdict } from './series-detector.ts';

const STEP_MS = 300_000;
const DAY = 288;
const START = Date.UTC(2026, 2, 2);

type Shape = (index: number, noise: number) => number;

/** A day curve around 100 with noise of 2. */
const daily: Shape = (index, noise) => 100 + 30 * Math.sin((2 * Math.PI * index) / DAY) + 2 * noise;

function valuesOf(days: number, shape: Shape, seed = 'series'): number[] {
  const random = createRandom(seed);
  return Array.from({ length: days * DAY }, (_, index) => shape(index, random.normal()));
}

function judgeAll(values: readonly number[], start = START): SeriesVerdict[] {
  const judge = createSeriesDetector();
  return values.map((value, index) => judge(start + index * STEP_MS, value));
}

const at = (verdicts: readonly SeriesVerdict[], index: number): SeriesVerdict => verdicts[index] ?? assert.fail(`no value ${index}`);
const told = (verdicts: readonly SeriesVerdict[], from = 0): number[] =>
  verdicts.flatMap(({ anomalous }, index) => (anomalous && index >= from ? [index] : []));

describe('detector of general series', () => {
  test('clean days stay almost silent', () => {
    for (const seed of ['a', 'b', 'c']) assert.ok(told(judgeAll(valuesOf(10, daily, seed))).length <= 3, seed);
  });

  test('a spike and a dip are reported at once, with the side and what was expected', () => {
    const values = valuesOf(6, daily);
    values[5 * DAY] = 160;
    values[5 * DAY + 150] = 40;
    const verdicts = judgeAll(values);
    assert.ok(at(verdicts, 5 * DAY).anomalous && at(verdicts, 5 * DAY).z > 4);
    assert.ok(at(verdicts, 5 * DAY + 150).anomalous && at(verdicts, 5 * DAY + 150).z < -4);
    assert.ok(Math.abs(at(verdicts, 5 * DAY).expected - 100) < 10);
  });

  test('a rise that comes every day is reported when it stays away, not when it comes', () => {
    const stairs: Shape = (index, noise) => (index % DAY >= 100 && index % DAY < 200 ? 80 : 20) + noise;
    const values = valuesOf(10, stairs);
    for (let index = 9 * DAY + 100; index < 9 * DAY + 200; index++) values[index] = (values[index] ?? 0) - 60;
    const events = told(judgeAll(values), 3 * DAY);
    assert.ok(events.includes(9 * DAY + 100) || events.includes(9 * DAY + 101), `told at ${events.join(', ')}`);
    assert.ok(events.filter((index) => index < 9 * DAY + 100).length <= 2);
  });

  test('a job that runs every day is no news after some days', () => {
    const job: Shape = (index, noise) => daily(index, noise) + (index % DAY === 40 ? 60 : 0);
    assert.ok(told(judgeAll(valuesOf(10, job)), 4 * DAY).every((index) => index % DAY !== 40));
  });

  test('soon after an event, one of its height scores less and a much larger one still scores', () => {
    const [once, again, larger] = [[40], [40, 40], [40, 400]].map((heights) => {
      const values = valuesOf(6, daily);
      heights.forEach((height, n) => (values[5 * DAY + 20 * n] = (values[5 * DAY + 20 * n] ?? 0) + height));
      return judgeAll(values);
    });
    assert.ok(once !== undefined && again !== undefined && larger !== undefined);
    assert.ok(at(again, 5 * DAY + 20).score < 0.8 * at(once, 5 * DAY).score);
    assert.ok(at(larger, 5 * DAY + 20).anomalous);
  });

  test('a fall that takes ten values is reported within eight of them', () => {
    const shape: Shape = (index, noise) => 100 + 2 * noise - Math.max(0, Math.min(10, index - 5 * DAY)) * 9;
    const first = told(judgeAll(valuesOf(6, shape)), 5 * DAY)[0] ?? Number.POSITIVE_INFINITY;
    assert.ok(first <= 5 * DAY + 8, `told at ${first - 5 * DAY}`);
  });

  test('a new level is reported and then taken for normal', () => {
    const values = valuesOf(12, (index, noise) => daily(index, noise) + (index >= 6 * DAY ? 60 : 0));
    const verdicts = judgeAll(values);
    assert.ok(at(verdicts, 6 * DAY).anomalous);
    assert.ok(told(verdicts, 9 * DAY).length <= 3);
  });

  test('units, offsets and whole days do not matter', () => {
    const values = valuesOf(5, daily);
    values[4 * DAY] = 170;
    const scores = (verdicts: readonly SeriesVerdict[]): number[] => verdicts.map(({ score }) => Math.round(score * 100) / 100);
    const plain = scores(judgeAll(values));
    const changed = scores(
      judgeAll(
        values.map((value) => 1000 * value - 7),
        START + 3 * 86_400_000,
      ),
    );
    plain.forEach((score, index) => assert.ok(Math.abs(score - (changed[index] ?? 0)) <= 0.02, `value ${index}`));
  });

  test('the first hour of values is learnt, a flat series is silent, and its first change is reported', () => {
    const verdicts = judgeAll([...Array.from({ length: 500 }, () => 7), 8]);
    assert.deepEqual(told(verdicts), [500]);
    assert.deepEqual([at(verdicts, 59).learning, at(verdicts, 60).learning], [true, false]);
    assert.deepEqual(told(judgeAll([1, 900, 1, 1, 500, 1])), []);
  });

  test('a source that sends its last value again and again is reported, a series that often repeats itself is not', () => {
    const stuck = valuesOf(6, daily);
    stuck.fill(stuck[5 * DAY] ?? 0, 5 * DAY, 5 * DAY + 20);
    const verdicts = judgeAll(stuck).slice(5 * DAY, 5 * DAY + 6);
    assert.ok(verdicts.some(({ anomalous, frozen }) => anomalous && frozen));
    const steps = valuesOf(6, (index, noise) => 10 * Math.round(daily(index, noise) / 10));
    assert.ok(judgeAll(steps).every(({ frozen }) => !frozen));
    assert.deepEqual(told(judgeAll(valuesOf(6, () => 0))), []);
  });

  test('a day with an incident does not echo on the day after, nor a week later', () => {
    const values = valuesOf(16, daily);
    for (let index = 8 * DAY + 50; index < 8 * DAY + 90; index++) values[index] = 10;
    const events = told(judgeAll(values), 8 * DAY);
    assert.ok((events[0] ?? 0) <= 8 * DAY + 51, `told at ${events.join(', ')}`);
    assert.ok(events.filter((index) => index > 8 * DAY + 100).length <= 2, `told at ${events.join(', ')}`);
  });

  test('missing values and gaps are not events and teach nothing', () => {
    const values = valuesOf(6, daily);
    const whole = judgeAll(values);
    const judge = createSeriesDetector();
    const judged = values.map((value, index) => {
      if (index % 50 === 7)
        assert.deepEqual(
          { ...judge(START + index * STEP_MS - 1, Number.NaN), learning: false },
          { score: 0, z: 0, anomalous: false, frozen: false, expected: Number.NaN, learning: false },
        );
      return judge(START + index * STEP_MS, value);
    });
    assert.deepEqual(judged, whole);
    const gapped = createSeriesDetector();
    const events = values.flatMap((value, index) =>
      index >= 4 * DAY && index < 4.5 * DAY ? [] : gapped(START + index * STEP_MS, value).anomalous ? [index] : [],
    );
    assert.ok(events.length <= 3, `told at ${events.join(', ')}`);
  });
});
