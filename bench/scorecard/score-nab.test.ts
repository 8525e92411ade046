import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { scoreNab, type NabFile } from './score-nab.ts';

/** A file of 200 rows with one window at rows 100 to 120; the rows of `flags` score 1 and are decided. */
function fileOf(flags: readonly number[], windows: NabFile['windows'] = [[100, 120]]): NabFile {
  const values = Array.from({ length: 200 }, (_, row) => (flags.includes(row) ? 1 : 0));
  return { name: 'f', times: values.map((_, row) => row), windows, scores: values, decisions: values };
}

suite('score of the anomaly benchmark', () => {
  test('a detection at the start of a window is worth everything, silence nothing', () => {
    assert.equal(Math.round(scoreNab([fileOf([100])]).fixed?.standard ?? 0), 100);
    assert.equal(scoreNab([fileOf([])]).fixed?.standard, 0);
  });

  test('a late detection is worth less', () => {
    const late = scoreNab([fileOf([119])]).fixed?.standard ?? 0;
    assert.ok(late > 50 && late < 75, String(late));
  });

  test('a false alarm costs by its profile; more when far from the window', () => {
    const far = scoreNab([fileOf([100, 60])]).fixed;
    assert.equal(Math.round((far?.standard ?? 0) * 10) / 10, 94.5);
    assert.equal(Math.round((far?.lowFalsePositive ?? 0) * 10) / 10, 89);
    const near = scoreNab([fileOf([100, 122])]).fixed;
    assert.ok((near?.standard ?? 0) > (far?.standard ?? 0));
    assert.deepEqual([far?.windowsHit, far?.falsePoints], [1, 1]);
  });

  test('the first part of a file is for learning', () =>
    assert.equal(Math.round(scoreNab([fileOf([5, 29, 100])]).fixed?.standard ?? 0), 100));

  test('the sweep may stay silent', () => {
    const { swept, windowsHit } = scoreNab([fileOf(Array.from({ length: 200 }, (_, row) => row))]);
    assert.deepEqual([swept.standard, windowsHit], [0, 0]);
  });

  test('a window that is not in the file is refused', () =>
    assert.throws(() => scoreNab([fileOf([], [[500, 510]])]), /does not start and end/));
});
