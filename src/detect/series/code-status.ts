import { STATUSES, type Status } from '@transaction-guardian/contracts/status.ts';
import { atF32, GROUP_ROWS, groupOfRow, kindOfGroup, RING, type SeriesStore } from './series-store.ts';

/** True for the row of an authorization code. */
export const isCode = (store: SeriesStore, row: number): boolean => kindOfGroup(store, groupOfRow(row)) === 'auth_code';

/** Status other than approved with which the transactions of a code mostly ended in the last minutes; `denied` where only the code is
 *  counted. */
export function statusOfCode(store: SeriesStore, row: number): Status {
  let status: Status = 'denied';
  let most = 0;
  for (const [index, one] of STATUSES.entries()) {
    if (one === 'approved') continue;
    const count = ringSum(store, groupOfRow(row) * GROUP_ROWS + 1 + index, RING);
    if (count > most) [status, most] = [one, count];
  }
  return status;
}

function ringSum(store: SeriesStore, row: number, minutes: number): number {
  let sum = 0;
  for (let slot = 0; slot < minutes; slot++) sum += Math.max(0, atF32(store.ring, row * RING + slot));
  return sum;
}
