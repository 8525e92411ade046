import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Breakers } from '../alert/receiver-breaker.ts';
import { backoffMs, type FailedSend, type SendOutcome } from '../alert/notify/retry.ts';
import type { ReceiverHealthTracker } from '../alert/notify/receiver-health.ts';
import type { Database } from '../store/database.ts';
import { noteOffers, noteTaken, readDuePushes, type DuePush, type PushTimes } from '../store/verbs/alertmanager/pushes.ts';
import type { callAlertmanager } from './api.ts';
import type { AlertmanagerTarget } from './config.ts';
import type { AlertmanagerMetrics } from './metrics.ts';
import { postableAlert } from './postable.ts';

export interface PushDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  /** In [0, 1). */
  readonly random: () => number;
  readonly call: typeof callAlertmanager;
  readonly health: ReceiverHealthTracker;
  readonly breakers: Breakers;
  readonly metrics: Pick<AlertmanagerMetrics, 'sent'>;
}

export interface PushOptions {
  readonly refreshMs: number;
  /** How far ahead the end of an alert that fires is. */
  readonly keepAliveMs: number;
}

/** Keeps the alerts of one Alertmanager as they are here. */
export interface Pusher {
  /** Sends what is due; one at a time, not before the wait after a failure is over, and only as far as the breaker lets it. `groupKey`: only alerts of this group begin. */
  push(groupKey?: string): Promise<void>;
  /** Gives up what is on its way: it is sent again after the next start. */
  stop(): void;
}

/** As many alerts in one request as Prometheus sends. */
const BATCH = 64;
/** An instance gets one request at a time. */
const ALONE = { underWay: 0, most: 1 };
/** As long as Prometheus repeats that an alert has resolved. */
const RESOLVED_MS = 15 * 60_000;

/** Creates the pusher of one instance. What it offers is noted before it is sent, so that the end of an alert that the instance may
 *  hold is sent too, whatever happens in between; a repeat changes nothing there. */
export function createPusher(target: AlertmanagerTarget, deps: PushDeps, options: PushOptions): Pusher {
  const { database, clock, log, health, metrics, breakers } = deps;
  const stopping = new AbortController();
  let failures = 0;
  let nextAt = 0;
  let running: Promise<void> | null = null;

  async function send(pushes: readonly DuePush[]): Promise<SendOutcome> {
    const now = clock.now();
    const body = pushes.map(({ alert, endedAt }) => postableAlert(alert, endedAt ?? now + options.keepAliveMs));
    const startedAt = clock.monotonic();
    const answer = await deps.call(target, { method: 'POST', path: '/alerts', body }, { clock, signal: stopping.signal });
    if (stopping.signal.aborted && answer.kind !== 'delivered') return answer;
    const outcome: SendOutcome = answer.kind === 'delivered' ? { kind: 'delivered' } : answer;
    metrics.sent(target.name, outcome.kind, { now: clock.now(), seconds: (clock.monotonic() - startedAt) / 1000 });
    health.note(target.name, outcome, clock.now());
    return outcome;
  }

  function wait(outcome: FailedSend, alerts: number): void {
    failures += 1;
    const [now, backoff] = [clock.monotonic(), backoffMs(failures, deps.random())];
    const asked = outcome.kind === 'retry' ? outcome.afterMs : 0;
    breakers.note(target.name, Math.max(backoff, asked), now);
    // An open breaker has its own wait, which is shorter than the longest backoff.
    nextAt = now + Math.max(asked, breakers.stateOf(target.name) === 'closed' ? backoff : 0);
    const facts = { alertmanager: target.name, alerts, attempt: failures, reason: outcome.error };
    if (failures === 1) log.warn(facts, 'alerts not taken by Alertmanager, will be retried');
    else log.debug(facts, 'alerts not taken by Alertmanager, will be retried');
  }

  async function run(groupKey: string | undefined): Promise<void> {
    const times: PushTimes = { now: Math.round(clock.now()), refreshMs: options.refreshMs, resolvedMs: RESOLVED_MS };
    await database.transaction((tx) => noteOffers(tx, target.name, times, groupKey));
    if (clock.monotonic() < nextAt || breakers.room(target.name, clock.monotonic(), ALONE) === 0) return;
    const due = await readDuePushes(database, target.name, times);
    if (due.length > 0) breakers.begin(target.name);
    for (let first = 0; first < due.length; first += BATCH) {
      const batch = due.slice(first, first + BATCH);
      const outcome = await send(batch);
      if (stopping.signal.aborted && outcome.kind !== 'delivered') return;
      if (outcome.kind !== 'delivered') return wait(outcome, due.length);
      if (failures > 0) log.info({ alertmanager: target.name, attempts: failures + 1 }, 'Alertmanager takes alerts again');
      failures = 0;
      breakers.note(target.name, null, clock.monotonic());
      await database.transaction((tx) => noteTaken(tx, target.name, batch, Math.round(clock.now())));
    }
  }

  return {
    push: (groupKey) => {
      if (stopping.signal.aborted) return Promise.resolve();
      running ??= run(groupKey).finally(() => {
        running = null;
      });
      return running;
    },
    stop: () => stopping.abort(),
  };
}
