import type { Sql } from '../../database.ts';

/** A silence of an Alertmanager that is one of ours. */
export interface SilenceLink {
  readonly instance: string;
  /** Its id there. */
  readonly amId: string;
  /** Id of the silence here, or `hold …` for what holds back an alert. */
  readonly key: string;
  /** The end on both sides when they last agreed, epoch milliseconds. */
  readonly endsAt: number;
}

/** Every link, of all instances. */
export async function readSilenceLinks(sql: Sql): Promise<SilenceLink[]> {
  return sql.query('select instance, am_id as "amId", key, ends_at as "endsAt" from alertmanager_silence order by instance, am_id');
}

/** Notes a link, or the end that both sides have now. */
export async function writeSilenceLink(tx: Sql, { instance, amId, key, endsAt }: SilenceLink): Promise<void> {
  await tx.query(
    `insert into alertmanager_silence (instance, am_id, key, ends_at) values ($1, $2, $3, $4)
     on conflict (instance, am_id) do update set key = excluded.key, ends_at = excluded.ends_at`,
    [instance, amId, key, endsAt],
  );
}

export async function deleteSilenceLink(tx: Sql, { instance, amId }: Pick<SilenceLink, 'instance' | 'amId'>): Promise<void> {
  await tx.query('delete from alertmanager_silence where instance = $1 and am_id = $2', [instance, amId]);
}
