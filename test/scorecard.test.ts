import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { findDataFolder } from '../bench/scorecard/data-files.ts';
import type { Figure } from '../bench/scorecard/figure.ts';
import { fallenBelow, readFloors } from '../bench/scorecard/floor.ts';
import { benchmarkFigures, labelledFigures, simulatedFigures } from '../bench/scorecard/quick-figures.ts';
import { needsShared } from './shared-data.ts';

const data = findDataFolder(undefined) ?? '';

/** Every figure has a floor, and holds it. */
function assertHeld(figures: readonly Figure[]): void {
  const floors = readFloors();
  const free = figures.filter(({ id, value }) => !(id in floors) && Number.isFinite(value)).map(({ id }) => id);
  assert.deepEqual(free, [], 'figures without a floor; run: npm run scorecard -- --update-floor');
  assert.deepEqual(fallenBelow(figures, floors), [], 'detection got worse than its committed best in bench/scorecard/floor.json');
}

suite('detection is as good as its committed best', () => {
  test('on the labelled windows', needsShared('data/cloudwalk/labels.json'), async () => assertHeld(await labelledFigures(data)));
  test('on the anomaly benchmark', needsShared('data/nab/combined_windows.json'), async () => assertHeld(await benchmarkFigures(data)));
  test('on a small part of the simulated studies', () => assertHeld(simulatedFigures()));
});
