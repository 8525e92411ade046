import { reasonText, text, type Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Reason } from '@transaction-guardian/contracts/anomaly.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from 'pino';
import { runbookOf } from './alert-of.ts';
import { SELF_GROUP } from './group.ts';
import type { Receiver } from './notify/receiver-schema.ts';
import { backoffMs } from './notify/retry.ts';
import type { DeliveryAttempt, Send } from './notify/channel.ts';
import type { NotifiedAlert } from '@transaction-guardian/contracts/message.ts';
import { notificationId } from './message.ts';
import { fingerprintOf } from './wire-labels.ts';
import { levelText } from './wording.ts';

/** Self-alerts: problems of the program itself. */
export const SELF_PROBLEMS = ['detection_standstill', 'disk_full', 'disk_low', 'alerts_untaken', 'process_failing'] as const;
export type SelfProblem = (typeof SELF_PROBLEMS)[number];

const NAMES: Readonly<Record<SelfProblem, { readonly alertname: string; readonly severity: Severity }>> = {
  detection_standstill: { alertname: 'GuardianDetectionStandsStill', severity: 'critical' },
  disk_full: { alertname: 'GuardianDiskFull', severity: 'critical' },
  disk_low: { alertname: 'GuardianDiskNearlyFull', severity: 'warning' },
  alerts_untaken: { alertname: 'GuardianAlertsNotTaken', severity: 'critical' },
  process_failing: { alertname: 'GuardianProcessFailing', severity: 'critical' },
};

/** Alert name of a problem, in the style of Prometheus. */
export const selfAlertName = (problem: SelfProblem): string => NAMES[problem].alertname;

/** Name of the runbook of a problem: the page `docs/runbooks/<name>.md`. */
export const selfRunbook = (problem: SelfProblem): string => problem.replaceAll('_', '-');

/** How it is now: the reason why something is wrong, undefined for well, null where that is not to be said or not known yet: then
 *  nothing begins or ends. `worse`: another problem has taken its place. */
export type SelfState = Reason | { readonly worse: SelfProblem } | undefined | null;

/** Whom self-alerts are sent to: any receiver, or an Alertmanager. */
type SelfReceiver = Pick<Receiver, 'name' | 'send_resolved'> & {
  readonly severities?: readonly Severity[] | undefined;
  readonly language?: Locale | undefined;
};

export interface SelfAlertDeps<R extends SelfReceiver> {
  readonly clock: Clock;
  readonly log: Logger;
  readonly send: Send<R>;
  /** In [0, 1). */
  readonly random: () => number;
  /** What fired when the program ended last, and where what fires now is kept. */
  readonly memory?: { readonly notified: readonly NotifiedSelfAlert[]; keep(notified: readonly NotifiedSelfAlert[]): void };
}

export interface SelfAlertOptions<R extends SelfReceiver> {
  readonly receivers: readonly R[];
  readonly locale: Locale;
  readonly timeZone: string;
  readonly repeatIntervalMs: number;
  /** Address of the console; '' for none. */
  readonly externalUrl: string;
  /** Address of the folder of the runbooks; `/runbooks` of the console when undefined. */
  readonly runbookUrl?: string | undefined;
}

/** An alert about the program that fires at a receiver. Times are those of the wall clock, epoch milliseconds. */
export interface NotifiedSelfAlert {
  readonly problem: SelfProblem;
  readonly receiver: string;
  readonly since: number;
  readonly toldAt: number;
}

/** Alerts about the program itself, which need neither the pipeline nor its database. */
export interface SelfAlerts {
  /** Says how it is now. Call it about once a second: failed sends are tried again then. Never throws. */
  set(problem: SelfProblem, state: SelfState): void;
  /** Whether one fires at a receiver, or may: a send is under way. One that takes no ends has none to wait for once its problem is over. */
  isFiring(): boolean;
  /** Gives up what is on its way. */
  stop(): void;
}

/** What one receiver knows of one problem. */
interface ReceiverState {
  isFiring: boolean;
  toldAt: number;
  attempts: number;
  nextAt: number;
  isSending: boolean;
}

/** Creates the direct way to the receivers. A problem has one fingerprint for ever; it goes out once as firing, again every
 *  `repeatIntervalMs`, and as resolved to those who heard of it. */
