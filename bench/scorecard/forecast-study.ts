import type { Slice } from '@transaction-guardian/contracts/anomaly.ts';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { MINUTE_MS } from '../../src/clock.ts';
import type { Detector } from '../../src/detect/engine/detector.ts';

/** Horizons that are measured: the end of a step of five minutes so far ahead. */
export const HORIZONS = [5, 60, 360] as const;
const STEP = 5;
const HOUR_STEPS = 60 / STEP;

/** One forecast of one node, and what came. */
export interface Forecasted {
  readonly node: string;
  readonly horizon: number;
  readonly expected: number;
  readonly actual: number;
  /** Last hour's mean, for the same step. */
  readonly naive: number;
  readonly in80: boolean;
  readonly in99: boolean;
  readonly learning: boolean;
}

export interface ForecastStudy {
  readonly nodes: readonly { readonly name: string; readonly slice: Slice }[];
  /** Minutes after the first window from which forecasts are made, and minutes between them. */
  readonly from: number;
  readonly every: number;
  /** Whether a minute is one that a forecast is about (no incident in it). */
  readonly isUsual?: (minute: number) => boolean;
}

/** Plays windows and compares forecasts of the detector with what came, in steps of five minutes. */
export function runForecasts(detector: Detector, windows: Iterable<ClosedWindow>, study: ForecastStudy): Forecasted[] {
  const counts = study.nodes.map(() => new Map<number, number>());
  const made: {
    readonly node: number;
    readonly at: number;
    readonly horizon: number;
    readonly step: NonNullable<Step>;
    readonly naive: number;
  }[] = [];
  let first: number | null = null;
  for (const window of windows) {
    detector.step(window);
    first ??= window.minute;
    study.nodes.forEach(({ slice }, node) => counts[node]?.set(window.minute, countOf(window, slice)));
    const index = (window.minute - first) / MINUTE_MS;
    if (window.revision > 0 || index < study.from || index % study.every !== 0) continue;
    study.nodes.forEach(({ slice }, node) => {
      const forecast = detector.forecast({ node: '', slice, minutes: Math.max(...HORIZONS), step: STEP });
      const naive = sumOf(counts[node], window.minute - 59 * MINUTE_MS, 60) / HOUR_STEPS;
      for (const horizon of HORIZONS) {
        const step = forecast?.items[horizon / STEP - 1];
        if (step !== undefined) made.push({ node, at: window.minute + (horizon - STEP + 1) * MINUTE_MS, horizon, step, naive });
      }
    });
  }
  return made.flatMap(({ node, at, horizon, step, naive }) => {
    const actual = sumOf(counts[node], at, STEP);
    if (!Number.isFinite(actual) || study.isUsual?.(at) === false || study.isUsual?.(at + (STEP - 1) * MINUTE_MS) === false) return [];
    const in80 = actual >= step.low80 && actual <= step.high80;
    const in99 = actual >= step.low99 && actual <= step.high99;
    return [
      {
        node: study.nodes[node]?.name ?? '',
        horizon,
        expected: step.expected,
        actual,
        naive,
        in80,
        in99,
        learning: step.learning,
      },
    ];
  });
}

type Step = NonNullable<ReturnType<Detector['forecast']>>['items'][number] | undefined;

function countOf(window: ClosedWindow, slice: Slice): number {
  let sum = 0;
  for (const cell of window.cells) {
    if (slice.status !== undefined && cell.status !== slice.status) continue;
    if (slice.merchant_id !== undefined && cell.merchant_id !== slice.merchant_id) continue;
    if (slice.acquirer !== undefined && cell.acquirer !== slice.acquirer) continue;
    if (slice.auth_code !== undefined && cell.auth_code !== slice.auth_code) continue;
    sum += cell.count;
  }
  return sum;
}

/** Sum of some minutes; NaN when one is missing. */
function sumOf(counts: ReadonlyMap<number, number> | undefined, from: number, minutes: number): number {
  let sum = 0;
  for (let minute = 0; minute < minutes; minute++) sum += counts?.get(from + minute * MINUTE_MS) ?? Number.NaN;
  return sum;
}
