import type { Worker } from 'node:worker_threads';
import { END } from '../detect/shard/shard-message.ts';
import { startShardBridge } from '../detect/shard/shard-pool.ts';
import type { BridgeRequest } from './pipeline-settings.ts';
import { signalProcess } from './signal-process.ts';

/** Starts the threads in front of the shards of the detector in `thread`, which asks for them: they outlast it, and with it only their
 *  processes end, of whose end they take note. Returns how to end those that are left; it resolves when they are gone. */
export function keepBridges(thread: Pick<Worker, 'on'>): () => Promise<void> {
  const bridges = new Map<Worker, Promise<void>>();
  thread.on('message', (message: unknown) => {
    if (typeof message !== 'object' || message === null || !('bridge' in message)) return;
    const bridge = startShardBridge((message as BridgeRequest).bridge, (pid) => signalProcess(pid, 'SIGKILL'));
    const ended = new Promise<void>((resolve) => {
      bridge.once('exit', () => {
        bridges.delete(bridge);
        resolve();
      });
    });
    bridges.set(bridge, ended);
  });
  return async () => {
    for (const bridge of bridges.keys()) bridge.postMessage(END);
    await Promise.all(bridges.values());
  };
}
