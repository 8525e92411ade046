import type { Cell } from '@transaction-guardian/contracts/window.ts';
import { groupOf, rowOf, at, GROUP_ROWS, type SeriesStore } from './series-store.ts';

/** Response codes that say "approved" (ISO 8583 field 39), for files that count codes and not statuses. */
const APPROVAL_CODES: ReadonlySet<string> = new Set(['00', '0', '000', '08', '10', '11', '16']);

/** Sums the cells of one minute into `store.counts`, making rows for what is new. A cell without a status (breakdown by
 *  code) adds to its code only. A merchant, acquirer or code that there is no room for is counted in the fleet alone. Order of the cells does not matter, except for the numbering of new nodes. */
export function tallyCells(store: SeriesStore, cells: readonly Cell[]): void {
  store.counts.fill(0);
  store.unwatched = 0;
  for (const cell of cells) {
    if (cell.auth_code !== '') addCode(store, cell);
    if (cell.status === '') continue;
    addTo(store, 0, cell);
    if (cell.acquirer !== '') addTo(store, groupOf(store, 'acquirer', cell.acquirer), cell);
    if (cell.merchant_id !== '') addTo(store, groupOf(store, 'merchant', cell.merchant_id), cell);
  }
}

function addTo(store: SeriesStore, group: number, cell: Cell): void {
  if (group < 0) {
    store.unwatched++;
    return;
  }
  const total = group * GROUP_ROWS;
  const row = rowOf(group, cell.status);
  store.counts[total] = at(store.counts, total) + cell.count;
  store.counts[row] = at(store.counts, row) + cell.count;
}

function addCode(store: SeriesStore, cell: Cell): void {
  const group = groupOf(store, 'auth_code', cell.auth_code);
  if (group < 0) {
    store.unwatched++;
    return;
  }
  const row = group * GROUP_ROWS;
  store.counts[row] = at(store.counts, row) + cell.count;
  // By status they are only kept in the ring.
  if (cell.status !== '') store.counts[rowOf(group, cell.status)] = at(store.counts, rowOf(group, cell.status)) + cell.count;
  if (cell.count === 0) return;
  if (cell.status === 'approved' || (cell.status === '' && APPROVAL_CODES.has(cell.auth_code))) store.healthy[group] = 1;
}
