import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import type { Transaction } from '@transaction-guardian/contracts/transaction.ts';
import type { Cell, ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { simulate, type SimulateOptions } from '../../src/simulate/simulate.ts';
import { MINUTE_MS } from '../../src/clock.ts';
import { addTransaction, cellsOf, createCellFinder, createTally, withSlices } from '../../src/window/tally.ts';

/** Rows later than this many minutes would be old news; the simulator's are at most five late. */
const KEPT_MINUTES = 8;

interface OpenMinute {
  readonly cells: Cell[];
  revision: number;
}

/** Windows of simulated traffic as the window stage makes them: one a minute, and corrections of closed ones by late rows. */
export function* simulatedWindows(options: Omit<SimulateOptions, 'form' | 'duplicateShare'>): Generator<ClosedWindow> {
  const kept = new Map<number, OpenMinute>();
  let sequence = 0;
  for (const { minute, transactions } of simulate({ ...options, form: 'minutes', duplicateShare: 0 })) {
    const own: OpenMinute = { cells: [], revision: 0 };
    kept.set(minute, own);
    kept.delete(minute - KEPT_MINUTES * MINUTE_MS);
    const changed = new Set<number>();
    const text = new Date(minute).toISOString();
    for (const row of transactions) {
      // Nearly all rows are of the minute itself: only late ones need parsing.
      const at = row.timestamp === text ? minute : Date.parse(row.timestamp ?? '');
      const cell = cellOf(row);
      if (cell.count > 0) kept.get(at)?.cells.push(cell);
      if (at !== minute && kept.has(at)) changed.add(at);
    }
    for (const at of [...changed].sort((a, b) => a - b)) yield windowOf(at, ++sequence, kept.get(at) ?? own, 1);
    yield windowOf(minute, ++sequence, own, 0);
  }
}

/** Windows of single simulated transactions, with the slices that they are counted by, as the window stage makes them of rows that are never late. */
export function* windowsOfRecords(
  options: Omit<SimulateOptions, 'form' | 'lateShare' | 'duplicateShare'>,
): Generator<{ readonly window: ClosedWindow; readonly records: number }> {
  let sequence = 0;
  for (const { minute, transactions } of simulate({ ...options, form: 'records', lateShare: 0, duplicateShare: 0 })) {
    const tally = createTally(minute);
    const find = createCellFinder();
    for (const row of transactions) addTransaction(tally, { ...RECORD, ...row, count: row.count ?? 1, id: '' }, find);
    const head = { v: 1, sequence: ++sequence, minute, revision: 0, state: tally.isObserved ? 'observed' : 'zero' } as const;
    const window = { ...head, cells: cellsOf(tally), ...withSlices(tally), late: 0, backfill: false, closed_at: minute + MINUTE_MS };
    yield { window, records: transactions.length };
  }
}

const RECORD = {
  v: 1,
  kind: 'transaction',
  client_id: true,
  content_hash: '',
  occurred_at: 0,
  ingested_at: 0,
  source: '',
  backfill: false,
} as const;

function windowOf(minute: number, sequence: number, of: OpenMinute, step: number): ClosedWindow {
  of.revision += step;
  const state = of.cells.length > 0 ? 'observed' : 'zero';
  return {
    v: 1,
    sequence,
    minute,
    revision: of.revision,
    state,
    cells: [...of.cells],
    late: 0,
    backfill: false,
    closed_at: minute + MINUTE_MS,
  };
}

function cellOf({ status, auth_code = '', merchant_id = '', acquirer = '', count = 1, amount = 0 }: Transaction): Cell {
  return { status, auth_code, merchant_id, acquirer, count, amount };
}

/** The last state of every anomaly, in the order in which they opened. */
export function createAnomalyList() {
  const byId = new Map<string, AnomalyEvent['anomaly']>();
  return {
    add: (events: readonly AnomalyEvent[]): void => {
      // A warning claims nothing yet; it has figures of its own.
      for (const { anomaly } of events) if (anomaly.type !== 'drift_warning') byId.set(anomaly.id, structuredClone(anomaly));
    },
    all: () => [...byId.values()],
  };
}
