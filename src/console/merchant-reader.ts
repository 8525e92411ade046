import type { MerchantRow } from '@transaction-guardian/contracts/stats.ts';
import { MINUTE_MS, type Clock } from '../clock.ts';
import type { Database } from '../store/database.ts';
import { listMerchants } from '../store/verbs/list-merchants.ts';
import type { StatsReader } from './stats-reader.ts';

/** Most merchants that are ever answered. */
export const MAX_MERCHANTS = 1000;
const HOUR_MS = 3_600_000;
const FRESH_MS = 5_000;

/** Reads the last hour of the merchants, worst first. */
export interface MerchantReader {
  read(limit: number): Promise<readonly MerchantRow[]>;
}

/** Makes the reader. Ten thousand merchants are many rows to add up, so that all callers share one answer for 5 s. */
export function createMerchantReader(database: Database, stats: Pick<StatsReader, 'time'>, clock: Clock): MerchantReader {
  let shared: { readonly at: number; readonly rows: Promise<readonly MerchantRow[]> } | null = null;
  const load = async (): Promise<readonly MerchantRow[]> => {
    const { lastMinute } = await stats.time();
    if (lastMinute === null) return [];
    const to = lastMinute + MINUTE_MS;
    return listMerchants(database, { from: to - HOUR_MS, to }, MAX_MERCHANTS);
  };
  return {
    async read(limit) {
      const now = clock.monotonic();
      if (shared === null || now - shared.at >= FRESH_MS) {
        const rows = load();
        shared = { at: now, rows };
        rows.catch(() => {
          if (shared?.rows === rows) shared = null;
        });
      }
      return (await shared.rows).slice(0, limit);
    },
  };
}
