import type { MerchantRow } from '@transaction-guardian/contracts/stats.ts';
import type { MerchantWithAnomaly } from '../store/verbs/anomaly/list-merchants-with-anomalies.ts';
import { MERCHANT_COUNTS, type MerchantSums } from './merchant-hour.ts';

const COLUMNS = MERCHANT_COUNTS.length;

/** The worst merchants first, at most `limit`: those with transactions or an open anomaly. An open anomaly outweighs any
 *  share. Without one, the sort key is how far (in standard deviations beyond 3) the share that was not approved lies above that of
 *  all merchants together. Pure. */
export function rankMerchants({ ids, sums }: MerchantSums, withAnomaly: readonly MerchantWithAnomaly[], limit: number): MerchantRow[] {
  const share = shareNotApproved(sums, ids.length);
  const open = new Map(withAnomaly.map((one) => [one.merchant_id, one]));
  const transactionsAt = (place: number): number => sums[place * COLUMNS] ?? 0;
  // Ten thousand rows cost several times what their keys do: rows are made of those that may be answered.
  const places: number[] = [];
  const trouble = new Float64Array(ids.length);
  const counted = new Set<string>();
  for (let place = 0; place < ids.length; place++) {
    if (transactionsAt(place) <= 0) continue;
    places.push(place);
    const one = open.size === 0 ? undefined : open.get(ids[place] ?? '');
    if (one !== undefined) counted.add(one.merchant_id);
    trouble[place] = (one?.weight ?? 0) + excessOf(transactionsAt(place), sums[place * COLUMNS + 1] ?? 0, share);
  }
  const least = nthLargest(
    places.map((place) => trouble[place] ?? 0),
    limit,
  );
  const above = places.filter((place) => (trouble[place] ?? 0) > least);
  const equal = places.filter((place) => trouble[place] === least);
  const fewest = nthLargest(equal.map(transactionsAt), limit - above.length);
  const rows = [...above, ...equal.filter((place) => transactionsAt(place) >= fewest)].map((place) => {
    const [transactions = 0, approved = 0, failed = 0, denied = 0, reversed = 0] = sums.subarray(place * COLUMNS, (place + 1) * COLUMNS);
    const id = ids[place] ?? '';
    return rowOf({ id, transactions, approved, failed, denied, reversed }, open.get(id), share);
  });
  for (const one of withAnomaly) {
    if (counted.has(one.merchant_id)) continue;
    rows.push(rowOf({ id: one.merchant_id, transactions: 0, approved: 0, failed: 0, denied: 0, reversed: 0 }, one, share));
  }
  rows.sort((a, b) => b.trouble - a.trouble || b.transactions - a.transactions || (a.merchant_id < b.merchant_id ? -1 : 1));
  return rows.slice(0, limit);
}

/** The n-th largest of the values, or the smallest where there are fewer. */
function nthLargest(values: readonly number[], n: number): number {
  return (
    Float64Array.from(values)
      .sort()
      .at(Math.max(0, values.length - n)) ?? 0
  );
}

/** How far the share that was not approved lies above that of all merchants. */
function excessOf(transactions: number, approved: number, share: number): number {
  if (transactions === 0) return 0;
  return Math.max(0, (transactions - approved - transactions * share) / Math.sqrt(transactions * share * (1 - share)) - 3);
}

/** Of all merchants together, kept away from 0 and 1. */
function shareNotApproved(sums: Float64Array, merchants: number): number {
  let transactions = 0;
  let approved = 0;
  for (let place = 0; place < merchants; place++) {
    transactions += sums[place * COLUMNS] ?? 0;
    approved += sums[place * COLUMNS + 1] ?? 0;
  }
  return Math.min(0.999, Math.max(0.001, transactions === 0 ? 0 : (transactions - approved) / transactions));
}

interface Counts {
  readonly id: string;
  readonly transactions: number;
  readonly approved: number;
  readonly failed: number;
  readonly denied: number;
  readonly reversed: number;
}

function rowOf(
  { id, transactions, approved, failed, denied, reversed }: Counts,
  open: MerchantWithAnomaly | undefined,
  share: number,
): MerchantRow {
  return {
    merchant_id: id,
    transactions,
    approval_rate: transactions === 0 ? null : (100 * approved) / transactions,
    failed,
    denied,
    reversed,
    open_anomalies: open?.open_anomalies ?? 0,
    worst_type: open?.worst_type ?? null,
    worst_severity: open?.worst_severity ?? null,
    trouble: (open?.weight ?? 0) + excessOf(transactions, approved, share),
  };
}
