import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { secondsToMs, type Clock } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import type { DeliverySettings } from '../proof/deliveries.ts';
import { passOn } from '../proof/pass-on.ts';
import { ALERTMANAGER_RECEIVER } from '../proof/relayed.ts';
import { createProofReport } from '../proof/proof-report.ts';
import { repeat, type Stage } from '../stage.ts';
import type { Database } from '../store/database.ts';

const LOOK_MS = 1000;
/** A canary may be so much later than its interval. */
const GRACE_MS = 60_000;

/** The watch over deliveries: once a second what is not proven is passed on. */
export function createProofStage(
  config: Config,
  {
    database,
    clock,
    log,
    metrics,
  }: {
    readonly database: Database;
    readonly clock: Clock;
    readonly log: Logger;
    readonly metrics: Registry;
  },
): Stage {
  const options = {
    receivers: new Map(config.alert.receivers.map((receiver) => [receiver.name, receiver])),
    timeoutMs: secondsToMs(config.alert.receipt_timeout_s),
    repeatIntervalMs: secondsToMs(config.alert.repeat_interval_s),
    since: Math.round(clock.now()),
  };
  const { every_s: everyS, receivers: canaryReceivers } = config.canary;
  const everyMs = secondsToMs(everyS);
  const canary = canaryReceivers.length === 0 ? null : { receivers: canaryReceivers, maxAgeMs: 2 * everyMs + GRACE_MS };
  const report = createProofReport(database, metrics, { receivers: config.alert.receivers, canary });
  const look = async (): Promise<void> => {
    const now = Math.round(clock.now());
    await passOn(database, options, now);
    await report.look(now);
  };
  const { start, stop, health } = repeat(look, { everyMs: LOOK_MS, log, failure: 'failed to look for unproven messages, retrying' });
  return {
    name: 'proof',
    start,
    stop,
    health: () => {
      const own = health();
      return own.status === 'ok' ? report.health() : own;
    },
  };
}

/** The receivers whose deliveries are reported: those of the configuration, and Alertmanager where it makes the messages. */
export function deliverySettings({ alert }: Pick<Config, 'alert'>): DeliverySettings {
  const relay = alert.notifier === 'alertmanager' ? [{ name: ALERTMANAGER_RECEIVER, kind: 'alertmanager' }] : [];
  return {
    receivers: [...alert.receivers.map(({ name, kind }) => ({ name, kind })), ...relay],
    receiptTimeoutMs: secondsToMs(alert.receipt_timeout_s),
  };
}

/** What the routes about deliveries need: the receivers, those of them that hand messages on and report what arrived, and whether
 *  Alertmanager makes the messages about alerts. */
export function notificationDeps<Deps extends object>(config: Pick<Config, 'alert'>, deps: Deps): Deps & NotificationSettings {
  const { receivers, notifier } = config.alert;
  const reporting = receivers.flatMap((receiver) => (receiver.kind === 'webhook' && receiver.receipts ? [receiver.name] : []));
  return { ...deps, ...deliverySettings(config), reporting, isRelayed: notifier === 'alertmanager' };
}

interface NotificationSettings extends DeliverySettings {
  readonly reporting: readonly string[];
  readonly isRelayed: boolean;
}
