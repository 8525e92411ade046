import type { Logger } from 'pino';
import type { Sql } from '../store/database.ts';
import { secondsToMs, type Clock } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { TakeCanary } from '../alert/store-batch.ts';
import { queueCanary } from '../proof/canary.ts';
import { repeat } from '../stage.ts';
import { receiverLocale } from './receiver-locale.ts';

/** One that could not be accepted is sent again after this. */
const LOOK_MS = 5000;

/** Begins to send test transactions where somebody is to be paged for them; `undo` is given how to stop. */
export async function startCanaries(
  { canary }: Pick<Config, 'canary'>,
  { ingest, clock, log }: { readonly ingest: Pick<Ingest, 'canary'>; readonly clock: Clock; readonly log: Logger },
  undo: (name: string, step: () => Promise<void>) => void,
): Promise<void> {
  if (canary.receivers.length === 0) return;
  const everyMs = secondsToMs(canary.every_s);
  let sentAt = Number.NEGATIVE_INFINITY;
  const send = async (): Promise<void> => {
    const now = clock.monotonic();
    if (now - sentAt < everyMs) return;
    await ingest.canary();
    sentAt = now;
  };
  const loop = repeat(send, { everyMs: LOOK_MS, log, failure: 'test transaction not accepted, retrying' });
  undo('test transactions', loop.stop);
  await loop.start();
}

/** What the alert stage does with a test transaction that came through. */
export function canaryPages(config: Pick<Config, 'alert' | 'canary' | 'locale' | 'time_zone'>): TakeCanary {
  const { canary, time_zone: timeZone } = config;
  const options = { receivers: canary.receivers, everyMs: secondsToMs(canary.every_s), localeOf: receiverLocale(config), timeZone };
  return (tx: Sql, event, now) => queueCanary(tx, options, event, now);
}
