import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Sql } from '../../database.ts';

/** That a silence hid a firing of an alert. Times are epoch milliseconds; `startsAt` event time, `hiddenAt` wall clock. */
export interface SilenceHit {
  readonly silenceId: string;
  readonly fingerprint: string;
  readonly startsAt: number;
  readonly hiddenAt: number;
}

/** A hit with its alert. */
export interface HiddenRow extends SilenceHit {
  readonly name: string;
  readonly severity: Severity;
  readonly labels: Readonly<Record<string, string>>;
  readonly isFiring: boolean;
}

/** Stores hits; one that is known stays as it is. */
export async function writeHits(tx: Sql, hits: readonly SilenceHit[]): Promise<void> {
  if (hits.length === 0) return;
  await tx.query(
    `insert into silence_hit (silence_id, fingerprint, alert_starts_at, hidden_at)
     select "silenceId", fingerprint, "startsAt", "hiddenAt"
       from jsonb_to_recordset($1::jsonb) as x("silenceId" text, fingerprint text, "startsAt" bigint, "hiddenAt" bigint)
     on conflict do nothing`,
    [JSON.stringify(hits)],
  );
}

/** What these silences hide or hid, the newest `most` of each; and how much that is. An alert past its retention only counts. */
export async function readHits(
  sql: Sql,
  silenceIds: readonly string[],
  most: number,
): Promise<ReadonlyMap<string, { readonly hidden: readonly HiddenRow[]; readonly count: number }>> {
  const rows = await sql.query<HiddenRow>(
    `select * from (
       select h.silence_id as "silenceId", h.fingerprint, h.alert_starts_at as "startsAt", h.hidden_at as "hiddenAt", a.name, a.severity,
              a.body->'labels' as labels, a.status = 'firing' as "isFiring",
              row_number() over (partition by h.silence_id order by h.hidden_at desc, h.fingerprint) as place
         from silence_hit as h join alert as a on a.fingerprint = h.fingerprint and a.starts_at = h.alert_starts_at
        where h.silence_id = any($1::text[])) as ranked
      where place <= $2 order by place`,
    [silenceIds, most],
  );
  const counts = await sql.query<{ id: string; n: number }>(
    'select silence_id as id, count(*)::int as n from silence_hit where silence_id = any($1::text[]) group by silence_id',
    [silenceIds],
  );
  return new Map(counts.map(({ id, n }) => [id, { hidden: rows.filter(({ silenceId }) => silenceId === id), count: n }]));
}
