import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import { GuardianError } from '../../../errors.ts';
import type { Sql } from '../../database.ts';

/** Who reads a partition: `generation` as the bus gave it with the assignment, `owner` an id of the running worker. */
export interface PartitionClaim {
  readonly group: string;
  readonly topic: Topic;
  readonly partition: number;
  readonly generation: number;
  readonly owner: string;
}

/** Takes a partition over for one assignment, so that commits of earlier ones are refused from now on. Returns the offset
 *  to read next, null when the group has never committed one. Idempotent for the same claim. Throws STORE_FENCED when a later
 *  assignment, or another owner with the same generation, has the partition. */
export async function claimPartition(sql: Sql, claim: PartitionClaim): Promise<number | null> {
  const rows = await sql.query<{ next_offset: number }>(
    `insert into consumer_offset (consumer_group, topic, partition, next_offset, generation, owner)
     values ($1, $2, $3, -1, $4, $5)
     on conflict (consumer_group, topic, partition) do update set generation = excluded.generation, owner = excluded.owner
       where consumer_offset.generation < excluded.generation
          or (consumer_offset.generation = excluded.generation and consumer_offset.owner = excluded.owner)
     returning next_offset`,
    [claim.group, claim.topic, claim.partition, claim.generation, claim.owner],
  );
  const row = rows[0];
  if (row === undefined) throw fenced(claim);
  return row.next_offset < 0 ? null : row.next_offset;
}

/** The error of a worker whose partition went to another one. */
export function fenced(claim: PartitionClaim): GuardianError {
  return new GuardianError(
    'STORE_FENCED',
    `Partition ${claim.partition} of ${claim.topic} has another reader in group ${claim.group}: this one must ask for a new assignment.`,
    {
      data: { ...claim },
    },
  );
}
