import type { HeartbeatRecord, InboundRecord, TransactionRecord } from '@transaction-guardian/contracts/transaction.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { ClosedWindow, WindowMessage } from '@transaction-guardian/contracts/window.ts';
import type { BusRecord } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import { JSON_HEADERS } from '../topic/record-headers.ts';
import type { Database } from '../store/database.ts';
import { readCells } from '../topic/window-message.ts';
import type { PartitionClaim } from '../store/verbs/log/claim-partition.ts';

/** 2026-03-01T12:00:00Z, the start of a minute. */
export const NOON = 1_772_366_400_000;

/** Event time `minutes` and `seconds` after noon. */
export function at(minutes: number, seconds = 0): number {
  return NOON + minutes * 60_000 + seconds * 1000;
}

let made = 0;

/** An approved transaction with an id of its own, unless given. */
export function transaction(occurredAt: number, fields: Partial<TransactionRecord> = {}): TransactionRecord {
  made += 1;
  return {
    v: 1,
    kind: 'transaction',
    id: `tx-${made}`,
    client_id: true,
    content_hash: '0123456789abcdef',
    occurred_at: occurredAt,
    ingested_at: occurredAt + 50,
    status: 'approved',
    count: 1,
    source: 'test',
    backfill: false,
    ...fields,
  };
}

/** A sign of life. */
export function heartbeat(occurredAt: number, fields: Partial<HeartbeatRecord> = {}): HeartbeatRecord {
  return { v: 1, kind: 'heartbeat', occurred_at: occurredAt, ingested_at: occurredAt + 50, source: 'test', backfill: false, ...fields };
}

/** Records as the bus hands them over. */
export function onBus(records: readonly (InboundRecord | string)[], firstOffset = 0): BusRecord[] {
  return records.map((record, index) => ({
    offset: firstOffset + index,
    key: 'k',
    value: Buffer.from(typeof record === 'string' ? record : JSON.stringify(record)),
    headers: JSON_HEADERS,
    publishedAt: NOON,
  }));
}

/** The claim of the only partition. */
export function claimOf(generation = 1, owner = 'me'): PartitionClaim {
  return { group: 'guardian-window', topic: TOPICS.transactions, partition: 0, generation, owner };
}

/** A clock that stands still until it is reported. `jump` moves the wall clock alone. */
export function manualClock(nowMs: number): Clock & { set(ms: number): void; jump(ms: number): void } {
  let now = nowMs;
  let wrong = 0;
  return {
    now: () => now + wrong,
    jump: (ms) => {
      wrong += ms;
    },
    // As the clock of a real machine, which has a fraction.
    monotonic: () => now + ((now / 1000) % 7) / 16,
    set: (ms) => {
      now = ms;
    },
  };
}

/** The windows that wait in the outbox, in order. */
export async function windowsOf(database: Database): Promise<ClosedWindow[]> {
  const rows = await database.query<{ value: string }>('select value from outbox where topic = $1 order by id', [TOPICS.windows]);
  return rows.map(({ value }) => {
    const { by_status: _, ...message } = JSON.parse(value) as WindowMessage;
    return { ...message, v: 1, cells: readCells(message.cells) as ClosedWindow['cells'] };
  });
}
