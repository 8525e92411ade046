import { readFile } from 'node:fs/promises';
import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Clock } from '../../clock.ts';
import { GuardianError, messageOf } from '../../errors.ts';
import type { OutRecord, SpoolState } from '../bus.ts';
import { checkRecord } from '../check-record.ts';
import { encodeFrames, scanFrames, type SpooledRecord } from './frame.ts';
import { openSpoolFiles, type Frames, type SpoolFile } from './spool-files.ts';
import { createSpoolMetrics } from './spool-metrics.ts';

export interface SpoolOptions {
  /** Folder of this spool alone; made with mode 0700. */
  readonly dir: string;
  /** Most bytes on the disk; 0: nothing is spooled, and what was is drained. */
  readonly maxBytes: number;
  /** A file that has so many bytes is followed by another one (default 4 MiB). After a crash a file is drained again from its start. */
  readonly fileBytes?: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
}

/** The oldest file of a spool; nothing is added to it. */
export interface SpooledFile {
  readonly records: readonly SpooledRecord[];
  /** Takes it out of the spool: the log has its records. A file that could not be read whole is kept beside the others, as `.damaged`. */
  remove(): Promise<void>;
}

/** Records on the disk of this process, in the order in which they came, until the log takes them. */
export interface Spool {
  /** Resolves when the records survive a power cut. Calls that come together share one write. Throws BUS_UNAVAILABLE (retryable) when the
   *  spool is full or the disk refuses, BUS_RECORD_TOO_LARGE. */
  append(topic: Topic, records: readonly OutRecord[]): Promise<void>;
  /** The oldest file, closed to new records; null when nothing is spooled. */
  oldest(): Promise<SpooledFile | null>;
  state(): SpoolState;
  /** True when nothing is in it, and nothing on its way into it. */
  isEmpty(): boolean;
  close(): Promise<void>;
}

const FILE_BYTES = 4_194_304;

interface Waiting extends Frames {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Opens the spool of a folder, with what is in it. Throws what the file system throws. */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  const { dir, maxBytes, clock, log } = options;
  const files = await openSpoolFiles(dir, options.fileBytes ?? FILE_BYTES);
  const state = (): SpoolState => ({
    records: files.list.reduce((sum, file) => sum + file.records, 0),
    bytes: files.list.reduce((sum, file) => sum + file.bytes, 0),
    maxBytes,
    oldestAt: files.list.find(({ oldestAt }) => oldestAt !== null)?.oldestAt ?? null,
  });
  const metrics = createSpoolMetrics(options.metrics, state, clock.now);
  const waiting: Waiting[] = [];
  /** Appends that have no answer yet, and their bytes. */
  let unanswered = 0;
  let unansweredBytes = 0;
  let turn: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  /** What touches the files runs one after the other. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  }

  /** Writes everything that waits. */
  async function flush(): Promise<void> {
    const taken = waiting.splice(0);
    if (taken.length === 0) return;
    let refusal: GuardianError | undefined;
    try {
      await files.store(taken);
    } catch (error) {
      const message = `The log is away, and the spool in ${dir} cannot be written: ${messageOf(error)}`;
      refusal = new GuardianError('BUS_UNAVAILABLE', message, { retryable: true, cause: error });
    }
    unanswered -= taken.length;
    for (const { frames, records, resolve, reject } of taken) {
      unansweredBytes -= frames.length;
      metrics[refusal === undefined ? 'spooled' : 'refused'](records);
      if (refusal === undefined) resolve();
      else reject(refusal);
    }
  }

  function checkRoom(bytes: number, records: number): void {
    const held = state().bytes + unansweredBytes;
    if (!isClosed && held + bytes <= maxBytes) return;
    metrics.refused(records);
    const off = maxBytes === 0 ? 'is switched off (bus.kafka.spool_max_bytes)' : `is full: ${held} of ${maxBytes} bytes are held`;
    const message = `The log is away, and the spool ${isClosed ? 'is closed' : off}.`;
    throw new GuardianError('BUS_UNAVAILABLE', message, { retryable: true, data: { bytes: held } });
  }

  async function read(file: SpoolFile): Promise<SpooledFile> {
    const { records, damagedBytes, tornBytes } = scanFrames(await readFile(file.path));
    const facts = { path: file.path, records: records.length };
    if (tornBytes > 0) log.info({ ...facts, bytes: tornBytes }, 'spool file ends in a record that was never answered');
    if (damagedBytes > 0)
      log.error({ ...facts, bytes: damagedBytes }, 'spool file is damaged: what can be read is published, the file is kept');
    return {
      records,
      remove: () =>
        inTurn(async () => {
          await files.drop(file, { keeps: damagedBytes > 0 });
          metrics.damaged(damagedBytes);
          metrics.drained(records.length);
        }),
    };
  }

  return {
    async append(topic, records) {
      for (const [index, record] of records.entries()) checkRecord(topic, record, index);
      const at = clock.now();
      const frames = encodeFrames(topic, records, at);
      checkRoom(frames.length, records.length);
      unanswered += 1;
      unansweredBytes += frames.length;
      await new Promise<void>((resolve, reject) => {
        waiting.push({ frames, records: records.length, at, resolve, reject });
        void inTurn(flush);
      });
    },
    oldest: () =>
      inTurn(async () => {
        const [file] = files.list;
        if (file === undefined) return null;
        if (files.isOpen(file)) await files.closeNewest();
        return read(file);
      }),
    state,
    isEmpty: () => files.list.length === 0 && unanswered === 0,
    async close() {
      isClosed = true;
      await inTurn(files.closeNewest);
    },
  };
}
