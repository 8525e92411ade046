import type { DeadLetter } from '@transaction-guardian/contracts/topics.ts';
import type { BusRecord } from '../bus/bus.ts';
import { createRawRows } from '../raw/rows/raw-rows.ts';
import type { Database } from '../store/database.ts';
import type { PartitionClaim } from '../store/verbs/log/claim-partition.ts';
import { readOffsets } from '../store/verbs/log/read-offset.ts';
import { createCloser } from './close.ts';
import { createCounter } from './counter.ts';
import type { StreamRules } from './stream.ts';
import { claimOf, manualClock, NOON, windowsOf } from './test-records.ts';

export const RULES = { lateMs: 90_000, closesEarly: false, maxGapMinutes: 60, liveWithinMs: 600_000 };

/** Takes away all that counting has written. */
export async function emptyCounts(database: Database): Promise<void> {
  await database.exec(
    `truncate transaction, transaction_key, minute_count, minute_slice, minute, merchant_minute, consumer_offset, outbox, window_partition, window_segment, window_merge;
     delete from window_closer; insert into window_closer default values`,
  );
}

/** A worker without its bus: counts the batches that it is given from the committed offset on, and closes after each. */
export function newCounter(database: Database, nowMs = NOON, rules: StreamRules = RULES) {
  const clock = manualClock(nowMs);
  const counter = createCounter({ database, raw: createRawRows(database), clock, committed: () => undefined }, rules);
  const closer = createCloser({ database, clock, group: claimOf().group, ranges: async () => [], committed: () => undefined }, rules);
  let closing: PartitionClaim | undefined;
  const lead = async (claim: PartitionClaim): Promise<void> => {
    if (closing?.generation !== claim.generation) await closer.claim(claim);
    closing = claim;
  };
  return {
    async count(claim: PartitionClaim, records: readonly BusRecord[]): Promise<void> {
      const committed = (await readOffsets(database, claim)).get(claim.partition) ?? 0;
      await counter.count(
        claim,
        records.filter(({ offset }) => offset >= committed),
      );
      await lead(claim);
      await closer.merge();
    },
    async tick(ms: number): Promise<void> {
      await lead(claimOf());
      await closer.tick(ms);
    },
  };
}

/** What the database says about the counts: everything that must come out the same whatever went wrong on the way. */
export async function outcome(database: Database) {
  const [sum] = await database.query<{ counted: number }>(
    'select coalesce(sum(count), 0) as counted from minute_count where status <> $1',
    [''],
  );
  const minutes = await database.query(
    'select minute, state, total, revision, late, closed_at is null as open from minute order by minute',
  );
  const [raw] = await database.query<{ rows: number }>('select count(*) as rows from transaction');
  return {
    counted: sum?.counted,
    rows: raw?.rows,
    minutes,
    windows: await windowsOf(database),
    offsets: [...(await readOffsets(database, claimOf()))],
  };
}

/** What was refused, in order. */
export async function deadLetters(database: Database): Promise<DeadLetter[]> {
  const rows = await database.query<{ value: string }>("select value from outbox where topic = 'guardian.dead-letters' order by id");
  return rows.map(({ value }) => JSON.parse(value) as DeadLetter);
}
