import { createRandom, type Random } from '../../src/simulate/random.ts';
import type { KpiFamily } from './kpi-families.ts';
import type { Process } from './kpi-process.ts';

/** Points between incidents on average: about one point in sixty is in an incident. */
const POINTS_BETWEEN = 1800;
/** Points at the start of a series without an incident, and least points between two. */
const QUIET_START = 0.08;
const APART = 40;
/** A Monday. */
const START_MS = Date.UTC(2026, 0, 5);

/** What can go wrong with a series. */
export const INCIDENT_KINDS = ['spike', 'dip', 'shift', 'ramp', 'burst', 'decay', 'frozen', 'lost curve'] as const;
type Kind = (typeof INCIDENT_KINDS)[number];

interface Incident {
  readonly kind: Kind;
  readonly start: number;
  readonly length: number;
  /** Signed, in usual sizes of the noise. */
  readonly size: number;
}

/** A made-up series with its labels. `value` is NaN where it is missing; a missing row may also be left out. */
export interface SyntheticSeries {
  readonly name: string;
  readonly family: string;
  readonly times: readonly number[];
  readonly values: readonly number[];
  /** 0, or 1 + the place of the kind of incident. */
  readonly labels: Uint8Array;
}

/** One labelled series of a family; the same seed gives the same series on every machine. */
export function makeSyntheticSeries(family: KpiFamily, seed: string): SyntheticSeries {
  const random = createRandom(`${seed}/${family.name}`);
  const process = family.process(random.fork('process'), family.cadenceMs);
  const points = Math.round((family.days * 86_400_000) / family.cadenceMs);
  const plan = planOf(family, random.fork('incidents'), points);
  const times = Array.from({ length: points }, (_, index) => START_MS + index * family.cadenceMs);
  const labels = new Uint8Array(points);
  const values = drawAll(family, process, plan, times, labels);
  return withGaps({ name: `${family.name}-${seed}`, family: family.name, times, values, labels }, family.gaps, random.fork('gaps'));
}

function planOf(family: KpiFamily, random: Random, points: number): Incident[] {
  const plan: Incident[] = [];
  const kinds = INCIDENT_KINDS.filter((kind) => {
    if (kind === 'dip') return family.directions.includes(-1);
    if (kind === 'frozen') return family.freezes;
    if (kind === 'burst') return family.bursts;
    return kind !== 'lost curve' || family.curved;
  });
  const between = Math.min(POINTS_BETWEEN, points / 8);
  let at = points * QUIET_START;
  for (;;) {
    at += APART - between * Math.log(1 - random.next());
    const kind = kinds[random.below(kinds.length)] ?? 'shift';
    const length = lengthOf(kind, random, family.cadenceMs);
    if (at + length + APART > points) return plan;
    plan.push({ kind, start: Math.floor(at), length, size: sizeOf(kind, family, random) });
    at += length;
  }
}

const between = (random: Random, from: number, to: number): number => from * (to / from) ** random.next();

function lengthOf(kind: Kind, random: Random, cadenceMs: number): number {
  const longest = cadenceMs > 600_000 ? 0.15 : 1;
  const [from, to] = (
    {
      spike: [1, 6],
      dip: [1, 10],
      shift: [8, 200],
      ramp: [15, 80],
      burst: [10, 60],
      decay: [40, 200],
      frozen: [20, 120],
      'lost curve': [60, 240],
    } as const
  )[kind];
  return Math.max(1, Math.round(between(random, from, Math.max(from, to * longest))));
}

function sizeOf(kind: Kind, { directions }: KpiFamily, random: Random): number {
  if (kind === 'burst') return between(random, 3, 8);
  const sign = kind === 'dip' ? -1 : (directions[random.below(directions.length)] ?? 1);
  return sign * (kind === 'spike' || kind === 'dip' ? between(random, 6, 40) : between(random, 4, 25));
}

function drawAll(family: KpiFamily, process: Process, plan: readonly Incident[], times: readonly number[], labels: Uint8Array): number[] {
  const means = times.map((time) => process.mean(time));
  const day = Math.round(86_400_000 / family.cadenceMs);
  const queue = [...plan];
  let now = queue.shift();
  const values: number[] = [];
  for (const [index, mean] of means.entries()) {
    while (now !== undefined && index >= now.start + now.length) now = queue.shift();
    const at = now === undefined || index < now.start ? -1 : index - now.start;
    if (now === undefined || at < 0) {
      values.push(process.draw(mean, 1));
      continue;
    }
    if (now.kind === 'frozen') {
      labels[index] = at >= 2 ? 1 + INCIDENT_KINDS.indexOf(now.kind) : 0;
      values.push(values.at(-1) ?? mean);
      continue;
    }
    const spread = process.spread(mean);
    // Half a day from now is what a lost curve shows, where that is another level at all.
    const other =
      now.kind === 'lost curve' ? (means[(index + (day >> 1)) % means.length] ?? mean) : mean + now.size * shareOf(now, at) * spread;
    const wanted = now.kind === 'burst' ? mean : Math.min(process.most, Math.max(process.least, other));
    labels[index] = now.kind === 'burst' || Math.abs(wanted - mean) > 2 * spread ? 1 + INCIDENT_KINDS.indexOf(now.kind) : 0;
    values.push(process.draw(wanted, now.kind === 'burst' ? now.size : 1));
  }
  return values;
}

/** How much of its size an incident has after `at` points. */
function shareOf({ kind, length }: Incident, at: number): number {
  if (kind === 'ramp') return Math.min(1, (at + 1) / Math.min(length, 20));
  return kind === 'decay' ? Math.exp((-2 * at) / length) : 1;
}

/** Leaves out or fills one point in fifty and some stretches; now and then a row comes twice or without a value. */
export function withGaps(series: SyntheticSeries, gaps: KpiFamily['gaps'], random: Random): SyntheticSeries {
  if (gaps === 'none') return series;
  const missing = series.values.map(() => random.next() < 0.02);
  for (let hole = 0; hole < series.values.length / 3000; hole++) {
    const start = random.below(series.values.length);
    missing.fill(true, start, start + Math.round(between(random, 5, 200)));
  }
  missing[0] = false;
  missing[missing.length - 1] = false;
  return gaps === 'filled' ? filled(series, missing) : leftOut(series, missing, random);
}

function filled(series: SyntheticSeries, missing: readonly boolean[]): SyntheticSeries {
  const values = [...series.values];
  for (let index = 1; index < values.length; index++) {
    if (missing[index] !== true) continue;
    let end = index;
    while (missing[end] === true) end++;
    const [from, to] = [values[index - 1] ?? 0, values[end] ?? 0];
    for (let at = index; at < end; at++) values[at] = from + ((to - from) * (at - index + 1)) / (end - index + 1);
    index = end;
  }
  return { ...series, values };
}

function leftOut(series: SyntheticSeries, missing: readonly boolean[], random: Random): SyntheticSeries {
  const [times, values, labels]: [number[], number[], number[]] = [[], [], []];
  for (const [index, time] of series.times.entries()) {
    if (missing[index] === true && random.next() < 0.7) continue;
    for (let copies = random.next() < 0.002 ? 2 : 1; copies > 0; copies--) {
      times.push(time);
      values.push(missing[index] === true ? Number.NaN : (series.values[index] ?? Number.NaN));
      labels.push(series.labels[index] ?? 0);
    }
  }
  return { ...series, times, values, labels: Uint8Array.from(labels) };
}
