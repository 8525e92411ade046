import { BroadcastChannel } from 'node:worker_threads';
import type { Topic } from '@transaction-guardian/contracts/topics.ts';

/** The channel on which writers of a data directory name a topic that has new records. `dir`: the real path. */
export function openWakeChannel(dir: string): BroadcastChannel {
  return new BroadcastChannel(`guardian-bus:${dir}`);
}

/** Notifies readers, in every thread of the process, that a topic has new records. */
export interface WakeUps {
  /** Wakes the listeners of this bus and of all others with the same directory. */
  announce(topic: Topic): void;
  /** Calls `wake` after appends to `topic`; returns what ends that. */
  listen(topic: Topic, wake: () => void): () => void;
  close(): void;
}

/** Joins the channel of `dir` (the real path of the data directory). */
export function createWakeUps(dir: string): WakeUps {
  const channel = openWakeChannel(dir);
  const listeners = new Map<Topic, Set<() => void>>();

  function wakeAll(topic: Topic): void {
    for (const wake of listeners.get(topic) ?? []) wake();
  }

  channel.onmessage = (event: unknown) => wakeAll((event as { readonly data: Topic }).data);
  channel.unref();
  return {
    announce(topic) {
      channel.postMessage(topic);
      wakeAll(topic);
    },
    listen(topic, wake) {
      const wakers = listeners.get(topic) ?? new Set();
      listeners.set(topic, wakers);
      wakers.add(wake);
      return () => wakers.delete(wake);
    },
    close: () => channel.close(),
  };
}
