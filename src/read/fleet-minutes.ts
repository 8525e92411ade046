import type { Cache } from './cache.ts';
import type { Database } from '../store/database.ts';
import { countByStatus } from '../store/verbs/transaction/count-by-status.ts';
import { readMinutes, type MinuteRange, type MinuteRow } from '../store/verbs/minute/read-minutes.ts';
import { MINUTE_MS } from '../clock.ts';

/** A closed minute with its counts by status. */
export type FleetMinute = MinuteRow & { readonly by_status: Readonly<Record<string, number>> };

/** Closed minutes of the fleet. Counting a minute over ten thousand merchants costs milliseconds, and closed minutes
 *  rarely change: those already counted are remembered until their revision changes. */
export interface FleetMinutes {
  readonly cache: Cache;
  /** Closed minutes of the range, oldest first. */
  read(range: MinuteRange): Promise<readonly FleetMinute[]>;
}

const MAX_REMEMBERED = 4 * 1440;

export function createFleetMinutes(database: Database): FleetMinutes {
  let kept = new Map<number, FleetMinute>();
  return {
    cache: { name: 'fleet_minutes', size: () => kept.size, clear: () => void (kept = new Map()) },
    async read(range) {
      // A read that is under way ends with what it began with.
      const remembered = kept;
      const isKnown = (row: MinuteRow) => remembered.get(row.minute)?.revision === row.revision;
      const rows = await readMinutes(database, range);
      const unknown = rows.filter((row) => !isKnown(row));
      const counted = await countMinutes(database, unknown);
      for (const minute of counted) {
        remembered.delete(minute.minute);
        remembered.set(minute.minute, minute);
      }
      const answer = rows.map((row) => remembered.get(row.minute) ?? { ...row, by_status: {} });
      for (const oldest of remembered.keys()) {
        if (remembered.size <= MAX_REMEMBERED) break;
        remembered.delete(oldest);
      }
      return answer;
    },
  };
}

async function countMinutes(database: Database, rows: readonly MinuteRow[]): Promise<FleetMinute[]> {
  const [first] = rows;
  const last = rows.at(-1);
  if (first === undefined || last === undefined) return [];
  const counts = await countByStatus(database, {}, { from: first.minute, to: last.minute + MINUTE_MS });
  const byMinute = new Map<number, Record<string, number>>();
  for (const { minute, status, count } of counts) {
    const known = byMinute.get(minute) ?? {};
    known[status] = count;
    byMinute.set(minute, known);
  }
  return rows.map((row) => ({ ...row, by_status: byMinute.get(row.minute) ?? {} }));
}
