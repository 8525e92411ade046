import type { Silence } from '@transaction-guardian/contracts/silence.ts';
import type { Sql } from '../store/database.ts';
import type { Page, PageRequest } from '../store/verbs/page.ts';
import { readHits, type HiddenRow } from '../store/verbs/silence/silence-hits.ts';
import { listSilences, type SilenceFilter, type SilenceRow } from '../store/verbs/silence/silences.ts';

/** Hidden alerts that are listed with a silence. */
const HIDDEN_MOST = 100;

/** Lists silences with what they hide, those that end last first. `now` of the filter: wall clock, epoch milliseconds. Throws
 *  INGEST_INVALID for an invalid cursor. */
export async function listSilenceViews(sql: Sql, wanted: SilenceFilter, page: PageRequest = {}): Promise<Page<Silence>> {
  const { items, next } = await listSilences(sql, wanted, page);
  const hits = await readHits(
    sql,
    items.map(({ id }) => id),
    HIDDEN_MOST,
  );
  return { items: items.map((row) => silenceView(row, hits.get(row.id) ?? { hidden: [], count: 0 }, wanted.now)), next };
}

/** One silence with what it hides; null when there is none. */
export async function readSilenceView(sql: Sql, id: string, now: number): Promise<Silence | null> {
  return (await listSilenceViews(sql, { id, now }, { limit: 1 })).items[0] ?? null;
}

function silenceView(
  row: SilenceRow,
  { hidden, count }: { readonly hidden: readonly HiddenRow[]; readonly count: number },
  now: number,
): Silence {
  return {
    id: row.id,
    status: row.endsAt <= now ? 'expired' : row.startsAt > now ? 'pending' : 'active',
    matchers: [...row.matchers],
    max_severity: row.maxSeverity,
    starts_at: iso(row.startsAt),
    ends_at: iso(row.endsAt),
    reason: row.reason,
    created_by: row.by,
    created_at: iso(row.createdAt),
    updated_at: iso(row.updatedAt),
    ended_by: row.endedBy,
    maintenance_id: row.maintenanceId,
    hidden: hidden.map(({ fingerprint, name, severity, labels, startsAt, hiddenAt, isFiring }) => ({
      ...{ fingerprint, name, severity, labels: { ...labels } },
      ...{ starts_at: iso(startsAt), hidden_at: iso(hiddenAt), is_firing: isFiring },
    })),
    hidden_count: count,
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();
