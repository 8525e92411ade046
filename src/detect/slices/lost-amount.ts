import type { Anomaly, Money, Slice } from '@transaction-guardian/contracts/anomaly.ts';
import { at } from '../series/series-store.ts';
import { dimensionsOfSlice } from './slice-key.ts';
import { CLASSES, type SliceTable } from './slice-table.ts';
import { entriesOf } from './slice-traffic.ts';
import { usualTickets, type AverageValue } from './ticket.ts';

/** What approved transactions of a slice are usually worth: amount of one by currency, of the smallest part of the slice that
 *  amounts are known of. Empty where none are. Codes say nothing: what is approved has none. */
export function ticketsOf(table: SliceTable, slice: Slice): Money[] {
  const dimensions = dimensionsOfSlice(slice).filter((dimension) => !dimension.startsWith('c='));
  const entries = dimensions.length === 0 ? [[0]] : dimensions.map((dimension) => entriesOf(table, dimension));
  let best: Money[] = [];
  let least = Number.POSITIVE_INFINITY;
  for (const some of entries) {
    const usual = usualTickets(combined(some.map((entry) => table.tickets[entry] ?? [])));
    const approved = some.reduce((sum, entry) => sum + (entry * CLASSES < table.counts.length ? at(table.counts, entry * CLASSES) : 0), 0);
    if (usual.length === 0 || approved >= least) continue;
    best = usual;
    least = approved;
  }
  return best;
}

function combined(parts: readonly (readonly AverageValue[])[]): AverageValue[] {
  const sums = new Map<string, AverageValue>();
  for (const { currency, amount, approved } of parts.flat()) {
    const sum = sums.get(currency);
    sums.set(currency, { currency, amount: amount + (sum?.amount ?? 0), approved: approved + (sum?.approved ?? 0) });
  }
  return [...sums.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1));
}

/** What an anomaly has lost in money: its lost transactions at the average transaction value of its slice. `lost_amount` is null without
 *  amounts, and where there are several currencies, which `lost_by_currency` then has. */
export function lossOf(
  table: SliceTable,
  { lost_transactions, node, slice }: Anomaly,
): Required<Pick<Anomaly, 'lost_amount' | 'lost_by_currency'>> {
  const lost = ticketsOf(table, { ...slice, ...node })
    .map(({ currency, amount }) => ({ currency, amount: Math.round(amount * lost_transactions * 100) / 100 }))
    .filter(({ amount }) => amount > 0 || lost_transactions === 0);
  return { lost_amount: lost.length === 1 ? (lost[0] ?? null) : null, lost_by_currency: lost };
}

/** How much more an approved transaction of a slice is worth than one of all traffic; 1 where that is not known. */
export function worthOf(table: SliceTable, { node, slice }: Pick<Anomaly, 'node' | 'slice'>): number {
  const all = ticketsOf(table, {});
  let worth = 1;
  for (const { currency, amount } of ticketsOf(table, { ...slice, ...node })) {
    const usual = all.find((ticket) => ticket.currency === currency);
    // Amounts of different currencies do not add up: the main one speaks.
    if (usual !== undefined && usual.amount > 0) worth = Math.max(worth, amount / usual.amount);
  }
  return worth;
}
