import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Sql } from '../../database.ts';

const pack = promisify(gzip);
const unpack = promisify(gunzip);

/** A smaller body is stored as it is. */
const PACKED_BYTES = 262_144;

/** A detector's state and its place in `guardian.windows`. Times are epoch milliseconds. */
export interface DetectorSnapshot {
  /** First offset that the state has not seen. */
  readonly nextOffset: number;
  readonly sequence: number;
  /** Last minute learnt; null before the first. */
  readonly minute: number | null;
  readonly detectorVersion: string;
  readonly configHash: string;
  readonly takenAt: number;
  readonly body: Uint8Array;
}

interface Row {
  readonly next_offset: number;
  readonly sequence: number;
  readonly minute: number | null;
  readonly detector_version: string;
  readonly config_hash: string;
  readonly taken_at: number;
  readonly body: Uint8Array;
}

/** Replaces the snapshot of a detector. Call it in the transaction that commits the results up to `nextOffset`. */
export async function saveSnapshot(tx: Sql, name: string, snapshot: DetectorSnapshot): Promise<void> {
  // The engine takes four times the memory of a value while it stores it; packing is done by another thread.
  const body = snapshot.body.byteLength < PACKED_BYTES ? snapshot.body : await pack(snapshot.body, { level: 1 });
  await tx.query(
    `insert into detector_snapshot (name, next_offset, sequence, minute, detector_version, config_hash, taken_at, body)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (name) do update set
       next_offset = excluded.next_offset, sequence = excluded.sequence, minute = excluded.minute,
       detector_version = excluded.detector_version, config_hash = excluded.config_hash, taken_at = excluded.taken_at,
       body = excluded.body`,
    [name, snapshot.nextOffset, snapshot.sequence, snapshot.minute, snapshot.detectorVersion, snapshot.configHash, snapshot.takenAt, body],
  );
}

/** First offset that the stored state of a detector has not seen; null when there is none. */
export async function readSnapshotOffset(sql: Sql, name: string): Promise<number | null> {
  const [row] = await sql.query<{ next_offset: number }>('select next_offset from detector_snapshot where name = $1', [name]);
  return row?.next_offset ?? null;
}

/** The snapshot of a detector; null when there is none. */
export async function readSnapshot(sql: Sql, name: string): Promise<DetectorSnapshot | null> {
  const rows = await sql.query<Row>(
    'select next_offset, sequence, minute, detector_version, config_hash, taken_at, body from detector_snapshot where name = $1',
    [name],
  );
  const row = rows[0];
  if (row === undefined) return null;
  return {
    nextOffset: row.next_offset,
    sequence: row.sequence,
    minute: row.minute,
    detectorVersion: row.detector_version,
    configHash: row.config_hash,
    takenAt: row.taken_at,
    body: await unpacked(row.body),
  };
}

/** A body that was stored as it is begins otherwise; one that is damaged is for its reader to refuse. */
async function unpacked(body: Uint8Array): Promise<Uint8Array> {
  if (body[0] !== 0x1f || body[1] !== 0x8b) return body;
  return unpack(body).catch(() => body);
}
