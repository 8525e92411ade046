import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { secondsToMs, type Clock } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
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

/** What the routes about deliveries need: the receivers, those of them that hand messages on and report what arrived, and whether
 *  Alertmanager makes the messages about alerts. */
export function notificationDeps<Deps extends object>({ alert }: Pick<Config, 'alert'>, deps: Deps): Deps & DeliverySettings {
  const reporting = alert.receivers.flatMap((receiver) => (receiver.kind === 'webhook' && receiver.receipts ? [receiver.name] : []));
  const isRelayed = alert.notifier === 'alertmanager';
  const relay = isRelayed ? [{ name: ALERTMANAGER_RECEIVER, kind: 'alertmanager' }] : [];
  const receivers = [...alert.receivers.map(({ name, kind }) => ({ name, kind })), ...relay];
  return { ...deps, reporting, isRelayed, receivers, receiptTimeoutMs: secondsToMs(alert.receipt_timeout_s) };
}

interface DeliverySettings {
  readonly reporting: readonly string[];
  readonly isRelayed: boolean;
  readonly receivers: readonly { readonly name: string; readonly kind: string }[];
  readonly receiptTimeoutMs: number;
}
