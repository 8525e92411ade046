import type { FailureReason, HealthReason } from '@transaction-guardian/contracts/health-reason.ts';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Reason } from '@transaction-guardian/contracts/anomaly.ts';
import { SELF_GROUP } from '../alert/group.ts';
import { createBreakers } from '../alert/receiver-breaker.ts';
import { createReceiverHealth, failingReason, type ReceiverHealth } from '../alert/notify/receiver-health.ts';
import type { Clock } from '../clock.ts';
import { failureReason, messageOf } from '../errors.ts';
import type { RespondDeps } from '../respond/act.ts';
import { createTicker, type Stage, type StageHealth } from '../stage.ts';
import type { Database } from '../store/database.ts';
import { keepInstances, readWaiting, type Waiting } from '../store/verbs/alertmanager/pushes.ts';
import { callAlertmanager } from './api.ts';
import type { AlertmanagerTarget } from './config.ts';
import { createAlertmanagerMetrics } from './metrics.ts';
import { createPusher, type PushOptions } from './push.ts';
import { createSilenceApi } from './silence-api.ts';
import { syncSilences, type SilenceTroubles } from './silence-sync.ts';

export interface AlertmanagerStageDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly registry: Registry;
  /** In [0, 1). */
  readonly random: () => number;
  /** False while what had been accepted before the start is not all alerts yet: then only alerts about the program itself begin. */
  readonly isCaughtUp: () => boolean;
  /** What verbs about silences need; without it silences are not kept the same. */
  readonly respond?: RespondDeps;
  readonly call?: typeof callAlertmanager;
  /** Called after each look with why alerts that no instance takes are a problem; undefined: they are none. */
  readonly untaken?: (reason: Reason | undefined) => void;
}

export interface AlertmanagerStageOptions extends PushOptions {
  readonly targets: readonly AlertmanagerTarget[];
  /** Alerts that no instance has taken for so long are a problem of their own. */
  readonly overdueMs: number;
  /** Between looks at silences (default 5 s). */
  readonly silencesMs?: number;
  /** Between looks (default 500 ms); 0 for tests that call `tick`. */
  readonly tickMs?: number;
}

/** The stage that keeps the alerts of every Alertmanager as they are here, each instance for itself. */
export interface AlertmanagerStage extends Stage {
  /** Looks once: begins to send what is due at every instance, and works out what waits. */
  tick(): Promise<void>;
  /** Makes silences the same here and there, once. */
  lookAtSilences(): Promise<void>;
  /** Resolves when no send is under way. */
  idle(): Promise<void>;
  receivers(): readonly ReceiverHealth[];
}

