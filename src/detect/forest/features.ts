import { at, atU8, EXPECTED, GROUP_ROWS, JOINT, MINUTE_Z, type SeriesStore, STRIDE } from '../series/series-store.ts';

/** What the forest sees of one group (fleet, acquirer, merchant) in one minute. All are relative to the expectation, so
 *  that one model serves streams of every size. */
export const FEATURES = [
  'z_total',
  'z_approved',
  'z_denied',
  'z_failed',
  'z_reversed',
  'log_approved',
  'log_denied',
  'log_failed_reversed',
  'log_approval_rate',
  'joint_nats',
  'log_total_recent',
] as const;

const MOST_Z = 10;
const APPROVED = 1;
const DENIED = 2;
const FAILED = 3;

/** Writes the features of a group into `out` (one number a feature). `recentRatio`: observed to expected total of the
 *  last minutes. */
export function groupFeatures(store: SeriesStore, group: number, recentRatio: number, out: Float64Array): void {
  const first = group * GROUP_ROWS;
  const z = (row: number): number =>
    atU8(store.seen, row) === 0 ? 0 : Math.max(-MOST_Z, Math.min(MOST_Z, at(store.values, row * STRIDE + MINUTE_Z)));
  const count = (row: number): number => at(store.counts, row);
  const expected = (row: number): number => (atU8(store.seen, row) === 0 ? 0 : at(store.values, row * STRIDE + EXPECTED));
  let reversedZ = -MOST_Z;
  let trouble = 0;
  let adverseExpected = 0;
  for (let row = first + FAILED; row < first + GROUP_ROWS; row++) {
    if (row > first + FAILED) reversedZ = Math.max(reversedZ, z(row));
    trouble += count(row);
    adverseExpected += expected(row);
  }
  const total = first;
  const approved = first + APPROVED;
  const denied = first + DENIED;
  const joint = Math.max(at(store.values, total * STRIDE + JOINT), at(store.values, total * STRIDE + JOINT + 1));
  out[0] = z(total);
  out[1] = z(approved);
  out[2] = z(denied);
  out[3] = z(first + FAILED);
  out[4] = reversedZ;
  out[5] = Math.log((count(approved) + 1) / (expected(approved) + 1));
  out[6] = Math.log((count(denied) + 1) / (expected(denied) + 1));
  out[7] = Math.log((trouble + 1) / (adverseExpected + 1));
  out[8] = Math.log(((count(approved) + 1) * (expected(total) + 1)) / ((count(total) + 1) * (expected(approved) + 1)));
  out[9] = Math.min(20, joint);
  out[10] = Math.log(Math.max(0.02, Math.min(50, recentRatio)));
}
