import type { MessagePort, Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Clock } from '../clock.ts';
import { repeat, type StageHealth } from '../stage.ts';
import type { MetricsDump } from '../telemetry/metrics.ts';
import type { ProcessRole } from './roles.ts';
import type { UnitState } from './shared/units.ts';

/** How a thread is doing, as it says itself. */
export interface ThreadState {
  /** One entry for each part, by its name. */
  readonly checks: Readonly<Record<string, StageHealth>>;
  readonly metrics: MetricsDump;
  /** How it stands in each of its roles, where other processes may have them. */
  readonly roles?: Readonly<Partial<Record<ProcessRole, UnitState>>>;
}

/** The last state that a thread has published, and how long ago, in milliseconds. */
export interface PublishedState extends ThreadState {
  readonly ageMs: number;
}

const EVERY_MS = 1000;

/** Publishes the state of this thread through `port` once a second, for `readThreadState` at the other end: who asks never waits for a
 *  thread that is busy. Resolves when the first one is out, with how to stop. */
export async function publishThreadState(
  port: MessagePort,
  {
    checks,
    metrics,
    log,
    roles,
  }: {
    readonly checks: () => ThreadState['checks'];
    readonly metrics: Registry;
    readonly log: Logger;
    readonly roles?: () => NonNullable<ThreadState['roles']>;
  },
): Promise<() => Promise<void>> {
  const publish = async (): Promise<void> => {
    let dump: MetricsDump = [];
    try {
      dump = await metrics.getMetricsAsJSON();
    } finally {
      const state: ThreadState = { checks: checks(), metrics: dump, ...(roles === undefined ? {} : { roles: roles() }) };
      port.postMessage({ state });
    }
  };
  await publish().catch(() => undefined);
  const loop = repeat(publish, { everyMs: EVERY_MS, log, failure: 'failed to publish the state of this thread, retrying' });
  await loop.start();
  return loop.stop;
}

/** Follows what `publishThreadState` says at the other end of `port`. Undefined before the first state. */
export function readThreadState(port: Pick<Worker, 'on'>, clock: Pick<Clock, 'monotonic'>): () => PublishedState | undefined {
  let last: { readonly state: ThreadState; readonly at: number } | undefined;
  port.on('message', (message: unknown) => {
    if (typeof message !== 'object' || message === null || !('state' in message)) return;
    last = { state: message.state as ThreadState, at: clock.monotonic() };
  });
  return () => (last === undefined ? undefined : { ...last.state, ageMs: clock.monotonic() - last.at });
}
