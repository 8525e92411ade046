import type { Sql } from '../../database.ts';

/** Notes that the closed minutes up to `minute` are judged. An older minute changes nothing. Epoch milliseconds. */
export async function writeJudged(tx: Sql, minute: number, judgedAt: number): Promise<void> {
  await tx.query(
    `insert into judged (minute, judged_at) values ($1, $2)
     on conflict (only_row) do update set minute = excluded.minute, judged_at = excluded.judged_at where judged.minute < excluded.minute`,
    [minute, judgedAt],
  );
}
