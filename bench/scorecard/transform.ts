import type { BacktestRow } from '../../src/backtest/backtest-row.ts';
import { createRandom } from '../../src/simulate/random.ts';

const DAY_MS = 86_400_000;

/** What is done to a copy of the data: nothing that was learnt by heart survives it, what was detected for a reason does. */
export interface Transform {
  readonly name: string;
  apply(rows: readonly BacktestRow[]): BacktestRow[];
  /** Days by which the labels move. */
  readonly days: number;
  /** New name of a status or code. */
  rename(name: string): string;
}

const same = (name: string): string => name;
export const UNCHANGED: Transform = { name: 'plain', days: 0, rename: same, apply: (rows) => [...rows] };

/** Moves the rows by whole days, over a weekend too. */
export function shifted(days: number): Transform {
  const move = (row: BacktestRow): BacktestRow => ({ ...row, timestamp: row.timestamp + days * DAY_MS });
  return { name: `time + ${days} days`, days, rename: same, apply: (rows) => rows.map(move) };
}

/** Keeps every transaction with probability `share`. Series of values are thinned when all values are counts. */
export function thinnedBy(share: number, seed: string): Transform {
  return {
    name: `thinned to ${share}`,
    days: 0,
    rename: same,
    apply: (rows) => {
      const random = createRandom(seed);
      return isCounts(rows) ? rows.map((row) => ({ ...row, value: random.binomial(row.value, share) })) : [...rows];
    },
  };
}

/** Gives other names to statuses or codes. */
export function renamed(names: Readonly<Record<string, string>>): Transform {
  const rename = (name: string): string => names[name] ?? name;
  const apply = (rows: readonly BacktestRow[]) => rows.map((row) => (row.kind === 'value' ? row : { ...row, name: rename(row.name) }));
  return { name: 'renamed', days: 0, rename, apply };
}

/** Whether every value is a whole number that is not negative, and they are not all alike. */
export function isCounts(rows: readonly BacktestRow[]): boolean {
  return rows.every(({ value }) => Number.isInteger(value) && value >= 0) && rows.some(({ value }) => value !== rows[0]?.value);
}
