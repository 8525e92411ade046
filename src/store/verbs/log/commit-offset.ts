import type { Sql } from '../../database.ts';
import { fenced, type PartitionClaim } from './claim-partition.ts';

/** Records that everything before `nextOffset` is done. Call it in the transaction that holds the results. An offset never
 *  goes back. Throws STORE_FENCED when the claim is no longer the current one; the transaction must then roll back. */
export async function commitOffset(sql: Sql, claim: PartitionClaim, nextOffset: number): Promise<void> {
  const rows = await sql.query(
    `update consumer_offset set next_offset = greatest(next_offset, $6)
     where consumer_group = $1 and topic = $2 and partition = $3 and generation = $4 and owner = $5
     returning 1`,
    [claim.group, claim.topic, claim.partition, claim.generation, claim.owner, nextOffset],
  );
  if (rows.length === 0) throw fenced(claim);
}
