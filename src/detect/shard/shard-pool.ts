import { fileURLToPath } from 'node:url';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { GuardianError } from '../../errors.ts';
import { noteShard, readShards, shardMemory, type ShardCause, type ShardNote, type ShardView } from './shard-board.ts';
import type { BridgeSettings, FromShard } from './shard-bridge.ts';
import { END, SIGNAL, type ShardLink, type ShardReply, type ToShard } from './shard-message.ts';

const BRIDGE = new URL('./shard-bridge.ts', import.meta.url);
/** Longest wait for a reply, and for a process to start: a shard of half a million series takes a second, a start some seconds on a busy machine. */
export const SHARD_PATIENCE_MS = 60_000;
/** One that owes a reply and has not computed for so long hangs. Below the lease of a role: the detector keeps it. */
const IDLE_MS = 10_000;
const THREAD_ENDED = 'the thread in front of it has ended';

export interface ShardPoolOptions {
  /** Longest wait for a reply (default one minute). */
  readonly patienceMs?: number;
  /** Longest time that a process which owes a reply may do nothing (default 10 s); known on Linux only. */
  readonly idleMs?: number;
  /** Where it is noted how each shard stands: memory that `shardMemory` made for so many. */
  readonly board?: SharedArrayBuffer | undefined;
  /** Starts the thread between the detector and a shard (default: below this one). A thread that may end before the program has another one
   *  start it: with a thread end those below it, and nobody takes note of the end of their processes. */
  readonly startBridge?: ((settings: BridgeSettings) => void) | undefined;
}

/** Starts the thread between a detector and a shard, which ends with its process, and that when its port is closed at the other end. Where the
 *  thread ends without it, by force or for lack of memory, the detector does not wait for it. `kill`: ends that process, which may hang; its id is
 *  its own for as long as nobody takes note of its end (default: it ends with its channel). */
export function startShardBridge(settings: BridgeSettings, kill: (pid: number) => void = () => undefined): Worker {
  const { signal, board, shard, life } = settings;
  const worker = new Worker(BRIDGE, { name: 'shard', workerData: settings, transferList: [settings.port] });
  worker.once('error', () => undefined);
  worker.once('exit', () => {
    const pid = Atomics.load(signal, SIGNAL.pid);
    if (pid !== 0) kill(pid);
    noteShard(board, shard, life).lost('ended');
    Atomics.store(signal, SIGNAL.over, 1);
    Atomics.add(signal, SIGNAL.messages, 1);
    Atomics.notify(signal, SIGNAL.messages);
  });
  worker.unref();
  return worker;
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
  readonly note: ShardNote;
  /** Ends the process and the thread in front of it; resolves when both are gone. */
  readonly end: () => Promise<void>;
  readonly isUsable: () => boolean;
  readonly pid: () => number;
}

/** Makes the pool of so many shards; nothing is started yet. `entry`: file of the process of a shard (`src/app/shard-process.ts`). */
export function createShardPool(shards: number, entry: URL, options: ShardPoolOptions = {}): ShardPool {
  const { board = shardMemory(shards) } = options;
  const lives: (Life | undefined)[] = Array.from({ length: shards });
  for (const shard of lives.keys()) noteShard(board, shard).begins('detector');

  return {
    links() {
      const views = readShards(board);
      return lives.map((before, shard) => {
        const cause = causeOf(views, shard);
        if (before !== undefined && before.isUsable()) {
          if (cause !== 'detector') before.note.begins(cause);
          return before.link;
        }
        void before?.end();
        const note = noteShard(board, shard);
        note.begins(cause);
        const life = start({ name: `${shard + 1} of ${shards}`, shard, board, note }, entry, options);
        lives[shard] = life;
        return life.link;
      });
    },
    pids: () => lives.map((life) => life?.pid() ?? 0),
    async close() {
      for (const shard of lives.keys()) noteShard(board, shard).ends();
      await Promise.all(lives.flatMap((life) => (life === undefined ? [] : [life.end()])));
      lives.fill(undefined);
    },
  };
}

/** Why a shard begins: one that has not judged since the last loss still begins for that. */
function causeOf(views: readonly ShardView[], shard: number): ShardCause {
  const { phase, cause } = views[shard] as ShardView;
  if (phase === 'lost') return 'own_loss';
  if (phase !== 'ready' && cause !== 'detector') return cause;
  return views.some((one) => one.phase === 'lost') ? 'other_loss' : 'detector';
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
  { patienceMs = SHARD_PATIENCE_MS, idleMs = IDLE_MS, startBridge = (settings) => void startShardBridge(settings) }: ShardPoolOptions,
): Life {
  const { port1: port, port2 } = new MessageChannel();
  const signal = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * Object.keys(SIGNAL).length));
  const settings: BridgeSettings = { entry: fileURLToPath(entry), port: port2, signal, idleMs, board, shard, life: note.life };
  const over = new Promise<void>((resolve) => void port.once('close', resolve));
  startBridge(settings);
  const say = (message: ToShard): void => port.postMessage(message);
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

  /** True once nothing comes any more, behind what has come: look before taking it. */
  const isOver = (): boolean => Atomics.load(signal, SIGNAL.over) === 1;

  function fail(): never {
    throw new GuardianError(
      'DETECT_SHARD_LOST',
      `Shard ${name} of the detector is gone: ${lost ?? 'it does not answer'}. The detector starts again from its last snapshot.`,
      { retryable: true },
    );
  }

  const link: ShardLink = {
    send(request) {
      if (lost === null && isOver()) take();
      if (lost === null && isOver()) lost = THREAD_ENDED;
      if (lost !== null) fail();
      owed++;
      note.asked();
      say(request);
    },
    receive() {
      for (;;) {
        const seen = Atomics.load(signal, SIGNAL.messages);
        const wasOver = isOver();
        const reply = take();
        if (reply !== null) {
          owed--;
          return reply;
        }
        if (wasOver) lost ??= THREAD_ENDED;
        const waitMs = pid === 0 ? SHARD_PATIENCE_MS : patienceMs;
        if (lost === null && Atomics.wait(signal, SIGNAL.messages, seen, waitMs) === 'timed-out') {
          lost = `it did not answer within ${waitMs / 1000} s`;
          note.lost('silent');
        }
        if (lost !== null) fail();
      }
    },
  };
  return {
    link,
    note,
    async end() {
      say(END);
      // Nobody reads it any more: the end is behind what has come.
      port.on('message', () => undefined);
      await over;
    },
    isUsable: () => {
      if (owed === 0 && lost === null) take();
      return owed === 0 && lost === null && !isOver();
    },
    pid: () => pid,
  };
}
