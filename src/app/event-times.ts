import { secondsToMs } from '../clock.ts';
import type { ValidatorOptions } from '../ingest/validate.ts';
import type { Config } from '../config/config-schema.ts';

const DAY_MS = 86_400_000;

/** The days of both settings where events may be older than their counts are kept; null where they may not. */
export function ageBeyondRetention({ ingest, store }: Config): { readonly age: number; readonly retention: number } | null {
  const [age, retention] = [ingest.max_age_days, store.count_retention_days];
  return age > retention ? { age, retention } : null;
}

/** Which event times are taken, as configured. Counts are kept back from the newest minute of the stream, which is no later
 *  than now: what is older than that by the wall clock would be deleted, so it is refused. */
export function eventTimes({ time_zone: timeZone, ingest, store }: Config): ValidatorOptions {
  const days = Math.min(ingest.max_age_days, store.count_retention_days);
  return {
    timeZone,
    maxFutureMs: secondsToMs(ingest.max_future_s),
    maxAgeMs: days * DAY_MS,
    ageSetting: days < ingest.max_age_days ? 'store.count_retention_days' : 'ingest.max_age_days',
  };
}
