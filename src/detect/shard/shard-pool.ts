import { fileURLToPath } from 'node:url';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { GuardianError } from '../../errors.ts';
import { noteShard, shardMemory, type ShardNote } from './shard-board.ts';
import type { BridgeSettings, FromShard } from './shard-bridge.ts';
import type { ShardLink, ShardReply } from './shard-message.ts';

const BRIDGE = new URL('./shard-bridge.ts', import.meta.url);
/** Longest wait for a reply, and for a process to start: a shard of half a million series takes a second, a start some seconds on a busy machine. */
export const SHARD_PATIENCE_MS = 60_000;
/** One that owes a reply and has not computed for so long hangs. Below the lease of a role: the detector keeps it. */
const IDLE_MS = 10_000;

export interface ShardPoolOptions {
  /** Longest wait for a reply (default one minute). */
  readonly patienceMs?: number;
  /** Longest time that a process which owes a reply may do nothing (default 10 s); known on Linux only. */
  readonly idleMs?: number;
  /** Where it is noted how each shard stands: memory that `shardMemory` made for so many. */
  readonly board?: SharedArrayBuffer | undefined;
}

/** The processes of the shards of one detector. */
export interface ShardPool {
  /** A link to each shard, for one detector at a time: what had links before must not be used any more. Starts the processes, and others in place
   *  of those that are gone or still owe an answer. */
  links(): ShardLink[];
  /** Process ids of the shards that have started; 0 for the others. */
  pids(): number[];
  /** Ends the processes. */
  close(): Promise<void>;
}

interface Life {
  readonly link: ShardLink;
  readonly worker: Worker;
  readonly isUsable: () => boolean;
  readonly pid: () => number;
}

/** Makes the pool of so many shards; nothing is started yet. `entry`: file of the process of a shard (`src/app/shard-process.ts`). */
export function createShardPool(shards: number, entry: URL, options: ShardPoolOptions = {}): ShardPool {
  const { board = shardMemory(shards) } = options;
  const lives: (Life | undefined)[] = Array.from({ length: shards });
  const begin = (shard: number): ShardNote & { readonly life: number } => {
    const note = noteShard(board, shard);
    note.phase('starting');
    return note;
  };
  for (const shard of lives.keys()) begin(shard);

  return {
    links: () =>
      lives.map((before, shard) => {
        if (before !== undefined && before.isUsable()) return before.link;
        if (before !== undefined) void end(before.worker);
        const place = { name: `${shard + 1} of ${shards}`, shard, board, note: begin(shard) };
        const life = start(place, entry, options);
        lives[shard] = life;
        return life.link;
      }),
    pids: () => lives.map((life) => life?.pid() ?? 0),
    async close() {
      for (const shard of lives.keys()) noteShard(board, shard).phase('none');
      await Promise.all(lives.flatMap((life) => (life === undefined ? [] : [end(life.worker)])));
      lives.fill(undefined);
    },
  };
}

/** Ends the process of a shard and the thread in front of it. */
async function end(worker: Worker): Promise<void> {
  const exit = new Promise((resolve) => worker.once('exit', resolve));
  if (worker.threadId < 0) return;
  worker.ref();
  worker.postMessage('end');
  await exit;
}

interface Place {
  readonly name: string;
  readonly shard: number;
  readonly board: SharedArrayBuffer;
  readonly note: ShardNote & { readonly life: number };
}

function start(
  { name, shard, board, note }: Place,
  entry: URL,
  { patienceMs = SHARD_PATIENCE_MS, idleMs = IDLE_MS }: ShardPoolOptions,
): Life {
  const { port1: port, port2 } = new MessageChannel();
  const signal = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const settings: BridgeSettings = { entry: fileURLToPath(entry), port: port2, signal, idleMs, board, shard, life: note.life };
  const worker = new Worker(BRIDGE, { name: 'shard', workerData: settings, transferList: [port2] });
  worker.once('error', () => undefined);
  worker.unref();
  port.unref();
  let owed = 0;
  let pid = 0;
  let lost: string | null = null;

  /** Takes what has come; null when there is nothing. */
  function take(): ShardReply | null {
    for (;;) {
      const received = receiveMessageOnPort(port);
      if (received === undefined) return null;
      const message = received.message as FromShard;
      if (message.kind === 'reply') return message.reply;
      if (message.kind === 'started') pid = message.pid;
      else lost ??= message.reason;
    }
  }

  function fail(): never {
    throw new GuardianError(
      'DETECT_SHARD_LOST',
      `Shard ${name} of the detector is gone: ${lost ?? 'it does not answer'}. The detector starts again from its last snapshot.`,
      { retryable: true },
    );
  }

  const link: ShardLink = {
    send(request) {
      if (lost !== null) fail();
      owed++;
      note.asked();
      port.postMessage(request);
    },
    receive() {
      for (;;) {
        const seen = Atomics.load(signal, 0);
        const reply = take();
        if (reply !== null) {
          owed--;
          return reply;
        }
        const waitMs = pid === 0 ? SHARD_PATIENCE_MS : patienceMs;
        if (lost === null && Atomics.wait(signal, 0, seen, waitMs) === 'timed-out') {
          lost = `it did not answer within ${waitMs / 1000} s`;
          note.lost('silent');
        }
        if (lost !== null) fail();
      }
    },
  };
  return {
    link,
    worker,
    isUsable: () => {
      if (owed === 0 && lost === null) take();
      return owed === 0 && lost === null;
    },
    pid: () => pid,
  };
}