/** Creates the stage. One instance that is down does not hold the others up. */
export function createAlertmanagerStage(deps: AlertmanagerStageDeps, options: AlertmanagerStageOptions): AlertmanagerStage {
  const { database, clock, log } = deps;
  const names = options.targets.map(({ name }) => name);
  const health = createReceiverHealth(names);
  const metrics = createAlertmanagerMetrics(deps.registry, names);
  const breakers = createBreakers(names, metrics.breaker);
  const pushers = options.targets.map((target) => ({
    name: target.name,
    ...createPusher(target, { ...deps, health, metrics, breakers, call: deps.call ?? callAlertmanager }, options),
  }));
  const waiting = new Map<string, Waiting | null>();
  const pushes = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  const instances = options.targets.map((target) => ({
    name: target.name,
    api: createSilenceApi(target, deps.call ?? callAlertmanager, clock, stopping.signal),
  }));
  let silenceTroubles: SilenceTroubles = new Map();
  /** Instances that did not answer when their silences were asked for: they are down, also while no alert is to be sent. */
  const unreachable = new Map<string, { readonly since: number; readonly error: string }>();
  const receivers = () =>
    health.all().map((one) => withReach({ ...one, breaker: breakers.stateOf(one.receiver) }, unreachable.get(one.receiver)));
  let failure: FailureReason | undefined;

  const guarded = (what: string, work: () => Promise<void>): Promise<void> =>
    work().catch((error: unknown) => {
      failure = failureReason(error);
      log.warn({ reason: messageOf(error), what }, 'Alertmanager stage failed, trying again');
    });

  async function noteWaiting(): Promise<void> {
    const now = clock.now();
    // A refresh may be late by its own time without anything being wrong.
    const refreshedAfter = now - 2 * options.refreshMs - options.overdueMs;
    for (const name of names) {
      const found = await readWaiting(database, refreshedAfter, name);
      waiting.set(name, found);
      metrics.waiting(name, found?.alerts ?? 0);
    }
    const all = await readWaiting(database, refreshedAfter);
    const isOverdue = all !== null && now - all.since >= options.overdueMs;
    deps.untaken?.(
      isOverdue ? { code: 'self_alerts_untaken', params: { alerts: all.alerts, since: new Date(all.since).toISOString() } } : undefined,
    );
  }

  async function look(): Promise<void> {
    failure = undefined;
    const group = deps.isCaughtUp() ? undefined : SELF_GROUP;
    // An instance that hangs holds up neither the others nor the next look.
    for (const { name, push } of pushers)
      pushes.set(
        name,
        guarded(name, () => push(group)),
      );
    await guarded('what waits', noteWaiting);
  }

  function noteAnswer(instance: string, error: string | undefined): void {
    if (error === undefined) unreachable.delete(instance);
    else unreachable.set(instance, { since: unreachable.get(instance)?.since ?? Math.round(clock.now()), error });
  }

  /** Alerts are known by then: an acknowledgement of one that is not there yet must not end over there. */
  async function lookAtSilences(): Promise<void> {
    const { respond } = deps;
    if (respond === undefined || !deps.isCaughtUp()) return;
    await guarded('silences', async () => {
      silenceTroubles = await syncSilences({ database, clock, log, respond, instances, answered: noteAnswer });
    });
  }

  const everyMs = options.tickMs ?? 500;
  const alerts = createTicker(everyMs, look);
  const silences = createTicker(everyMs > 0 ? (options.silencesMs ?? 5000) : 0, lookAtSilences);
  const idle = async (): Promise<void> => {
    await Promise.all(pushes.values());
  };

  return {
    name: 'alertmanager',
    start: async () => {
      await database.transaction((tx) => keepInstances(tx, names));
      alerts.start();
      silences.start();
    },
    stop: async () => {
      stopping.abort();
      for (const pusher of pushers) pusher.stop();
      await Promise.all([alerts.stop(), silences.stop()]);
      await idle();
    },
    health: () => healthOf(failure, receivers(), waiting, silenceTroubles),
    tick: alerts.tick,
    idle,
    lookAtSilences,
    receivers,
  };
}

function withReach(one: ReceiverHealth, absent: { readonly since: number; readonly error: string } | undefined): ReceiverHealth {
  return absent === undefined || one.failingSince !== null ? one : { ...one, failingSince: absent.since, lastError: absent.error };
}

function healthOf(
  failure: FailureReason | undefined,
  receivers: readonly ReceiverHealth[],
  waiting: ReadonlyMap<string, Waiting | null>,
  silences: SilenceTroubles,
): StageHealth {
  if (failure !== undefined) return { status: 'degraded', reasons: [failure] };
  const reasons = receivers.flatMap((one): HealthReason[] => {
    const { receiver, failingSince } = one;
    const alerts = waiting.get(receiver)?.alerts ?? 0;
    return [
      ...(failingSince === null ? [] : [failingReason(one), { code: 'part_alerts_behind' as const, params: { receiver, alerts } }]),
      ...(silences.get(receiver) ?? []).map(({ silence, why }): HealthReason => ({
        code: 'part_silence_differs',
        params: { receiver, silence },
        cause: why,
      })),
    ];
  });
  return reasons.length === 0 ? { status: 'ok' } : { status: 'degraded', reasons };
}
