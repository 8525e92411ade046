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
  const rows: MerchantRow[] = [];
  for (const [place, id] of ids.entries()) {
    const [transactions = 0, approved = 0, failed = 0, denied = 0, reversed = 0] = sums.subarray(place * COLUMNS, (place + 1) * COLUMNS);
    if (transactions > 0) rows.push(rowOf({ id, transactions, approved, failed, denied, reversed }, open.get(id), share));
  }
  const counted = new Set(rows.map(({ merchant_id }) => merchant_id));
  for (const one of withAnomaly) {
    if (counted.has(one.merchant_id)) continue;
    rows.push(rowOf({ id: one.merchant_id, transactions: 0, approved: 0, failed: 0, denied: 0, reversed: 0 }, one, share));
  }
  rows.sort((a, b) => b.trouble - a.trouble || b.transactions - a.transactions || (a.merchant_id < b.merchant_id ? -1 : 1));
  return rows.slice(0, limit);
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
  const excess =
    transactions === 0 ? 0 : (transactions - approved - transactions * share) / Math.sqrt(transactions * share * (1 - share)) - 3;
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
    trouble: (open?.weight ?? 0) + Math.max(0, excess),
  };
}
