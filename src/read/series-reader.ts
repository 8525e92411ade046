import type { MinuteScore, Slice } from '@transaction-guardian/contracts/anomaly.ts';
import type { SeriesPoint } from '@transaction-guardian/contracts/stats.ts';
import { STATUSES, type Status } from '@transaction-guardian/contracts/status.ts';
import type { Database } from '../store/database.ts';
import { countByStatus } from '../store/verbs/transaction/count-by-status.ts';
import { listScores } from '../store/verbs/detector/list-scores.ts';
import { readMinutes, type MinuteRange } from '../store/verbs/minute/read-minutes.ts';
import type { FleetMinutes } from './fleet-minutes.ts';

/** Longest series that is answered, minutes. */
export const MAX_SERIES_MINUTES = 2 * 1440;

/** Slice of a canonical node key ("fleet", "status:denied", "merchant_status:m-1:denied"); null when it is none. */
export function parseNode(node: string): Slice | null {
  if (node === 'fleet') return {};
  const [, kind = '', id = ''] = /^([a-z_]+):(.+)$/s.exec(node) ?? [];
  const cut = id.lastIndexOf(':');
  const tail = asStatus(id.slice(cut + 1));
  const head = cut > 0 ? id.slice(0, cut) : '';
  if (kind === 'status') return asStatus(id) === null ? null : { status: id as Status };
  if (kind === 'auth_code' && id !== '') return { auth_code: id };
  if (kind === 'merchant' && id !== '') return { merchant_id: id };
  if (kind === 'merchant_status') return head !== '' && tail !== null ? { merchant_id: head, status: tail } : null;
  if (kind === 'acquirer' && id !== '') return head !== '' && tail !== null ? { acquirer: head, status: tail } : { acquirer: id };
  return null;
}

function asStatus(text: string): Status | null {
  return STATUSES.find((status) => status === text) ?? null;
}

/** Reads one point for every closed minute of the range, with the band of the node where it was scored. `slice` is what
 *  `parseNode` made of `node`. Oldest first. */
export async function readSeries(
  database: Database,
  minutes: FleetMinutes,
  node: string,
  slice: Slice,
  range: MinuteRange,
): Promise<SeriesPoint[]> {
  const isFleet = Object.keys(slice).length === 0;
  const [rows, scores] = await Promise.all([
    isFleet ? minutes.read(range) : readSlice(database, slice, range),
    listScores(database, { node, ...range, limit: MAX_SERIES_MINUTES }),
  ]);
  const scored = new Map(scores.map((score) => [score.minute, score]));
  return rows.map(({ minute, state, total, by_status }) => ({
    minute: new Date(minute).toISOString(),
    state,
    total,
    by_status: { ...by_status },
    ...bandOf(scored.get(minute)),
  }));
}

/** The band of a score; nulls without one, or while nothing is expected yet. */
export function bandOf(
  score: MinuteScore | undefined,
): Pick<SeriesPoint, 'expected' | 'expected_low' | 'expected_high' | 'ml_score' | 'z_score'> {
  if (score === undefined || score.state === 'learning' || score.state === 'no_data') {
    return { expected: null, expected_low: null, expected_high: null, ml_score: null, z_score: null };
  }
  const { expected, low, high, ml_score, z_score } = score;
  return { expected, expected_low: low, expected_high: high, ml_score, z_score };
}

async function readSlice(database: Database, slice: Slice, range: MinuteRange) {
  const [rows, counts] = await Promise.all([readMinutes(database, range), countByStatus(database, slice, range)]);
  const totals = new Map<number, { total: number; by_status: Record<string, number> }>();
  for (const { minute, status, count } of counts) {
    const known = totals.get(minute) ?? { total: 0, by_status: {} };
    known.total += count;
    if (status !== '') known.by_status[status] = count;
    totals.set(minute, known);
  }
  return rows.map((row) => ({ ...row, ...(totals.get(row.minute) ?? { total: 0, by_status: {} }) }));
}
