import { fork } from 'node:child_process';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { ShardReply } from './shard-message.ts';

/** What the thread is started with. `entry`: file of the process of a shard; `signal`: one number that grows with every message at `port`, for a thread that waits for it. */
export interface BridgeSettings {
  readonly entry: string;
  readonly port: MessagePort;
  readonly signal: Int32Array;
}

/** What comes from a shard: that it is ready, a reply, or how it ended. */
export type FromShard =
  | { readonly kind: 'started'; readonly pid: number }
  | { readonly kind: 'reply'; readonly reply: ShardReply }
  | { readonly kind: 'lost'; readonly reason: string };

// Entry of the thread between a detector, which waits without turns of its event loop, and the process of a shard.
const { entry, port, signal } = workerData as BridgeSettings;
const child = fork(entry, [], {
  serialization: 'advanced',
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
});

function pass(message: FromShard): void {
  port.postMessage(message);
  Atomics.add(signal, 0, 1);
  Atomics.notify(signal, 0);
}

child.on('message', (message) =>
  pass(message === 'ready' ? { kind: 'started', pid: child.pid ?? 0 } : { kind: 'reply', reply: message as ShardReply }),
);
child.once('error', (error) => pass({ kind: 'lost', reason: error.message }));
child.once('exit', (code, by) => {
  pass({ kind: 'lost', reason: by === null ? `it ended with code ${code}` : `it was ended by ${by}` });
  // Nothing is left to do: the thread ends.
  port.close();
  parentPort?.close();
});
port.on('message', (request: object) => child.send(request, () => undefined));
// A process is only gone once somebody has taken note of its end: this thread ends after it.
parentPort?.once('message', () => child.kill('SIGKILL'));
