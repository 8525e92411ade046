import type { Logger } from 'pino';
import type { Alert, AlertEvent } from '@transaction-guardian/contracts/alert.ts';
import type { AlertState } from '@transaction-guardian/contracts/alert-state.ts';
import { NO_STATE } from '@transaction-guardian/contracts/no-state.ts';
import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import { LOCALES } from '@transaction-guardian/contracts/text/text.ts';
import type { Sql } from '../store/database.ts';
import { scheduleGroups, scheduleKnowing } from '../store/verbs/notification/notify-groups.ts';
import {
  readAlertsOf,
  readFiring,
  writeAlerts,
  type FiringAlert as OpenAlert,
  type StoredAlert,
} from '../store/verbs/alert/write-alerts.ts';
import { lockStates, readStates } from '../store/verbs/alert/alert-states.ts';
import { publishStates, settleHolds } from './hold/settle-holds.ts';
import type { Inhibit } from './inhibit/inhibit.ts';
import type { Routing } from './route/route.ts';
import { alertOf, isAnotherAlert, replacedBy, successorOf, type AlertOptions } from './alert-of.ts';
import { causeOf, placesOf } from './cause.ts';
import { groupKeyOf } from './group.ts';

/** What happened to one alert in a batch: `before` null when it opened. */
export interface AlertChange {
  readonly event: AlertEvent['event'];
  readonly before: Alert | null;
  readonly after: StoredAlert;
  /** What made it happen. */
  readonly cause: AnomalyEvent;
  /** What holds the alert back, once it is worked out. */
  readonly state?: AlertState;
}

export interface AlertPipelineOptions extends AlertOptions {
  /** Which receivers get an alert. */
  readonly routing: Routing;
  readonly inhibit: Inhibit;
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
}

/** A batch of anomaly events on its way through the stages. */
export interface AlertBatch {
  readonly events: readonly AnomalyEvent[];
  /** Wall clock, epoch milliseconds. */
  readonly now: number;
  readonly changes: readonly AlertChange[];
}

/** What is done with a batch in the transaction that commits it. */
export type AlertStage = (batch: AlertBatch, tx: Sql) => Promise<AlertBatch>;

/** The stages of a batch, in order. Each runs in the transaction that commits the batch; none sends anything.
 *  describe: anomaly to alert, in words, with its group; repeats drop out.
 *  store: one row for each fingerprint and start.
 *  hold: what inhibition, silences, acknowledgements and snoozes hold back (`hold/settle-holds.ts`).
 *  route: the groups that changed become due for the receivers that the routes name, and those that ended for all who know them; `notify/` takes it from there. */
export function createAlertPipeline(options: AlertPipelineOptions, log: Logger): AlertStage {
  const stages: readonly AlertStage[] = [lock, describe(options, log), store, hold(options), route(options)];
  return async (batch, tx) => {
    let current = batch;
    for (const stage of stages) current = await stage(current, tx);
    return current;
  };
}

/** Version of an alert after an event: grows with the window, and within one window from opened to resolved. */
export function versionOf(event: AnomalyEvent): number {
  return event.sequence * 4 + ['opened', 'updated', 'resolved'].indexOf(event.event);
}

function describe(options: AlertOptions, log: Logger): AlertStage {
  return async (batch, tx) => {
    const known = await readAlertsOf(tx, [...new Set(batch.events.map((event) => event.anomaly.id))]);
    const open: OpenAlert[] = await readFiring(tx);
    const changes: AlertChange[] = [];
    for (const event of batch.events) {
      const before = known.get(event.anomaly.id) ?? null;
      if (before !== null && versionOf(event) <= before.version) continue;
      const taken = new Set(open.filter(({ anomalyId }) => anomalyId !== event.anomaly.id).map(({ fingerprint }) => fingerprint));
      const found = changesOf(event, before, { ...options, open, taken }).map((change) => ({ ...change, cause: event }));
      for (const change of found) {
        const { alert, groupKey } = change.after;
        if (change.before !== null) continue;
        open.push({ groupKey, type: alert.type, fingerprint: alert.fingerprint, anomalyId: alert.anomaly_id });
        log.info({ fingerprint: alert.fingerprint, alertname: alert.name, severity: alert.severity, group: groupKey }, 'alert opened');
      }
      const last = found.at(-1)?.after;
      if (last?.alert.status === 'resolved') removeAnomaly(open, event.anomaly.id);
      if (last !== undefined) known.set(event.anomaly.id, last);
      changes.push(...found);
    }
    return { ...batch, changes };
  };
}

interface Context extends AlertOptions {
  readonly open: readonly OpenAlert[];
  /** Fingerprints of the alerts of other anomalies that fire. */
  readonly taken: ReadonlySet<string>;
}

/** What an event does to the alerts of its anomaly: one opens or changes, or the one so far ends and another takes over, in the
 *  same group and so in the same message. */
