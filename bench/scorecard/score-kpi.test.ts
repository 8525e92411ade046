import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { alignToTimes, scoreKpi, type KpiSeries } from './score-kpi.ts';

/** A series of 200 points, of which the second half is the test: labels at `bad`, scores by index, decided above 0.5. */
function seriesOf(bad: readonly (readonly [number, number])[], scores: Readonly<Record<number, number>>): KpiSeries {
  const labels = new Uint8Array(200);
  for (const [start, end] of bad) labels.fill(1, start, end);
  const values = Float64Array.from({ length: 200 }, (_, index) => scores[index] ?? 0);
  const times = Array.from({ length: 200 }, (_, index) => index * 864);
  return { name: 's', times, labels, split: 100, scores: values, decisions: Uint8Array.from(values, (score) => (score > 0.5 ? 1 : 0)) };
}

suite('delay-7 score of series', () => {
  test('a segment counts whole when it is found within eight points, and not at all later', () => {
    assert.equal(scoreKpi([seriesOf([[150, 170]], { 157: 1 })]).oracleGlobal, 1);
    const late = scoreKpi([seriesOf([[150, 170]], { 158: 1 })]);
    assert.deepEqual([late.decision?.recall, late.decision?.segmentRecall, late.decision?.medianDelay], [0, 0, 8]);
  });

  test('every false point costs', () => {
    const { oracleGlobal, decision } = scoreKpi([seriesOf([[150, 160]], { 151: 0.9, 120: 0.95, 121: 0.95 })]);
    assert.equal(oracleGlobal, 20 / 22);
    assert.deepEqual([decision?.precision, decision?.recall], [10 / 12, 1]);
  });

  test('the threshold of the first half decides about the second', () => {
    const { trainedThreshold, trainedGlobal } = scoreKpi([
      seriesOf(
        [
          [50, 60],
          [150, 160],
        ],
        { 50: 0.4, 150: 0.3, 120: 0.45 },
      ),
    ]);
    assert.deepEqual([trainedThreshold, trainedGlobal], [0.4, 0]);
  });

  test('false events merge over ten points and are forgiven near a segment', () => {
    const { decision } = scoreKpi([seriesOf([[150, 160]], { 110: 1, 118: 1, 130: 1, 141: 1, 165: 1 })]);
    assert.equal(Math.round(((decision?.falseEventsPerSeriesDay ?? 0) * 99 * 864) / 86_400), 2);
  });
});

test('rows are aligned by time; of equal times the last score goes to the first row', () => {
  const { scores, decisions } = alignToTimes(
    [10, 20, 20, 30],
    [20, 10, 20].map((time, index) => ({ time, score: index + 1, decision: index })),
  );
  assert.deepEqual([...scores], [2, 3, 0, 0]);
  assert.deepEqual([...decisions], [1, 2, 0, 0]);
});
