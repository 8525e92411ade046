import type { Logger } from 'pino';
import type { Alert, AlertEvent } from '@transaction-guardian/contracts/alert.ts';
import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import type { Sql } from '../store/database.ts';
import { scheduleGroups } from '../store/verbs/notify-groups.ts';
import { readAlertsOf, readFiringGroups, writeAlerts, type StoredAlert } from '../store/verbs/write-alerts.ts';
import { alertOf, type AlertOptions } from './alert-of.ts';
import { groupKeyOf, type OpenGroup } from './group.ts';

/** What happened to one alert in a batch: `before` null when it opened. */
export interface AlertChange {
  readonly event: AlertEvent['event'];
  readonly before: Alert | null;
  readonly after: StoredAlert;
}

export interface AlertPipelineOptions extends AlertOptions {
  /** Names of the receivers to tell. */
  readonly receivers: readonly string[];
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
}

/** A batch of anomaly events on its way through the stages. */
export interface AlertBatch {
  readonly events: readonly AnomalyEvent[];
  /** Our clock, epoch milliseconds. */
  readonly now: number;
  readonly changes: readonly AlertChange[];
}

/** What is done with a batch in the transaction that commits it. */
export type AlertStage = (batch: AlertBatch, tx: Sql) => Promise<AlertBatch>;

/** The stages of a batch, in order. Each runs in the transaction that commits the batch; none sends anything.
 *  describe: anomaly to alert, in words, with its group; repeats drop out.
 *  store: one row for each fingerprint and start.
 *  schedule: the groups that changed become due for their receivers; `notify/` takes it from there. */
export function createAlertPipeline(options: AlertPipelineOptions, log: Logger): AlertStage {
  const stages: readonly AlertStage[] = [describe(options, log), store, schedule(options)];
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
    const open: OpenGroup[] = await readFiringGroups(tx);
    const changes: AlertChange[] = [];
    for (const event of batch.events) {
      const before = known.get(event.anomaly.id) ?? null;
      const version = versionOf(event);
      if (before !== null && version <= before.version) continue;
      const alert = alertOf(event.anomaly, before?.alert ?? null, options);
      const groupKey = before?.groupKey ?? groupKeyOf(event.anomaly.type, alert.slice, open);
      const after: StoredAlert = { alert, groupKey, version };
      if (before === null) {
        open.push({ groupKey, type: alert.type });
        log.info({ fingerprint: alert.fingerprint, alertname: alert.name, severity: alert.severity, group: groupKey }, 'alert opened');
      }
      known.set(event.anomaly.id, after);
      changes.push({ event: eventOf(before?.alert ?? null, alert), before: before?.alert ?? null, after });
    }
    return { ...batch, changes };
  };
}

function eventOf(before: Alert | null, after: Alert): AlertEvent['event'] {
  if (after.status === 'resolved') return 'resolved';
  return before === null ? 'opened' : 'updated';
}

const store: AlertStage = async (batch, tx) => {
  await writeAlerts(
    tx,
    batch.changes.map((change) => change.after),
  );
  return batch;
};

function schedule(options: AlertPipelineOptions): AlertStage {
  return async (batch, tx) => {
    const { receivers, groupWaitMs, groupIntervalMs } = options;
    const groupKeys = batch.changes.filter((change) => isNews(change)).map((change) => change.after.groupKey);
    await scheduleGroups(tx, { receivers, groupKeys, now: batch.now, groupWaitMs, groupIntervalMs });
    return batch;
  };
}

/** True for what can be worth a message: opened, resolved, escalated. Filled-in history never is. */
function isNews({ before, after }: AlertChange): boolean {
  if (after.alert.backfill) return false;
  return before === null || before.status !== after.alert.status || before.severity !== after.alert.severity;
}
