import type { Cell, ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import type { Status } from '@transaction-guardian/contracts/transaction.ts';
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

/** True when the request holds single transactions and not whole minutes: then what it does not hold says nothing. */
export function isSample(transactions: readonly AnalyzedTransaction[]): boolean {
  return transactions.every((transaction) => transaction.count === 1);
}
