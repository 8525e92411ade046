import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Sql } from '../../database.ts';

/** Notes which log each topic is, where that is not known yet. `others`: topics whose log is
 *  another one than what was noted; `isNew`: nothing was. Unlike `checkLog` it changes nothing that a running stage relies on. */
export async function bindLog(
  tx: Sql,
  logs: readonly { readonly topic: Topic; readonly id: string }[],
): Promise<{ readonly others: readonly Topic[]; readonly isNew: boolean }> {
  const others: Topic[] = [];
  let noted = 0;
  for (const { topic, id } of logs) {
    const [known] = await tx.query<{ id: string }>('select id from log_identity where topic = $1', [topic]);
    noted += known === undefined ? 0 : 1;
    if (known === undefined) await tx.query('insert into log_identity (topic, id) values ($1, $2)', [topic, id]);
    else if (known.id !== id) others.push(topic);
  }
  return { others, isNew: noted === 0 };
}
