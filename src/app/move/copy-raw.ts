import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import { readAll } from '../../bus/read-all.ts';
import { GuardianError } from '../../errors.ts';
import type { Database } from '../../store/database.ts';
import { readOffsets } from '../../store/verbs/log/read-offset.ts';
import { findKnownIds } from '../../store/verbs/transaction/find-known-ids.ts';
import { createDecoder } from '../../window/decode.ts';
import { WINDOW_GROUP } from '../../window/worker.ts';
import { openRawRows, type Log } from '../engines.ts';

/** What a copy of single transactions came to. */
export interface CopiedRaw {
  /** Transactions that the log keeps. */
  readonly transactions: number;
  /** Those of them whose id the database does not have: 0. */
  readonly missing: number;
  /** Dead letters, which stay in the log where they are. */
  readonly deadLetters: number;
}

/** Copies the single transactions of a log into the rows of a database, and then looks for each of them there. The first with an id is the one
 *  that counts, so that a copy that was broken off begins again and changes nothing that is there. Throws STORE_REFUSED while the log has
 *  records that are not counted: in the other log they would never be. */
export async function copyRaw(from: { readonly bus: Log; readonly database: Database }, to: Database): Promise<CopiedRaw> {
  const counted = await readOffsets(from.database, { group: WINDOW_GROUP, topic: TOPICS.transactions });
  for (const { partition, next } of await from.bus.ranges(TOPICS.transactions)) {
    const behind = next - (counted.get(partition) ?? 0);
    if (behind === 0) continue;
    const message = `${behind} records of partition ${partition} are not counted: start guardian on it once, and wait.`;
    throw new GuardianError('STORE_REFUSED', message, {
      rule: 'move_not_counted',
      params: { partition, behind },
    });
  }
  let transactions = 0;
  const rows = openRawRows(to);
  const decode = createDecoder();
  for await (const { partition, records } of readAll(from.bus, TOPICS.transactions)) {
    const batch = decode(records, partition);
    if (batch.transactions > 0) await to.transaction((tx) => rows.admit(tx, { partition, ...batch }));
  }
  let missing = 0;
  for await (const { partition, records } of readAll(from.bus, TOPICS.transactions)) {
    const ids = decode(records, partition).records.flatMap((record) => (record.kind === 'transaction' ? [record.id] : []));
    const known = await findKnownIds(to, ids);
    transactions += ids.length;
    missing += ids.filter((id) => !known.has(id)).length;
  }
  const dead = await from.bus.ranges(TOPICS.dead);
  return { transactions, missing, deadLetters: dead.reduce((sum, { earliest, next }) => sum + next - earliest, 0) };
}
