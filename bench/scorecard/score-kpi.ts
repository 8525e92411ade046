import { median } from './score-windows.ts';

/** A labelled series with what a detector said of it. `times`: Unix seconds, one a row of the file; `split`: first row of
 *  the test part. `decisions`: null when the detector has none. Higher scores are more anomalous. */
export interface KpiSeries {
  readonly name: string;
  readonly times: readonly number[];
  readonly labels: Uint8Array;
  readonly split: number;
  readonly scores: Float64Array;
  readonly decisions: Uint8Array | null;
}

export interface KpiDecisionScore {
  readonly f1: number;
  readonly precision: number;
  readonly recall: number;
  readonly falseEventsPerSeriesDay: number;
  readonly segments: number;
  readonly segmentRecall: number;
  /** In points of the series. */
  readonly medianDelay: number | null;
}

/** All on the test part, points of all series pooled. */
export interface KpiScore {
  /** One threshold for all series, chosen on the test labels: an oracle. */
  readonly oracleGlobal: number;
  /** One threshold for all series, chosen on the labels of the first part. */
  readonly trainedGlobal: number;
  readonly trainedThreshold: number;
  /** A threshold for each series, chosen on the labels of its first part, or of its test part. */
  readonly trainedPerKpi: number;
  readonly oraclePerKpi: number;
  readonly decision: KpiDecisionScore | null;
}

const EVENT_GAP = 10;
const EVENT_GRACE = 10;

/** Scores that are aligned to the times of a series: a row goes to the first row of the file with its time, later rows of
 *  the same time overwrite; times that are missing score 0. */
export function alignToTimes(
  times: readonly number[],
  rows: readonly { readonly time: number; readonly score: number; readonly decision: number }[],
): { scores: Float64Array; decisions: Uint8Array } {
  const first = new Map<number, number>();
  times.forEach((time, index) => void (first.has(time) || first.set(time, index)));
  const scores = new Float64Array(times.length);
  const decisions = new Uint8Array(times.length);
  for (const { time, score, decision } of rows) {
    const index = first.get(time);
    if (index === undefined) continue;
    scores[index] = Number.isNaN(score) || score === Number.NEGATIVE_INFINITY ? 0 : Math.min(score, 1e12);
    decisions[index] = decision;
  }
  return { scores, decisions };
}

/** The metric of the AIOps competition of 2018: a segment counts, with all its points, when it is found within `delay` + 1
 *  points of its start; every point outside segments counts for itself. */
export function scoreKpi(series: readonly KpiSeries[], delay = 7): KpiScore {
  const tests = series.map((one) => partsOf(one.scores.subarray(one.split), one.labels.subarray(one.split), delay));
  const trains = series.map((one) => partsOf(one.scores.subarray(0, one.split), one.labels.subarray(0, one.split), delay));
  const [test, train] = [pool(tests), pool(trains)];
  const perKpi = (choose: readonly Parts[]) =>
    f1Of(sum(tests.map((parts, index) => tallyAt(parts, bestThreshold(choose[index] ?? test).threshold))));
  const trained = bestThreshold(train).threshold;
  const decided = series.flatMap(({ decisions, ...rest }) => (decisions === null ? [] : [{ ...rest, decisions }]));
  return {
    oracleGlobal: bestThreshold(test).f1,
    trainedGlobal: f1Of(tallyAt(test, trained)),
    trainedThreshold: trained,
    trainedPerKpi: perKpi(trains),
    oraclePerKpi: perKpi(tests),
    decision: decided.length === 0 ? null : scoreDecisions(decided, delay),
  };
}

/** Highest score in the reach of each segment, its length, and the scores outside of segments. */
interface Parts {
  readonly segments: readonly { readonly score: number; readonly length: number }[];
  readonly normal: Float64Array;
}

interface Tally {
  readonly hit: number;
  readonly false: number;
  readonly missed: number;
}

function segmentsOf(labels: Uint8Array): (readonly [start: number, end: number])[] {
  const segments: (readonly [number, number])[] = [];
  let start = -1;
  for (let index = 0; index <= labels.length; index++) {
    if ((labels[index] ?? 0) > 0) {
      if (start < 0) start = index;
    } else if (start >= 0) {
      segments.push([start, index]);
      start = -1;
    }
  }
  return segments;
}

