import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import type { Status } from '@transaction-guardian/contracts/status.ts';
import type { Cell, ClosedWindow, MinuteState } from '@transaction-guardian/contracts/window.ts';
import type { Detector } from './detector.ts';
import { seededNumbers, type SeededNumbers } from '../forest/random.ts';

export const ZONE = 'America/Sao_Paulo';
/** A Monday, midnight in Sao Paulo. */
export const START = Date.UTC(2026, 2, 2, 3);
export const MINUTE = 60_000;

/** Usual means a minute of a stream of 100 a minute. */
export const USUAL: Readonly<Record<string, number>> = {
  approved: 92,
  denied: 6,
  reversed: 1,
  refunded: 0.8,
  failed: 0.15,
  backend_reversed: 0.05,
};

/** Rate of one combination of dimensions in one minute. */
export interface Rate {
  readonly status: Status;
  readonly mean: number;
  readonly auth_code?: string;
  readonly merchant_id?: string;
  readonly acquirer?: string;
}

/** The usual rates, with factors by status. */
export function usualRates(factors: Readonly<Record<string, number>> = {}, scale = 1): Rate[] {
  return Object.entries(USUAL).map(([status, mean]) => ({
    status: status as Status,
    mean: mean * scale * (factors[status] ?? factors['all'] ?? 1),
  }));
}

/** A window with Poisson counts of these rates. */
export function drawWindow(random: SeededNumbers, index: number, rates: readonly Rate[], start = START): ClosedWindow {
  const cells: Cell[] = [];
  for (const { status, mean, auth_code = '', merchant_id = '', acquirer = '' } of rates) {
    const count = random.poisson(mean);
    if (count > 0) cells.push({ status, auth_code, merchant_id, acquirer, count, amount: 0 });
  }
  return windowOf(index, cells, cells.length > 0 ? 'observed' : 'zero', start);
}

export function windowOf(index: number, cells: readonly Cell[], state: MinuteState, start = START): ClosedWindow {
  const minute = start + index * MINUTE;
  return { v: 1, sequence: index, minute, revision: 0, state, cells, late: 0, backfill: false, closed_at: minute + MINUTE };
}

/** Feeds minutes `from` (inclusive) to `to` (exclusive) and returns the events; `rates` may change by minute, null is a
 *  silent minute, an empty list a minute at zero. */
export function feed(
  detector: Detector,
  random: SeededNumbers,
  from: number,
  to: number,
  rates: (index: number) => readonly Rate[] | null,
): AnomalyEvent[] {
  const events: AnomalyEvent[] = [];
  for (let index = from; index < to; index++) {
    const wanted = rates(index);
    const window = wanted === null ? windowOf(index, [], 'silent') : drawWindow(random, index, wanted);
    events.push(...detector.step(window).events);
  }
  return events;
}

export const seeded = seededNumbers;

/** Events that open an anomaly; warnings of one are not among them. */
export function openings(events: readonly AnomalyEvent[]): AnomalyEvent[] {
  return events.filter(({ event, anomaly }) => event === 'opened' && anomaly.type !== 'drift_warning');
}

/** Events that open a warning. */
export function warnings(events: readonly AnomalyEvent[]): AnomalyEvent[] {
  return events.filter(({ event, anomaly }) => event === 'opened' && anomaly.type === 'drift_warning');
}

export const minuteIndex = (iso: string, start = START): number => (Date.parse(iso) - start) / MINUTE;
