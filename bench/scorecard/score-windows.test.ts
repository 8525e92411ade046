import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { median, scoreWindows, type JudgedRow, type LabelledWindow } from './score-windows.ts';

const window = (id: string, start: number, end: number, statuses: readonly string[] = []): LabelledWindow => ({
  id,
  start,
  end,
  required: true,
  statuses,
});
const decided = (...minutes: number[]): JudgedRow[] => minutes.map((minute) => ({ minute, score: 2, decision: 1, status: 'denied' }));

suite('score of labelled windows', () => {
  test('counts hits, their delay and the windows that were missed', () => {
    const score = scoreWindows([window('a', 100, 110), window('b', 200, 210)], decided(103, 104), { minutes: 400 });
    assert.deepEqual([score.required, score.hit, score.medianDelay, score.maxDelay], [2, 1, 3, 3]);
    assert.deepEqual(score.delays, { a: 3, b: null });
  });

  test('merges false minutes to episodes over five minutes, and forgives the minutes around a window', () => {
    const score = scoreWindows([window('a', 100, 110)], decided(10, 15, 21, 99, 111, 125, 126), { minutes: 1000 });
    assert.deepEqual([score.falseEpisodes, score.falseMinutes], [3, 4]);
    assert.equal(score.freeMinutes, 1000 - 27);
  });

  test('finds the threshold without false alarms', () => {
    const rows = [
      { minute: 10, score: 0.7, decision: 0, status: '' },
      { minute: 101, score: 0.9, decision: 0, status: '' },
      { minute: 201, score: 0.6, decision: 1, status: '' },
    ];
    const { zeroFalse } = scoreWindows([window('a', 100, 110), window('b', 200, 210)], rows, { minutes: 400 });
    assert.deepEqual([zeroFalse.hit, zeroFalse.threshold, zeroFalse.delays], [1, 0.7, { a: 1, b: null }]);
  });

  test('a window inside another one needs an alarm of its own status that was not open before', () => {
    const windows = [window('outer', 100, 200), window('inner', 150, 160, ['failed'])];
    const failed = (minute: number): JudgedRow => ({ minute, score: 2, decision: 1, status: 'failed' });
    assert.deepEqual(scoreWindows(windows, [...decided(101), failed(152)], { minutes: 400 }).nested, { inner: 2 });
    assert.deepEqual(scoreWindows(windows, [failed(149), failed(152)], { minutes: 400 }).nested, { inner: null });
    assert.equal(scoreWindows(windows, decided(101), { minutes: 400 }).required, 1);
  });
});

test('the median of an even count is between the middle ones, and null for none', () => {
  assert.deepEqual([median([]), median([3, 1, 2]), median([4, 1])], [null, 2, 2.5]);
});
