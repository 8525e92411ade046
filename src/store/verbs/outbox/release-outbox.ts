import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Sql } from '../../database.ts';

/** Removes the published messages that the groups have committed, and that the stored state of the detector has seen: after a
 *  restart it reads again from there. */
export async function releaseOutbox(sql: Sql, readers: readonly { readonly topic: Topic; readonly group: string }[]): Promise<void> {
  await sql.query(
    `delete from outbox using (
       select r.topic, least(min(c.next_offset), case when r.topic = 'guardian.windows'
                then coalesce((select min(next_offset) from detector_snapshot), 0) end) as floor
         from unnest($1::text[], $2::text[]) as r (topic, reader)
         join consumer_offset c on c.topic = r.topic and c.consumer_group = r.reader
        group by r.topic) as done
      where outbox.topic = done.topic and published_offset < done.floor`,
    [readers.map(({ topic }) => topic), readers.map(({ group }) => group)],
  );
}
