import type { MerchantRow } from '@transaction-guardian/contracts/stats.ts';

export type MerchantColumn = keyof Pick<
  MerchantRow,
  'merchant_id' | 'trouble' | 'transactions' | 'approval_rate' | 'denied' | 'failed' | 'reversed'
>;

export interface MerchantSort {
  readonly column: MerchantColumn;
  readonly isDescending: boolean;
}

/** Rows in the wanted order; equal ones keep the server's, a merchant without a rate comes last. */
export function sortMerchants(rows: readonly MerchantRow[], { column, isDescending }: MerchantSort): readonly MerchantRow[] {
  const direction = isDescending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const left = a[column];
    const right = b[column];
    if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
    if (typeof left === 'string' && typeof right === 'string') return direction * left.localeCompare(right, undefined, { numeric: true });
    return direction * (Number(left) - Number(right));
  });
}
