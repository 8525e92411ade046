import type { MerchantRow } from '@transaction-guardian/contracts/stats.ts';
import { MINUTE_MS, type Clock } from '../clock.ts';
import type { Database } from '../store/database.ts';
import { listMerchantsWithAnomalies } from '../store/verbs/anomaly/list-merchants-with-anomalies.ts';
import type { Cache } from './cache.ts';
import { createMerchantHour } from './merchant-hour.ts';
import { rankMerchants } from './rank-merchants.ts';
import type { StatsReader } from './stats-reader.ts';

/** Most merchants that are ever answered. */
export const MAX_MERCHANTS = 1000;
const HOUR_MS = 3_600_000;
const FRESH_MS = 5_000;

/** Reads the last hour of the merchants, worst first. */
export interface MerchantReader {
  readonly cache: Cache;
  read(limit: number): Promise<readonly MerchantRow[]>;
}

/** Makes the reader. All callers share one answer for 5 s, and one round of queries. */
export function createMerchantReader(database: Database, stats: Pick<StatsReader, 'time'>, clock: Clock): MerchantReader {
  let hour = createMerchantHour(database);
  let shared: { readonly at: number; readonly rows: Promise<readonly MerchantRow[]> } | null = null;
  let loading: Promise<readonly MerchantRow[]> | null = null;
  const load = async (): Promise<readonly MerchantRow[]> => {
    const { lastMinute } = await stats.time();
    if (lastMinute === null) return [];
    const to = lastMinute + MINUTE_MS;
    const sums = await hour.read({ from: to - HOUR_MS, to });
    return rankMerchants(sums, await listMerchantsWithAnomalies(database), MAX_MERCHANTS);
  };
  const loadOnce = (): Promise<readonly MerchantRow[]> => {
    loading ??= load().finally(() => {
      loading = null;
    });
    return loading;
  };
  return {
    cache: {
      name: 'merchant_hour',
      size: () => hour.size() + (shared === null ? 0 : 1),
      // A read that is under way ends with what it began with.
      clear() {
        hour = createMerchantHour(database);
        shared = null;
      },
    },
    async read(limit) {
      const now = clock.monotonic();
      if (shared === null || now - shared.at >= FRESH_MS) {
        const rows = loadOnce();
        shared = { at: now, rows };
        rows.catch(() => {
          if (shared?.rows === rows) shared = null;
        });
      }
      return (await shared.rows).slice(0, limit);
    },
  };
}