function changesOf(event: AnomalyEvent, before: StoredAlert | null, { open, taken, ...options }: Context): Omit<AlertChange, 'cause'>[] {
  const { anomaly } = event;
  const version = versionOf(event);
  const inLanguages = (make: (options: AlertOptions) => Alert) => translated(make, options);
  if (before === null) {
    const groupKey = groupKeyOf(anomaly.type, causeOf(anomaly), open);
    const texts = inLanguages((inOne) => alertOf(anomaly, null, inOne, { taken, groupKey }));
    return [{ event: eventOf(null, texts.alert), before: null, after: { ...texts, groupKey, version } }];
  }
  const { alert: previous, groupKey } = before;
  if (!isAnotherAlert(anomaly, previous)) {
    const texts = inLanguages((inOne) => alertOf(anomaly, previous, inOne));
    return [{ event: eventOf(previous, texts.alert), before: previous, after: { ...texts, groupKey, version } }];
  }
  const next = inLanguages((inOne) => successorOf(anomaly, previous, inOne, { taken, groupKey }));
  const ended = inLanguages((inOne) => replacedBy(anomaly, before.translations[inOne.locale] ?? previous, next.alert, inOne));
  return [
    { event: 'resolved', before: previous, after: { ...ended, groupKey, version } },
    { event: 'opened', before: null, after: { ...next, groupKey, version } },
  ];
}

/** An alert in the language of operators, and in each language that a reader may ask for. */
function translated(make: (options: AlertOptions) => Alert, options: AlertOptions): Pick<StoredAlert, 'alert' | 'translations'> {
  const others = LOCALES.filter((locale) => locale !== options.locale);
  return { alert: make(options), translations: Object.fromEntries(others.map((locale) => [locale, make({ ...options, locale })])) };
}

function removeAnomaly(open: OpenAlert[], id: string): void {
  for (let index = open.length - 1; index >= 0; index -= 1) if (open[index]?.anomalyId === id) open.splice(index, 1);
}

function eventOf(before: Alert | null, after: Alert): AlertEvent['event'] {
  if (after.status === 'resolved') return 'resolved';
  return before === null ? 'opened' : 'updated';
}

const store: AlertStage = async (batch, tx) => {
  await writeAlerts(
    tx,
    batch.changes.map((change) => change.after),
    batch.now,
  );
  return batch;
};

/** Verbs of people take this lock before they write: the order keeps the two from waiting for one another. */
const lock: AlertStage = async (batch, tx) => {
  await lockStates(tx);
  return batch;
};

function hold(options: AlertPipelineOptions): AlertStage {
  return async (batch, tx) => {
    const firings = batch.changes.map(({ after: { alert } }) => ({
      fingerprint: alert.fingerprint,
      startsAt: Date.parse(alert.starts_at),
    }));
    // Labels never change: what opens and ends is all that matters to others.
    if (batch.changes.some(({ event }) => event !== 'updated')) {
      const changed = await settleHolds(tx, options, batch.now);
      const own = new Set(firings.map(keyOf));
      await publishStates(
        tx,
        changed.filter((firing) => !own.has(keyOf(firing))),
      );
    }
    const states = new Map((await readStates(tx, firings)).map((written) => [keyOf(written), written.state]));
    return {
      ...batch,
      changes: batch.changes.map((change) => ({ ...change, state: states.get(keyOfAlert(change.after.alert)) ?? NO_STATE })),
    };
  };
}

const keyOf = ({ fingerprint, startsAt }: { readonly fingerprint: string; readonly startsAt: number }): string =>
  `${fingerprint} ${startsAt}`;
const keyOfAlert = ({ fingerprint, starts_at: at }: Alert): string => keyOf({ fingerprint, startsAt: Date.parse(at) });

function route({ routing, groupWaitMs, groupIntervalMs }: AlertPipelineOptions): AlertStage {
  return async (batch, tx) => {
    const groups = batch.changes
      .filter((change) => isNews(change))
      .flatMap(({ after }) => [...routing(after.alert.labels).keys()].map((receiver) => ({ receiver, groupKey: after.groupKey })));
    await scheduleGroups(tx, { groups, now: batch.now, groupWaitMs, groupIntervalMs });
    const ended = batch.changes.filter(({ event, after }) => event === 'resolved' && !after.alert.backfill);
    await scheduleKnowing(tx, { groupKeys: ended.map(({ after }) => after.groupKey), now: batch.now, groupIntervalMs });
    return batch;
  };
}

/** True for what can be worth a message: opened, resolved, at another place. Backfill never is. */
function isNews({ before, after }: AlertChange): boolean {
  if (after.alert.backfill) return false;
  if (before === null || before.status !== after.alert.status) return true;
  const known = placesOf(before.slice);
  return placesOf(after.alert.slice).some((place) => !known.includes(place));
}
