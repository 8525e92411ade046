import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { systemClock } from '../../clock.ts';
import { noteShard } from './shard-board.ts';
import { END, type ShardReply, type ToShard } from './shard-message.ts';

/** What the thread is started with. `entry`: file of the process of a shard; `signal`: one number that grows with every message at `port`, for a thread that waits for it;
 *  `idleMs`: a process that owes a reply and has not computed for so long hangs; `board`: where it notes how shard `shard` stands. */
export interface BridgeSettings {
  readonly entry: string;
  readonly port: MessagePort;
  readonly signal: Int32Array;
  readonly idleMs: number;
  readonly board: SharedArrayBuffer;
  readonly shard: number;
  readonly life: number;
}

/** What comes from a shard: that it is ready, a reply, or how it ended. */
export type FromShard =
  | { readonly kind: 'started'; readonly pid: number }
  | { readonly kind: 'reply'; readonly reply: ShardReply }
  | { readonly kind: 'lost'; readonly reason: string };

const LOOK_MS = 500;

// Entry of the thread between a detector, which waits without turns of its event loop, and the process of a shard.
const { entry, port, signal, idleMs, board, shard, life } = workerData as BridgeSettings;
const note = noteShard(board, shard, life);
const child = fork(entry, [], {
  serialization: 'advanced',
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
});
let owed = 0;
let isReady = false;

function pass(message: FromShard): void {
  port.postMessage(message);
  Atomics.add(signal, 0, 1);
  Atomics.notify(signal, 0);
}

child.on('message', (message) => {
  if (message === 'ready') {
    isReady = true;
    return pass({ kind: 'started', pid: child.pid ?? 0 });
  }
  const reply = message as ShardReply;
  owed--;
  note.answered(reply.kind === 'judged' || reply.kind === 'corrected');
  return pass({ kind: 'reply', reply });
});
child.once('error', (error) => {
  note.lost('ended');
  pass({ kind: 'lost', reason: error.message });
});
child.once('exit', (code, by) => {
  clearInterval(looking);
  note.lost('ended');
  pass({ kind: 'lost', reason: by === null ? `it ended with code ${code}` : `it was ended by ${by}` });
  // Nothing is left to do: the thread ends.
  port.close();
  parentPort?.close();
});
// A process is only gone once somebody has taken note of its end: this thread ends after it.
const end = (): void => void child.kill('SIGKILL');
port.on('message', (message: ToShard) => {
  if (message === END) return end();
  owed++;
  child.send(message, () => undefined);
});
// The detector asked for that, or its thread is gone.
port.once('close', end);
parentPort?.once('message', end);

/** State and processor time of the process, as Linux says; undefined elsewhere. */
function cpuOf(pid: number | undefined): { readonly state: string; readonly ticks: number } | undefined {
  try {
    const [state = '', ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return { state, ticks: Number(fields[10]) + Number(fields[11]) };
  } catch {
    return undefined;
  }
}

let ticksBefore = -1;
let idleFor = 0;
let lookedAt = systemClock.monotonic();
const looking = setInterval(() => {
  const now = systemClock.monotonic();
  // While this thread was busy itself, as with a large request, nobody knows what the process did.
  const elapsed = Math.min(now - lookedAt, 2 * LOOK_MS);
  lookedAt = now;
  const cpu = cpuOf(child.pid);
  // One that waits for a disk will go on; one that somebody has stopped owes what it is asked next.
  const isDue = isReady && (owed > 0 || cpu?.state === 'T');
  const isIdle = cpu !== undefined && isDue && cpu.state !== 'D' && cpu.ticks === ticksBefore;
  idleFor = isIdle ? idleFor + elapsed : 0;
  ticksBefore = cpu?.ticks ?? -1;
  if (idleFor < idleMs) return;
  clearInterval(looking);
  note.lost('silent');
  pass({ kind: 'lost', reason: `it has done nothing for ${idleMs / 1000} s` });
}, LOOK_MS);
