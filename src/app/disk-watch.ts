import { existsSync, rmSync, statfsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HealthFact } from '@transaction-guardian/contracts/health-reason.ts';
import { reasonText } from '@transaction-guardian/contracts/text/text.ts';
import type { Logger } from 'pino';
import { Gauge, type Registry } from 'prom-client';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { StageHealth } from '../stage.ts';

export interface DiskWatchDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
  /** Room and size of the disk in bytes; default: asked of the file system. */
  /** Records that are accepted and not counted yet: the database needs room for them. */
  readonly uncounted?: () => number;
  readonly measure?: () => { readonly free: number; readonly size: number };
}

/** Watches the disk of a data directory. */
export interface DiskWatch {
  /** Takes a look; call it every few seconds. Never throws. */
  look(): void;
  health(): StageHealth;
  /** Why no transactions may be taken now: what is free is kept for the database. Undefined: there is room. */
  noRoom(): HealthFact | undefined;
  /** What is wrong, one thing at a time: a disk that is full is not also filling up. */
  problem(): { readonly kind: 'full' | 'low'; readonly reason: HealthFact } | undefined;
}

const RESERVE_BYTES = 67_108_864;
/** A small disk is not given away to the reserve. */
const RESERVE_SHARE = 0.02;
/** What the database needs to go on: segments of its write-ahead log (16 MiB each, up to some 64 MiB between checkpoints), and
 *  the derived topics. At most a tenth of a small disk. */
const NEEDED_BYTES = 268_435_456;
const NEEDED_SHARE = 0.1;
/** Row, index, counts and window of a record that still has to be counted. */
const RECORD_BYTES = 400;
/** Opens again with so many times what is needed, so that it does not flap. */
const ROOM_TIMES = 1.25;
/** Warns before it refuses. */
const LOW_TIMES = 2;
/** A command that runs for a moment needs no reserve. */
const SETTLED_MS = 60_000;
const HOUR_MS = 3_600_000;
const SAMPLE_MS = 60_000;
/** A shorter past would take a checkpoint for growth. */
const LEAST_PAST_MS = 600_000;
const WARN_MS = 3 * HOUR_MS;

/** Watches the disk of `root`. A file of 64 MiB, at most a fiftieth of the disk, is kept in reserve and deleted when less than
 *  half of it is free, so that the database can finish what it has; it is rebuilt when there is room for three.
 *  Warns when the disk fills up within three hours at the rate of the last hour, and says when no more may be accepted: there
 *  is room for a database at work (256 MiB, at most a tenth of the disk) and for what it has not counted yet. */
export function createDiskWatch(root: string, deps: DiskWatchDeps): DiskWatch {
  const { clock, log } = deps;
  const measure = deps.measure ?? (() => measureDisk(root));
  const reserve = join(root, 'reserve');
  const samples: { readonly at: number; readonly free: number }[] = [];
  const startedAt = clock.monotonic();
  let trouble: HealthFact | undefined;
  let noRoom: HealthFact | undefined;
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers: [deps.metrics] });
  const freeBytes = gauge('guardian_disk_free_bytes', 'Room on the disk of the data directory.');
  const fullIn = gauge(
    'guardian_disk_full_in_seconds',
    'Time until the disk is full at the rate of the last hour; +Inf when it does not fill up.',
  );

  function keepReserve(free: number, bytes: number): void {
    if (free < bytes / 2 && existsSync(reserve)) {
      rmSync(reserve, { force: true });
      log.error({ free, reserve: bytes }, 'disk nearly full: reserve file deleted');
    } else if (free > bytes * 3 && clock.monotonic() - startedAt > SETTLED_MS && !existsSync(reserve)) {
      writeFile(reserve, piecesOf(bytes), { mode: 0o600 }).catch((error: unknown) => {
        rmSync(reserve, { force: true });
        log.warn({ reason: messageOf(error) }, 'failed to create the reserve file');
      });
    }
  }

  function judgeRoom(free: number, needed: number): void {
    const wasFull = noRoom !== undefined;
    noRoom =
      free < needed * (wasFull ? ROOM_TIMES : 1)
        ? { code: 'self_disk_full', params: { free: megabytes(free), needed: megabytes(needed) } }
        : undefined;
    if (noRoom !== undefined && !wasFull) log.error({ free, needed }, 'disk nearly full: rejecting transactions');
    if (noRoom === undefined && wasFull) log.info({ free }, 'disk space available again: accepting transactions');
  }

  function look(): void {
    const { free, size } = measure();
    const bytes = Math.min(RESERVE_BYTES, Math.floor(size * RESERVE_SHARE));
    keepReserve(free, bytes);
    const needed = Math.min(NEEDED_BYTES, size * NEEDED_SHARE) + (deps.uncounted?.() ?? 0) * RECORD_BYTES;
    judgeRoom(free, needed);
    const leftMs = timeLeft(samples, clock.monotonic(), free);
    freeBytes.set(free);
    fullIn.set(leftMs / 1000);
    const before = trouble;
    trouble = undefined;
    if (free < needed * LOW_TIMES) trouble = { code: 'self_disk_low', params: { free: megabytes(free) } };
    else if (leftMs < WARN_MS) trouble = { code: 'self_disk_filling', params: { hours: leftMs / HOUR_MS, free: megabytes(free) } };
    if (trouble !== undefined && before === undefined)
      log.warn({ reason: reasonText('en', trouble) }, 'data directory is running out of disk space');
    if (trouble === undefined && before !== undefined) log.info('data directory has enough disk space again');
  }

  return {
    look() {
      try {
        look();
      } catch (error) {
        log.debug({ reason: messageOf(error) }, 'failed to read disk usage');
      }
    },
    health() {
      if (noRoom !== undefined) return { status: 'down', reasons: [noRoom] };
      return trouble === undefined ? { status: 'ok' } : { status: 'degraded', reasons: [trouble] };
    },
    noRoom: () => noRoom,
    problem() {
      if (noRoom !== undefined) return { kind: 'full', reason: noRoom };
      return trouble === undefined ? undefined : { kind: 'low', reason: trouble };
    },
  };
}

/** Milliseconds until the room is gone, from the samples of the last hour; Infinity when it does not shrink. Keeps the samples. */
function timeLeft(samples: { readonly at: number; readonly free: number }[], now: number, free: number): number {
  if (now - (samples.at(-1)?.at ?? Number.NEGATIVE_INFINITY) >= SAMPLE_MS) samples.push({ at: now, free });
  while ((samples[0]?.at ?? now) < now - HOUR_MS) samples.shift();
  const first = samples[0];
  if (first === undefined || now - first.at < LEAST_PAST_MS || first.free <= free) return Number.POSITIVE_INFINITY;
  return (free * (now - first.at)) / (first.free - free);
}

function measureDisk(root: string): { readonly free: number; readonly size: number } {
  const { bavail, blocks, bsize } = statfsSync(root);
  return { free: bavail * bsize, size: blocks * bsize };
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);

/** So many bytes that are not zero, a MiB at a time: the whole would stay in memory for a while. */
function* piecesOf(bytes: number): Generator<Buffer> {
  const piece = Buffer.alloc(1_048_576, 1);
  for (let left = bytes; left > 0; left -= piece.length) yield piece.subarray(0, Math.min(left, piece.length));
}
