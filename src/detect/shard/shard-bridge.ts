import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { systemClock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import { noteShard } from './shard-board.ts';
import { END, SIGNAL, type ShardReply, type ToShard } from './shard-message.ts';

/** What the thread is started with. `entry`: file of the process of a shard; `signal`: what a thread that waits for it can see, by `SIGNAL`;
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
Atomics.store(signal, SIGNAL.pid, child.pid ?? 0);
let owed = 0;
let isReady = false;

function pass(message: FromShard): void {
  port.postMessage(message);
  Atomics.add(signal, SIGNAL.messages, 1);
  Atomics.notify(signal, SIGNAL.messages);
}

function lose(why: 'ended' | 'silent', reason: string): void {
  clearInterval(looking);
  note.lost(why);
  pass({ kind: 'lost', reason });
}

/** Nothing is left to do: the thread ends. */
function finish(reason: string): void {
  Atomics.store(signal, SIGNAL.pid, 0);
  lose('ended', reason);
  port.close();
  parentPort?.close();
}

child.on('error', (error) => {
  // One that could not be started has no end.
  if (child.pid === undefined) return finish(error.message);
  lose('ended', error.message);
});
child.once('exit', (code, by) => finish(by === null ? `it ended with code ${code}` : `it was ended by ${by}`));
// A process is only gone once somebody has taken note of its end: this thread ends after it.
const end = (): void => void child.kill('SIGKILL');
/** Without this thread the process would be there for nobody: it goes with what fails here. */
const guarded =
  <Message>(hear: (message: Message) => void) =>
  (message: Message): void => {
    try {
      hear(message);
    } catch (error) {
      lose('ended', `the thread in front of it failed: ${messageOf(error)}`);
      end();
    }
  };
child.on(
  'message',
  guarded((message) => {
    if (message === 'ready') {
      isReady = true;
      return pass({ kind: 'started', pid: child.pid ?? 0 });
    }
    const reply = message as ShardReply;
    owed--;
    note.answered(reply.kind === 'judged' || reply.kind === 'corrected');
    return pass({ kind: 'reply', reply });
  }),
);
port.on(
  'message',
  guarded((message: ToShard) => {
    if (message === END) return end();
    owed++;
    child.send(message, () => undefined);
  }),
);
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
  lose('silent', `it has done nothing for ${idleMs / 1000} s`);
}, LOOK_MS);
