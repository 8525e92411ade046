import type { Cell, ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { STATUSES, type Status } from '@transaction-guardian/contracts/status.ts';
import { minuteOf } from '../clock.ts';

/** A transaction, or a minute of them, that passed validation. `occurred_at`: epoch milliseconds; null for "now". */
export interface AnalyzedTransaction {
  readonly occurred_at: number | null;
  readonly status: Status | '';
  readonly count: number;
  readonly amount?: number | undefined;
  readonly merchant_id?: string | undefined;
  readonly auth_code?: string | undefined;
  readonly acquirer?: string | undefined;
}

/** Groups posted transactions into closed minutes, oldest first, numbered from `firstSequence`. Minutes that nobody posted
 *  stay out. Pure. */
export function requestWindows(transactions: readonly AnalyzedTransaction[], now: number, firstSequence: number): ClosedWindow[] {
  const minutes = new Map<number, Map<string, Cell>>();
  for (const transaction of transactions) {
    const minute = minuteOf(transaction.occurred_at ?? now);
    let cells = minutes.get(minute);
    if (cells === undefined) minutes.set(minute, (cells = new Map()));
    addTo(cells, transaction);
  }
  return [...minutes]
    .sort(([a], [b]) => a - b)
    .map(([minute, cells], index) => {
      const counted = [...cells.values()].filter((cell) => cell.count > 0);
      return {
        v: 1,
        sequence: firstSequence + index,
        minute,
        revision: 0,
        state: counted.length > 0 ? 'observed' : 'zero',
        cells: counted,
        late: 0,
        backfill: false,
        closed_at: now,
      };
    });
}

function addTo(cells: Map<string, Cell>, transaction: AnalyzedTransaction): void {
  const { status, count } = transaction;
  const [auth_code, merchant_id, acquirer] = [transaction.auth_code ?? '', transaction.merchant_id ?? '', transaction.acquirer ?? ''];
  const key = JSON.stringify([status, auth_code, merchant_id, acquirer]);
  const before = cells.get(key);
  const amount = transaction.amount ?? 0;
  cells.set(key, { status, auth_code, merchant_id, acquirer, count: count + (before?.count ?? 0), amount: amount + (before?.amount ?? 0) });
}

/** What a request can say something about. */
export interface Coverage {
  readonly statuses: ReadonlySet<string>;
  readonly merchants: ReadonlySet<string>;
  readonly acquirers: ReadonlySet<string>;
  /** Single transactions, not whole minutes: what is missing says nothing at all. */
  readonly isSample: boolean;
  /** Every record names a merchant or an acquirer: the traffic of the others is not in it. */
  readonly isPartial: boolean;
}

/** Reads from a request what it covers. Pure. */
export function coverageOf(transactions: readonly AnalyzedTransaction[]): Coverage {
  const present = (values: readonly (string | undefined)[]): Set<string> =>
    new Set(values.filter((value): value is string => value !== undefined && value !== ''));
  return {
    statuses: present(transactions.map(({ status }) => status)),
    merchants: present(transactions.map(({ merchant_id }) => merchant_id)),
    acquirers: present(transactions.map(({ acquirer }) => acquirer)),
    isSample: transactions.every(({ count }) => count === 1),
    isPartial: transactions.every(({ merchant_id, acquirer }) => merchant_id !== undefined || acquirer !== undefined),
  };
}

/** Puts the expected counts where the request says nothing: statuses that are nowhere in it, and, for a part of the
 *  traffic, what the part falls short of the whole. `expectedOf`: transactions of a status in a minute. Pure. */
export function fillUnknown(
  windows: readonly ClosedWindow[],
  coverage: Coverage,
  expectedOf: (status: Status, minute: number) => number,
): ClosedWindow[] {
  const isPart = coverage.isSample || coverage.isPartial;
  return windows.map((window) => {
    const filler = STATUSES.flatMap((status) => {
      if (!isPart && coverage.statuses.has(status)) return [];
      const posted = window.cells.reduce((sum, cell) => sum + (cell.status === status ? cell.count : 0), 0);
      const count = Math.round(expectedOf(status, window.minute)) - posted;
      return count > 0 ? [{ status, auth_code: '', merchant_id: '', acquirer: '', count, amount: 0 }] : [];
    });
    if (filler.length === 0) return window;
    return { ...window, state: 'observed', cells: [...window.cells, ...filler] };
  });
}
