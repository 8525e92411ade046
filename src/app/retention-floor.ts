import { TOPICS, type Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../store/database.ts';
import { readSnapshotOffset } from '../store/verbs/detector/detector-snapshot.ts';
import { readOffsets } from '../store/verbs/log/read-offset.ts';
import { READERS } from './readers.ts';

type Offsets = ReadonlyMap<number, number>;
type Floor = ReadonlyMap<Topic, Offsets>;

/** What was committed becomes the floor after this long: a power cut may take the database back by its last moments. */
const SETTLED_MS = 60_000;
/** A database that has not answered so long after the first question is away. */
const PATIENCE_MS = 180_000;

/** Makes the question what the stages still need of the log: by topic and partition, the offset that their results were
 *  committed up to a minute ago, and for the detector that of its stored state, from which it reads again after a restart.
 *  Null at first, until that is known. A stage that has committed nothing, and a database that does not answer, need
 *  everything. Never throws. */
export function createRetentionFloor(database: () => Database | undefined, clock: Clock): () => Promise<Floor | null> {
  let settled: Floor | null = null;
  let askedAt: number | undefined;
  let latest: { readonly at: number; readonly floor: Floor } | undefined;
  return async () => {
    const source = database();
    const read = source === undefined ? undefined : await readFloor(source).catch(() => undefined);
    const now = clock.monotonic();
    askedAt ??= now;
    if (read === undefined && settled === null && now - askedAt >= PATIENCE_MS) settled = EVERYTHING;
    if (read === undefined) return settled;
    if (latest !== undefined && now - latest.at < SETTLED_MS) return settled;
    if (latest !== undefined) settled = latest.floor;
    latest = { at: now, floor: read };
    return settled;
  };
}

/** No partition is named, so that each is kept whole. */
const EVERYTHING: Floor = new Map(READERS.map(({ topic }) => [topic, new Map()]));

async function readFloor(database: Database): Promise<Floor> {
  const floors = new Map<Topic, Offsets>();
  for (const reader of READERS) floors.set(reader.topic, await readOffsets(database, reader));
  const state = await readSnapshotOffset(database, 'main');
  const windows = floors.get(TOPICS.windows) ?? new Map<number, number>();
  floors.set(TOPICS.windows, new Map([...windows].map(([partition, next]) => [partition, Math.min(next, state ?? 0)])));
  return floors;
}
