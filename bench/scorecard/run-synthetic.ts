import { backtest } from '../../src/backtest/backtest.ts';
import type { BacktestRow } from '../../src/backtest/backtest-row.ts';
import { createDefaultDetector } from './data-files.ts';
import { judgeByFluxEv } from './flux-ev.ts';
import { FIELD_FAMILIES } from './field-families.ts';
import { makeFieldSeries } from './field-series.ts';
import { KPI_FAMILIES } from './kpi-families.ts';
import { judgeByProfileCusum } from './profile-cusum.ts';
import { judgeByRobustZ } from './robust-z.ts';
import type { KpiSeries } from './score-kpi.ts';
import { makeSyntheticSeries, type SyntheticSeries } from './synthetic-kpi.ts';

const DAY_MS = 86_400_000;

/** Ways to judge a series: ours, and three to compare with. */
export const KPI_METHODS = ['ours', 'FluxEV', 'robust z', 'profile and sum'] as const;
export type KpiMethod = (typeof KPI_METHODS)[number];

/** A judged series of the suite. */
export interface SyntheticRun extends KpiSeries {
  readonly family: string;
  /** Points of a day. */
  readonly period: number;
}

/** Families of series with a maker of one of them; the same seed gives the same series. */
export interface Suite {
  readonly families: readonly { readonly name: string; readonly cadenceMs: number }[];
  make(index: number, seed: string): SyntheticSeries;
}

function suiteOf<F extends { readonly name: string; readonly cadenceMs: number }>(
  families: readonly F[],
  make: (family: F, seed: string) => SyntheticSeries,
): Suite {
  return {
    families,
    make: (index, seed) => {
      const family = families[index];
      if (family === undefined) throw new Error(`There is no family ${index}.`);
      return make(family, seed);
    },
  };
}

export const PLAIN_SUITE = suiteOf(KPI_FAMILIES, makeSyntheticSeries);
export const FIELD_SUITE = suiteOf(FIELD_FAMILIES, makeFieldSeries);

/** Judges one series of each family and seed; scored like the cloud monitoring, on the second half. */
export async function runSynthetic(suite: Suite, seeds: readonly string[], method: KpiMethod): Promise<SyntheticRun[]> {
  const runs: SyntheticRun[] = [];
  for (const [index, family] of suite.families.entries())
    for (const seed of seeds) {
      const { name, times, values, labels } = suite.make(index, seed);
      const period = Math.round(DAY_MS / family.cadenceMs);
      const judged = await judgeValues(method, times, values, period);
      const seconds = times.map((time) => time / 1000);
      runs.push({ name, family: family.name, period, times: seconds, labels, split: times.length >> 1, ...judged });
    }
  return runs;
}

const OTHERS = { FluxEV: judgeByFluxEv, 'robust z': judgeByRobustZ, 'profile and sum': judgeByProfileCusum };

/** Scores of a method for values in order of time, and its decisions when it has any. */
export async function judgeValues(
  method: KpiMethod,
  times: readonly number[],
  values: readonly number[],
  period: number,
): Promise<{ scores: Float64Array; decisions: Uint8Array | null }> {
  if (method !== 'ours') {
    return { scores: OTHERS[method](carried(values), period), decisions: null };
  }
  const scores = new Float64Array(times.length);
  const decisions = new Uint8Array(times.length);
  const rows = times.map((timestamp, index): BacktestRow => ({ kind: 'value', timestamp, value: values[index] ?? Number.NaN }));
  let index = 0;
  for await (const { score, decision } of backtest(rows, { format: 'series', createDetector: () => createDefaultDetector() })) {
    scores[index] = score;
    decisions[index++] = decision;
  }
  return { scores, decisions };
}

/** Values with the last one in the place of a missing one: the others know no missing values. */
function carried(values: readonly number[]): number[] {
  let last = 0;
  return values.map((value) => (last = Number.isNaN(value) ? last : value));
}
