import type { Logger } from 'pino';
import { secondsToMs, type Clock } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import { passOn } from '../proof/pass-on.ts';
import { repeat, type Stage } from '../stage.ts';
import type { Database } from '../store/database.ts';

const LOOK_MS = 1000;

/** The watch over deliveries: once a second what is not proven is passed on. */
export function createProofStage(
  config: Config,
  { database, clock, log }: { readonly database: Database; readonly clock: Clock; readonly log: Logger },
): Stage {
  const options = {
    receivers: new Map(config.alert.receivers.map((receiver) => [receiver.name, receiver])),
    timeoutMs: secondsToMs(config.alert.receipt_timeout_s),
    repeatIntervalMs: secondsToMs(config.alert.repeat_interval_s),
    locale: config.locale,
    since: Math.round(clock.now()),
  };
  const look = (): Promise<void> => passOn(database, options, Math.round(clock.now()));
  const { start, stop, health } = repeat(look, { everyMs: LOOK_MS, log, failure: 'failed to look for unproven messages, retrying' });
  return { name: 'proof', start, stop, health };
}

/** Names of the receivers that hand messages on and report what arrived. */
export const reportingReceivers = ({ alert }: Pick<Config, 'alert'>): string[] =>
  alert.receivers.flatMap((receiver) => (receiver.kind === 'webhook' && receiver.receipts ? [receiver.name] : []));