export function createSelfAlerts<R extends SelfReceiver>(
  { clock, log, send, random, memory }: SelfAlertDeps<R>,
  options: SelfAlertOptions<R>,
): SelfAlerts {
  const stopping = new AbortController();
  const startedAt = new Map<SelfProblem, number>();
  const known = new Map<string, ReceiverState>();

  const stateOf = (problem: SelfProblem, receiver: R): ReceiverState => {
    const key = JSON.stringify([problem, receiver.name]);
    const receiverState = known.get(key) ?? { isFiring: false, toldAt: 0, attempts: 0, nextAt: 0, isSending: false };
    known.set(key, receiverState);
    return receiverState;
  };

  const audienceOf = (problem: SelfProblem): readonly R[] =>
    options.receivers.filter(({ severities }) => severities === undefined || severities.includes(NAMES[problem].severity));

  for (const { problem, receiver, since, toldAt } of memory?.notified ?? []) {
    // Nothing can end at a receiver that the configuration names no more.
    if (!SELF_PROBLEMS.includes(problem) || !audienceOf(problem).some(({ name }) => name === receiver)) continue;
    startedAt.set(problem, since);
    known.set(JSON.stringify([problem, receiver]), { isFiring: true, toldAt, attempts: 0, nextAt: 0, isSending: false });
  }

  const keep = (): void => {
    const firing = [...known].filter(([, { isFiring }]) => isFiring);
    memory?.keep(
      firing.map(([key, { toldAt }]) => {
        const [problem, receiver] = JSON.parse(key) as [SelfProblem, string];
        return { problem, receiver, since: startedAt.get(problem) ?? toldAt, toldAt };
      }),
    );
  };

  async function deliver(receiver: R, receiverState: ReceiverState, alert: NotifiedAlert): Promise<void> {
    receiverState.isSending = true;
    const outcome = await send(receiver, deliveryOf(receiver, alert, options.externalUrl), stopping.signal);
    receiverState.isSending = false;
    const now = clock.monotonic();
    if (outcome.kind === 'delivered') {
      Object.assign(receiverState, { isFiring: alert.status === 'firing', toldAt: Math.round(clock.now()), attempts: 0, nextAt: 0 });
      keep();
      return;
    }
    // It may have arrived, so that its end must be sent too; until then it is sent again as one that has not.
    if (alert.status === 'firing' && !receiverState.isFiring && outcome.kind === 'retry' && outcome.mayHaveArrived === true) {
      Object.assign(receiverState, { isFiring: true, toldAt: 0 });
      keep();
    }
    receiverState.attempts += 1;
    receiverState.nextAt = now + Math.max(backoffMs(receiverState.attempts, random()), outcome.kind === 'retry' ? outcome.afterMs : 0);
    log.warn({ receiver: receiver.name, reason: outcome.error }, 'failed to deliver a self-alert, retrying');
  }

  return {
    set(problem, state) {
      if (state === null) return;
      const isFiring = state !== undefined && !('worse' in state);
      if (isFiring && !startedAt.has(problem)) startedAt.set(problem, Math.round(clock.now()));
      const since = startedAt.get(problem);
      if (since === undefined || stopping.signal.aborted) return;
      const until = isFiring ? null : clock.now();
      let isOpen = isFiring;
      for (const receiver of audienceOf(problem)) {
        const receiverState = stateOf(problem, receiver);
        const isRepeat = isFiring && receiverState.isFiring && clock.now() - receiverState.toldAt >= options.repeatIntervalMs;
        if (!isFiring && !receiver.send_resolved && receiverState.isFiring) {
          receiverState.isFiring = false;
          keep();
        }
        const isNews = receiverState.isFiring !== isFiring;
        isOpen ||= isNews || receiverState.isSending;
        if ((isNews || isRepeat) && !receiverState.isSending && clock.monotonic() >= receiverState.nextAt)
          void deliver(
            receiver,
            receiverState,
            alertOf(problem, { since, until, state }, { ...options, locale: receiver.language ?? options.locale }),
          );
      }
      if (!isOpen) startedAt.delete(problem);
    },
    isFiring: () => [...known.values()].some((one) => one.isFiring || one.isSending),
    stop: () => stopping.abort(),
  };
}

function alertOf(
  problem: SelfProblem,
  { since, until, state }: { readonly since: number; readonly until: number | null; readonly state: Exclude<SelfState, null> },
  options: Pick<SelfAlertOptions<SelfReceiver>, 'locale' | 'timeZone' | 'externalUrl' | 'runbookUrl'>,
): NotifiedAlert {
  const { alertname, severity } = NAMES[problem];
  const { locale, timeZone, externalUrl, runbookUrl } = options;
  const labels = { alertname, severity, type: problem, cause: 'guardian', service: 'transaction-guardian' };
  const what = text(locale, `alert.self.${problem}`);
  const isReplaced = state !== undefined && 'worse' in state;
  const level = isReplaced ? `↪ ${text(locale, 'alert.status.replaced')}` : levelText(severity, until !== null, locale);
  const summary = `${level}: ${what}`;
  const description = descriptionOf(state, locale);
  const action = text(locale, `alert.self.${problem}_action`);
  const times = { started: new Date(since).toISOString(), ended: new Date(until ?? since).toISOString() };
  const minutes = Math.max(1, Math.round(((until ?? since) - since) / 60_000));
  const message = [
    summary,
    text(locale, 'alert.message.system'),
    text(locale, until === null ? 'alert.message.time' : 'alert.message.resolved_at', { ...times, minutes }, { timeZone }),
    description,
    ...(until === null ? [text(locale, 'alert.message.action', { action })] : []),
  ];
  const runbook = runbookOf(selfRunbook(problem), { runbookUrl, externalUrl: externalUrl === '' ? undefined : externalUrl });
  return {
    fingerprint: fingerprintOf(labels),
    status: until === null ? 'firing' : 'resolved',
    severity,
    labels,
    annotations: { summary, description, action, ...runbook, message: message.join('\n') },
    starts_at: new Date(since).toISOString(),
    ends_at: until === null ? null : new Date(until).toISOString(),
  };
}

function descriptionOf(state: Exclude<SelfState, null>, locale: Locale): string {
  if (state === undefined) return text(locale, 'alert.self.over');
  if ('worse' in state) return text(locale, 'alert.self.worse', { what: text(locale, `alert.self.${state.worse}`) });
  return text(locale, 'alert.self.detail', { reason: reasonText(locale, state) });
}

function deliveryOf(receiver: SelfReceiver, alert: NotifiedAlert, externalUrl: string): DeliveryAttempt {
  const parts = { firing: alert.status === 'firing' ? [alert] : [], resolved: alert.status === 'resolved' ? [alert] : [] };
  return {
    id: notificationId(receiver.name, SELF_GROUP, Date.parse(alert.starts_at), `${alert.fingerprint} ${alert.status}`),
    message: { receiver: receiver.name, groupKey: SELF_GROUP, ...parts, missed: [], externalUrl },
  };
}