function partsOf(scores: Float64Array, labels: Uint8Array, delay: number): Parts {
  const segments = segmentsOf(labels).map(([start, end]) => ({
    score: scores
      .subarray(start, Math.min(start + delay + 1, end))
      .reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY),
    length: end - start,
  }));
  return { segments, normal: scores.filter((_, index) => labels[index] === 0) };
}

function pool(parts: readonly Parts[]): Parts {
  const normal = new Float64Array(parts.reduce((length, part) => length + part.normal.length, 0));
  let at = 0;
  for (const part of parts) {
    normal.set(part.normal, at);
    at += part.normal.length;
  }
  return { segments: parts.flatMap((part) => part.segments), normal };
}

/** Threshold with the best F1 among the scores of the segments; infinite when there is no segment. */
function bestThreshold({ segments, normal }: Parts): { readonly f1: number; readonly threshold: number } {
  const sorted = normal.toSorted();
  const order = segments.toSorted((a, b) => b.score - a.score);
  const total = order.reduce((points, { length }) => points + length, 0);
  let best = { f1: 0, threshold: Number.POSITIVE_INFINITY };
  let hit = 0;
  for (const { score, length } of order) {
    hit += length;
    const wrong = sorted.length - lowerBound(sorted, score);
    const f1 = (2 * hit) / (2 * hit + wrong + total - hit);
    if (f1 > best.f1 || best.threshold === Number.POSITIVE_INFINITY) best = { f1, threshold: score };
  }
  return best;
}

/** First index whose value is not below `value`. */
function lowerBound(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function tallyAt({ segments, normal }: Parts, threshold: number): Tally {
  const total = segments.reduce((points, { length }) => points + length, 0);
  const hit = segments.reduce((points, { score, length }) => (score >= threshold ? points + length : points), 0);
  const wrong = normal.reduce((count, score) => (score >= threshold ? count + 1 : count), 0);
  return { hit, false: wrong, missed: total - hit };
}

function sum(tallies: readonly Tally[]): Tally {
  return tallies.reduce((all, one) => ({ hit: all.hit + one.hit, false: all.false + one.false, missed: all.missed + one.missed }), {
    hit: 0,
    false: 0,
    missed: 0,
  });
}

const f1Of = (tally: Tally): number => (2 * tally.hit) / Math.max(2 * tally.hit + tally.false + tally.missed, 1);

function scoreDecisions(series: readonly (KpiSeries & { readonly decisions: Uint8Array })[], delay: number): KpiDecisionScore {
  const tallies: Tally[] = [];
  const delays: number[] = [];
  let days = 0;
  let segments = 0;
  let hits = 0;
  let events = 0;
  for (const { times, labels, split, decisions } of series) {
    const decided = decisions.subarray(split);
    const wanted = labels.subarray(split);
    const parts = partsOf(Float64Array.from(decided), wanted, delay);
    tallies.push(tallyAt(parts, 0.5));
    days += ((times.at(-1) ?? 0) - (times[split] ?? 0)) / 86_400;
    segments += parts.segments.length;
    hits += parts.segments.filter(({ score }) => score > 0.5).length;
    events += falseEvents(decided, wanted);
    for (const [start, end] of segmentsOf(wanted)) {
      const at = decided.subarray(start, end).findIndex((flag) => flag > 0);
      if (at >= 0) delays.push(at);
    }
  }
  const all = sum(tallies);
  return {
    f1: f1Of(all),
    precision: all.hit / Math.max(all.hit + all.false, 1),
    recall: all.hit / Math.max(all.hit + all.missed, 1),
    falseEventsPerSeriesDay: events / days,
    segments,
    segmentRecall: hits / Math.max(segments, 1),
    medianDelay: median(delays),
  };
}

/** Runs of decided points, merged over short gaps, that come nowhere near a labelled point. */
function falseEvents(decided: Uint8Array, labels: Uint8Array): number {
  const near = new Uint8Array(labels.length);
  labels.forEach((label, index) => void (label > 0 && near.fill(1, Math.max(0, index - EVENT_GRACE), index + EVENT_GRACE + 1)));
  let events = 0;
  let start = -1;
  let last = -1;
  const close = () => {
    if (start >= 0 && !near.subarray(start, last + 1).includes(1)) events++;
  };
  decided.forEach((flag, index) => {
    if (flag === 0) return;
    if (start < 0 || index - last > EVENT_GAP) {
      close();
      start = index;
    }
    last = index;
  });
  close();
  return events;
}
