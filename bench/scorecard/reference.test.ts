import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { findDataFolder } from './data-files.ts';
import { findReference, referenceKpi, referenceNab, referenceWindows, type ReferenceDetector } from './reference.ts';
import { runCloudwalk } from './run-cloudwalk.ts';
import { runKpi } from './run-kpi.ts';
import { runNab } from './run-nab.ts';

const data = findDataFolder(undefined) ?? '';
const reference = findReference(data === '' ? null : data);

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'guardian-score-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Equal to the digits that the reference prints. */
function assertNear(actual: Readonly<Record<string, unknown>>, expected: Readonly<Record<string, unknown>>, digits: number): void {
  for (const [key, value] of Object.entries(actual)) {
    const wanted = expected[key];
    if (typeof value !== 'number' || typeof wanted !== 'number') assert.deepEqual(value, wanted, key);
    else assert.ok(Math.abs(value - wanted) <= 0.51 * 10 ** -digits, `${key}: ${value} here, ${wanted} by the reference`);
  }
}

suite('scorers agree with the reference', { skip: typeof reference === 'string' ? reference : false }, () => {
  const scorers = reference as ReferenceDetector;

  test('labelled windows', async () => {
    const run = await runCloudwalk(join(data, 'cloudwalk'));
    const theirs = inFolder((folder) => referenceWindows(scorers, run, folder));
    const { score } = run;
    const { transactions } = theirs['detail'] as { transactions: Record<string, unknown> };
    assert.deepEqual(score.delays, transactions['delays']);
    assert.deepEqual(score.zeroFalse.delays, transactions['zero_fa_delays']);
    const ours = {
      ...{ required: score.required, hit: score.hit, fa_episodes: score.falseEpisodes, fa_minutes: score.falseMinutes },
      ...{ free_minutes: score.freeMinutes, zero_fa_hit: score.zeroFalse.hit, median_delay_min: score.medianDelay },
      ...{ max_delay_min: score.maxDelay, fa_per_day: score.falsePerDay, zero_fa_median_delay: score.zeroFalse.medianDelay },
    };
    assertNear(ours, theirs, 2);
  });

  test('series', async () => {
    const run = await runKpi(join(data, 'mscloud'));
    const theirs = inFolder((folder) => referenceKpi(scorers, run, folder));
    const { score } = run;
    assertNear(
      {
        ...{ best_f1_global: score.oracleGlobal, train_f1_global: score.trainedGlobal, train_threshold: score.trainedThreshold },
        ...{ train_f1_perkpi: score.trainedPerKpi, oracle_f1_perkpi: score.oraclePerKpi },
      },
      theirs,
      4,
    );
    const { decision } = score;
    assertNear(
      {
        ...{ f1: decision?.f1, p: decision?.precision, r: decision?.recall, fa_events_per_series_day: decision?.falseEventsPerSeriesDay },
        ...{ segments: decision?.segments, segment_recall: decision?.segmentRecall, median_delay_pts: decision?.medianDelay },
      },
      theirs['decision'] as Record<string, unknown>,
      4,
    );
  });

  test('anomaly benchmark', async () => {
    const run = await runNab(join(data, 'nab'));
    const theirs = inFolder((folder) => referenceNab(scorers, run, folder));
    const { swept, thresholds, windows, windowsHit, falsePoints, fixed } = run.score;
    const names = { standard: 'standard', lowFalsePositive: 'reward_low_FP_rate', lowFalseNegative: 'reward_low_FN_rate' } as const;
    for (const [ours, name] of Object.entries(names) as [keyof typeof names, string][]) {
      assertNear({ [name]: swept[ours], [`${name}_threshold`]: thresholds[ours] }, theirs, 2);
      assertNear({ [name]: fixed?.[ours] }, theirs['fixed'] as Record<string, unknown>, 2);
    }
    assertNear({ windows, windows_hit: windowsHit, fp_points: falsePoints }, theirs, 0);
  });
});
