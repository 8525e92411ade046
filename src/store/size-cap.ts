import type { HealthFact } from '@transaction-guardian/contracts/health-reason.ts';
import type { Logger } from 'pino';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { repeat, type Stage, type StageHealth } from '../stage.ts';
import type { Database } from './database.ts';
import { removeEarly } from './remove-early.ts';
import { areDivided, TRANSACTIONS } from './verbs/transaction/time-partitions.ts';
import { readEarlyRemoval, readOldestArrival, type EarlyRemoval } from './verbs/early-removal.ts';
import { measureRaw, readStoreBytes, rebuildIndex, type RawSize } from './verbs/store-size.ts';

export interface SizeCapDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
}

export interface SizeCapOptions {
  /** Most bytes of the database; 0: no cap. */
  readonly maxBytes: number;
  /** What is older goes anyway. */
  readonly rawRetentionDays: number;
  /** Between two looks (default 60 000 ms), and between two steps of a removal (default 100 ms). */
  readonly everyMs?: number;
  readonly pauseMs?: number;
}

/** Keeps the database below its cap. */
export interface SizeCap extends Stage {
  /** Looks now, and removes what is too much. */
  look(): Promise<void>;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Begins before the cap is reached, since the files never get smaller and an index needs some room of its own, and removes enough
 *  for a while. */
const BEGIN_SHARE = 0.9;
const END_SHARE = 0.85;
/** To look inside takes a vacuum: it is worth it when the files have grown by so much. */
const GROWN_SHARE = 0.005;
const NEAR_SHARE = 0.95;
const OVERGROWN_TIMES = 3;

/** Creates the stage that removes raw transactions, the oldest hour of arrival first (where they are divided by days, the oldest day), while the database holds more than
 *  `maxBytes`. The newest hour stays, so that a retry is recognised; counts, anomalies and alerts are never touched: what
 *  cannot be kept below the cap without them is reported. */
export function createSizeCap(deps: SizeCapDeps, options: SizeCapOptions): SizeCap {
  const { database, clock, log } = deps;
  const { maxBytes } = options;
  const measured = createMeasures(deps.metrics);
  let removal: EarlyRemoval | undefined;
  let trouble: HealthFact | undefined;
  /** Size of the files when there was room inside. */
  let roomyBytes = 0;
  /** What the files may have: the cap, or their size when it was lowered below them. */
  let allowedBytes = 0;
  /** When an index may be built again, by the monotonic clock. */
  let rebuildAt = Number.NEGATIVE_INFINITY;

  /** Whether rows are missing that retention would still keep. */
  const matters = (one: EarlyRemoval | undefined): one is EarlyRemoval =>
    one !== undefined && one.before > clock.now() - options.rawRetentionDays * DAY_MS;

  async function removeOldest(excess: number, rowBytes: number): Promise<void> {
    const newest = clock.now() - HOUR_MS;
    const oldest = matters(removal) ? removal.before : ((await readOldestArrival(database)) ?? newest);
    // A table of a day goes whole.
    const step = (await areDivided(database, TRANSACTIONS)) ? DAY_MS : HOUR_MS;
    let removed = 0;
    let before = Math.floor(oldest / step) * step;
    while (removed * rowBytes < excess && before + step <= newest && !loop.signal.aborted) {
      before += step;
      removed += await removeEarly(deps, { before, signal: loop.signal, pause: () => loop.pause(options.pauseMs ?? 100) });
    }
    if (removed === 0) return;
    measured.removed.inc(removed);
    removal = await readEarlyRemoval(database);
    log.warn(
      { removed, before: new Date(before).toISOString(), max_bytes: maxBytes },
      'deleted raw transactions before their retention to stay below store.max_bytes',
    );
  }

  async function measure(): Promise<RawSize & { readonly files: number; readonly used: number }> {
    const raw = await measureRaw(database);
    const files = await readStoreBytes(database);
    return { ...raw, files, used: files - raw.freeBytes };
  }

  /** The files get smaller by what new entries of an index cannot use. */
  async function rebuild({ bloated }: RawSize): Promise<boolean> {
    const worth = bloated.filter(({ bytes }) => bytes > maxBytes * GROWN_SHARE);
    if (worth.length === 0 || loop.signal.aborted || clock.monotonic() < rebuildAt) return false;
    try {
      for (const { index, bytes } of worth) {
        await rebuildIndex(database, index);
        log.info({ index, bytes }, 'index rebuilt: most of its pages were partly empty');
      }
      return true;
    } catch (error) {
      rebuildAt = clock.monotonic() + DAY_MS;
      log.warn({ reason: messageOf(error) }, 'failed to rebuild an index: raw transactions are deleted in its place, retrying in a day');
      return false;
    }
  }

  async function look(): Promise<void> {
    removal ??= await readEarlyRemoval(database);
    const bytes = await readStoreBytes(database);
    measured.bytes.set(bytes);
    if (maxBytes === 0 || bytes <= maxBytes * BEGIN_SHARE) return void (trouble = undefined);
    if (bytes <= roomyBytes + maxBytes * GROWN_SHARE) return;
    let before = await measure();
    if (await rebuild(before)) before = await measure();
    // Files that grow although there is room inside can use less of it than it looks: an index above all.
    if (allowedBytes === 0) allowedBytes = Math.max(maxBytes * NEAR_SHARE, bytes);
    const overgrown = Math.max(0, bytes - allowedBytes);
    const excess = before.used - maxBytes * END_SHARE + overgrown * OVERGROWN_TIMES;
    if (before.used > maxBytes * BEGIN_SHARE || overgrown > 0) await removeOldest(excess, before.rowBytes);
    let after = await measure();
    // With the fewest rows it takes the least.
    if (await rebuild(after)) after = await measure();
    const { files, used } = after;
    measured.bytes.set(files);
    roomyBytes = used <= maxBytes * BEGIN_SHARE ? files : 0;
    trouble = used > maxBytes ? overCap(used, maxBytes) : undefined;
    if (trouble !== undefined) log.warn({ used, max_bytes: maxBytes }, 'database still exceeds store.max_bytes');
  }

  const everyMs = options.everyMs ?? 60_000;
  const loop = repeat(look, { everyMs, log, failure: 'failed to read the database size, retrying later' });
  return {
    name: 'store_size',
    start: loop.start,
    stop: loop.stop,
    health(): StageHealth {
      const failing = loop.health();
      if (failing.status !== 'ok') return failing;
      if (trouble !== undefined) return { status: 'degraded', reasons: [trouble] };
      return matters(removal) ? { status: 'ok', reasons: [removedEarly(removal)] } : { status: 'ok' };
    },
    look,
  };
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);

const overCap = (used: number, maxBytes: number): HealthFact => ({
  code: 'part_over_cap',
  params: { used: megabytes(used), most: megabytes(maxBytes) },
});

const iso = (at: number): string => new Date(at).toISOString();

const removedEarly = ({ removed, before, removed_at: at }: EarlyRemoval): HealthFact => ({
  code: 'part_removed_early',
  params: { removed, before: iso(before), at: iso(at) },
});

function createMeasures(metrics: Registry) {
  return {
    bytes: new Gauge({
      name: 'guardian_store_bytes',
      help: 'Size of tables and indexes, without the write-ahead log.',
      registers: [metrics],
    }),
    removed: new Counter({
      name: 'guardian_store_removed_early_total',
      help: 'Raw transactions deleted before their retention to stay below store.max_bytes.',
      registers: [metrics],
    }),
  };
}
