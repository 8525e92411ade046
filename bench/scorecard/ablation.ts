import { join } from 'node:path';
import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import { DETECTOR_PARTS, partsWithout, type DetectorPart } from '../../src/detect/series/parts.ts';
import { runCalibration, type CalibrationRow } from './calibration-study.ts';
import { MINUTE_MS, START } from './counts-stream.ts';
import { detectorsWith, type MakeDetector } from './data-files.ts';
import { INCIDENT_MINUTES, runLowVolume } from './low-volume-study.ts';
import { runMenu } from './menu-study.ts';
import { runNull } from './null-study.ts';
import type { Outcome } from './paired.ts';
import { nameCodes, runCloudwalk } from './run-cloudwalk.ts';
import { cloudwalkFigures } from './section-cloudwalk.ts';
import { runSituation } from './situation-study.ts';
import { SITUATIONS } from './situations.ts';
import { UNCHANGED } from './transform.ts';

/** What is measured with and without a part. */
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
export type AblationMeasure = keyof typeof MEASURES;

/** The detector without a part; `null` is the whole of it. Measures that have no data are NaN. */
export interface Ablation {
  readonly part: DetectorPart | null;
  readonly values: Readonly<Record<AblationMeasure, number>>;
  /** Trials by situation: what all parts are measured on (`EVERYDAY`), and what the part is there for. */
  readonly trials: Readonly<Record<string, readonly Outcome[]>>;
}

export interface AblationOptions {
  /** Folder of the labelled stream; null when there is none. */
  readonly data: string | null;
  /** Companies with incidents, clean companies, and learnt streams of low volume. */
  readonly companies: number;
  readonly cleanCompanies: number;
  readonly streams: number;
}

/** Name of what every part is measured on. */
export const EVERYDAY = 'labelled windows, simulated companies, low volume';
/** Minutes that a missed incident counts for. */
const MISSED_MINUTES = 30;
const DAY_MS = 86_400_000;
const LEARN_DAYS = 2;
const DAYS = 4;
const CLEAN_DAYS = 5;

const UNLABELLED = {
  values: { hits: Number.NaN, false_labelled: Number.NaN, delay_labelled: Number.NaN, named_labelled: Number.NaN },
  windows: [] as readonly Outcome[],
};

/** Measures the whole method, then without each of its parts in turn. */
export async function runAblation(options: AblationOptions): Promise<Ablation[]> {
  const list: Ablation[] = [];
  for (const part of [null, ...(Object.keys(DETECTOR_PARTS) as DetectorPart[])]) {
    // What operators see decides nothing.
    if (part !== 'calibration') list.push(await measure(part, options));
  }
  return list;
}

async function measure(part: DetectorPart | null, { data, companies, cleanCompanies, streams }: AblationOptions): Promise<Ablation> {
  const make = detectorsWith(partsWithout(...(part === null ? [] : [part])));
  const seeds = (count: number): string[] => Array.from({ length: count }, (_, index) => `ablation-${index + 1}`);
  const menus = seeds(companies).map((seed) => runMenu({ seed, merchants: 20, learnDays: LEARN_DAYS, days: DAYS, make }));
  const clean = seeds(cleanCompanies).map((seed) => runNull({ seed, merchants: 40, days: CLEAN_DAYS, make }));
  const low = runLowVolume({ seed: 'ablation', rates: [20, 3], streams, incidents: 5, make });
  const bad = menus.flatMap(({ judged }) => judged).filter(({ incident }) => incident.detect);
  const sudden = bad.filter(({ incident }) => incident.type !== 'slow_decay');
  const sum = <T>(list: readonly T[], of: (one: T) => number): number => list.reduce((total, one) => total + of(one), 0);
  const labelled = data === null ? UNLABELLED : await measureLabelled(join(data, 'cloudwalk'), make);
  const own = SITUATIONS.filter(({ parts }) => part === null || parts.includes(part));
  const everyday = [
    ...labelled.windows,
    ...bad.map(({ incident, delay, opened }) => ({
      late: delay ?? (incident.end - incident.start) / MINUTE_MS,
      falseOnes: 0,
      told: opened,
    })),
    ...menus.flatMap(({ falseOnes }) => byDay(falseOnes, LEARN_DAYS, DAYS)),
    ...clean.flatMap(({ merchantOnes, upperOnes }) => byDay([...merchantOnes, ...upperOnes], 0, CLEAN_DAYS)),
    ...low.flatMap(({ delays }) => delays.map((delay) => ({ late: delay ?? INCIDENT_MINUTES, falseOnes: 0, told: 0 }))),
  ];
  const values = {
    ...labelled.values,
    caught: sum(bad, ({ delay }) => Number(delay !== null)),
    delay: sum(sudden, ({ delay }) => delay ?? MISSED_MINUTES),
    named: sum(bad, ({ isNamed }) => Number(isNamed)),
    opened: sum(bad, ({ opened }) => opened),
    false_between: sum(menus, ({ falseOnes }) => falseOnes.length),
    false_clean: sum(clean, ({ merchantOnes, upperOnes }) => merchantOnes.length + upperOnes.length),
    caught_low: sum(low, ({ caught }) => caught),
    false_low: sum(low, ({ falseOnes }) => falseOnes),
  };
  const special = own.map((situation) => [situation.name, runSituation(situation, make)] as const);
  return { part, values, trials: { [EVERYDAY]: everyday, ...Object.fromEntries(special) } };
}

/** False anomalies of each day, from the `skip`-th of the study on. */
function byDay(falseOnes: readonly Anomaly[], skip: number, days: number): Outcome[] {
  const dayOf = ({ detected_at }: Anomaly): number => Math.floor((Date.parse(detected_at) - START) / DAY_MS) - skip;
  return Array.from({ length: days }, (_, day) => {
    const own = falseOnes.filter((anomaly) => dayOf(anomaly) === day);
    return { late: 0, falseOnes: own.length, told: 0 };
  });
}

async function measureLabelled(folder: string, make: MakeDetector): Promise<typeof UNLABELLED> {
  const run = await runCloudwalk(folder, UNCHANGED, make);
  const { score } = run;
  const figures = cloudwalkFigures(run, await nameCodes(folder, UNCHANGED, make));
  const windows = Object.values(score.delays).map((delay): Outcome => ({ late: delay ?? MISSED_MINUTES, falseOnes: 0, told: 0 }));
  return {
    values: {
      hits: score.hit,
      false_labelled: score.falseEpisodes,
      delay_labelled: windows.reduce((total, { late }) => total + late, 0),
      named_labelled: figures.find(({ id }) => id === 'cloudwalk.named')?.value ?? Number.NaN,
    },
    windows: [...windows, { late: 0, falseOnes: score.falseEpisodes, told: 0 }],
  };
}

/** The scores of clean minutes without online calibration, over some days. */
export const runUncalibrated = (days: number): CalibrationRow[] => runCalibration(days, 'calibration', partsWithout('calibration'));
