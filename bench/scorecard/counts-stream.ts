import type { Cell, ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import type { Random } from '../../src/simulate/random.ts';

export const MINUTE_MS = 60_000;
/** First minute of the streams of the studies: a Monday, midnight in Sao Paulo. */
export const START = Date.UTC(2026, 2, 2, 3);

/** Share of each status of an ordinary stream. */
export const ORDINARY = {
  approved: 0.925,
  denied: 0.055,
  reversed: 0.009,
  refunded: 0.008,
  failed: 0.002,
  backend_reversed: 0.001,
} as const;
export type Rates = Readonly<Record<keyof typeof ORDINARY, number>>;
const NAMES = Object.keys(ORDINARY) as (keyof typeof ORDINARY)[];

/** Means a minute of a stream of `perMinute` transactions. */
export function ordinaryRates(perMinute: number): Rates {
  return Object.fromEntries(NAMES.map((name) => [name, ORDINARY[name] * perMinute])) as Record<keyof Rates, number>;
}

/** Rates times a factor, and some of them times one of their own. */
export function scaledRates(rates: Rates, factor: number, own: Partial<Rates> = {}): Rates {
  return Object.fromEntries(NAMES.map((name) => [name, rates[name] * factor * (own[name] ?? 1)])) as Record<keyof Rates, number>;
}

/** Poisson counts of a minute, in the order of the statuses. */
export function drawCells(random: Random, rates: Rates, merchant_id = ''): Cell[] {
  return NAMES.flatMap((name) => {
    const count = random.poisson(rates[name]);
    return count > 0 ? [{ status: name, auth_code: '', merchant_id, acquirer: '', count, amount: 0 }] : [];
  });
}

/** The window of a minute; without cells the source was alive and had nothing. */
export function windowOf(sequence: number, minute: number, cells: readonly Cell[]): ClosedWindow {
  const state = cells.length > 0 ? 'observed' : 'zero';
  return { v: 1, sequence, minute, revision: 0, state, cells, late: 0, backfill: false, closed_at: minute + MINUTE_MS };
}

/** Log likelihood ratio of the counts of a minute (nats): rates `after` against rates `before`. */
export function evidenceOf(cells: readonly Cell[], before: Rates, after: Rates): number {
  let nats = 0;
  for (const name of NAMES) {
    const count = cells.reduce((sum, cell) => (cell.status === name ? sum + cell.count : sum), 0);
    nats += (count > 0 ? count * Math.log(Math.max(after[name], 1e-12) / before[name]) : 0) - after[name] + before[name];
  }
  return nats;
}

/** Evidence of a minute of the rates `after` on average against `before`: their divergence in nats. */
export function informationOf(before: Rates, after: Rates): number {
  return NAMES.reduce((nats, name) => {
    const [from, to] = [before[name], after[name]];
    return nats + (to > 0 ? to * Math.log(to / from) : 0) - to + from;
  }, 0);
}
