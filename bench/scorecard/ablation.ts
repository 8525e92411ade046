import { join } from 'node:path';
import { PARTS, partsWithout, type Part } from '../../src/detect/parts.ts';
import { runCalibration, type CalibrationRow } from './calibration-study.ts';
import { detectorsWith } from './data-files.ts';
import { runLowVolume } from './low-volume-study.ts';
import { runMenu } from './menu-study.ts';
import { runNull } from './null-study.ts';
import { nameCodes, runCloudwalk } from './run-cloudwalk.ts';
import { cloudwalkFigures } from './section-cloudwalk.ts';
import { PLAIN } from './transform.ts';

/** What is measured with and without a part; of `GAINS` more is better, of all others less. */
export const MEASURES = {
  hits: 'labelled windows hit',
  false_labelled: 'false episodes there',
  delay_labelled: 'sum of delays there, min',
  named_labelled: 'named there, %',
  caught: 'incidents caught',
  delay: 'sum of delays of sudden ones, min',
  named: 'causes named',
  opened: 'anomalies in incidents',
  false_between: 'false between incidents',
  false_clean: 'false on clean streams',
  caught_low: 'caught at low volume',
  false_low: 'false at low volume',
} as const;
export type Measure = keyof typeof MEASURES;
const GAINS: ReadonlySet<Measure> = new Set(['hits', 'named_labelled', 'caught', 'named', 'caught_low']);

/** The detector without a part; `null` is the whole of it. Measures that have no data are NaN. */
export interface Ablation {
  readonly part: Part | null;
  readonly values: Readonly<Record<Measure, number>>;
}

export interface AblationOptions {
  /** Folder of the labelled stream; null when there is none. */
  readonly data: string | null;
  /** Companies with incidents, clean companies, and learnt streams of low volume. */
  readonly companies: number;
  readonly cleanCompanies: number;
  readonly streams: number;
}

/** Minutes that a missed incident counts for. */
const MISSED_MINUTES = 30;

/** Measures the whole method, then without each of its parts in turn. */
export async function runAblation(options: AblationOptions): Promise<Ablation[]> {
  const list: Ablation[] = [];
  for (const part of [null, ...(Object.keys(PARTS) as Part[])]) {
    // What operators see decides nothing.
    if (part !== 'calibration') list.push({ part, values: await measure(part, options) });
  }
  return list;
}

async function measure(part: Part | null, { data, companies, cleanCompanies, streams }: AblationOptions): Promise<Ablation['values']> {
  const make = detectorsWith(partsWithout(...(part === null ? [] : [part])));
  const seeds = (count: number): string[] => Array.from({ length: count }, (_, index) => `ablation-${index + 1}`);
  const menus = seeds(companies).map((seed) => runMenu({ seed, merchants: 20, learnDays: 2, days: 4, make }));
  const clean = seeds(cleanCompanies).map((seed) => runNull({ seed, merchants: 40, days: 5, make }));
  const low = runLowVolume({ seed: 'ablation', rates: [20, 3], streams, incidents: 5, make });
  const bad = menus.flatMap(({ judged }) => judged).filter(({ incident }) => incident.detect);
  const sudden = bad.filter(({ incident }) => incident.type !== 'slow_decay');
  const sum = <T>(list: readonly T[], of: (one: T) => number): number => list.reduce((total, one) => total + of(one), 0);
  return {
    ...(await measureLabelled(data, make)),
    caught: sum(bad, ({ delay }) => Number(delay !== null)),
    delay: sum(sudden, ({ delay }) => delay ?? MISSED_MINUTES),
    named: sum(bad, ({ isNamed }) => Number(isNamed)),
    opened: sum(bad, ({ opened }) => opened),
    false_between: sum(menus, ({ falseOnes }) => falseOnes.length),
    false_clean: sum(clean, ({ merchantOnes, upperOnes }) => merchantOnes.length + upperOnes.length),
    caught_low: sum(low, ({ caught }) => caught),
    false_low: sum(low, ({ falseOnes }) => falseOnes),
  };
}

async function measureLabelled(data: string | null, make: ReturnType<typeof detectorsWith>) {
  if (data === null) return { hits: Number.NaN, false_labelled: Number.NaN, delay_labelled: Number.NaN, named_labelled: Number.NaN };
  const folder = join(data, 'cloudwalk');
  const run = await runCloudwalk(folder, PLAIN, make);
  const figures = cloudwalkFigures(run, await nameCodes(folder, PLAIN, make));
  return {
    hits: run.score.hit,
    false_labelled: run.score.falseEpisodes,
    delay_labelled: Object.values(run.score.delays).reduce<number>((total, delay) => total + (delay ?? MISSED_MINUTES), 0),
    named_labelled: figures.find(({ id }) => id === 'cloudwalk.named')?.value ?? Number.NaN,
  };
}

/** Measures that are worse (or better) without the part. */
export function changesOf(whole: Ablation, without: Ablation): { readonly worse: Measure[]; readonly better: Measure[] } {
  const gain = (measure: Measure): number => (GAINS.has(measure) ? 1 : -1) * (without.values[measure] - whole.values[measure]);
  const all = Object.keys(MEASURES) as Measure[];
  return { worse: all.filter((measure) => gain(measure) < 0), better: all.filter((measure) => gain(measure) > 0) };
}

/** The scores of clean minutes without online calibration, over some days. */
export const runUncalibrated = (days: number): CalibrationRow[] => runCalibration(days, 'calibration', partsWithout('calibration'));
