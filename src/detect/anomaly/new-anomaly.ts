import { createHash } from 'node:crypto';
import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import { MINUTE_MS } from '../../clock.ts';
import type { LifecycleMinute } from './lifecycle-minute.ts';
import { noFigures } from './figures.ts';
import type { Stamp } from './open-anomalies.ts';
import { nodeOfRow, type SeriesStore } from '../series/series-store.ts';

/** What an anomaly is from its first minute on. `key`: names it, and gives its id; `minutes`: how long it has lasted. */
export interface AnomalyStart {
  readonly key: string;
  readonly row: number;
  readonly type: Anomaly['type'];
  readonly slice: Anomaly['slice'];
  readonly minutes: number;
}

/** An open anomaly whose numbers are still to be filled in. The same key gives the same id. */
export function newAnomaly(store: SeriesStore, start: AnomalyStart, { number, window }: LifecycleMinute, stamp: Stamp): Anomaly {
  const now = new Date(window.minute).toISOString();
  return {
    id: `an_${createHash('sha256').update(start.key).digest('hex').slice(0, 12)}`,
    type: start.type,
    status: 'open',
    severity: 'info',
    node: nodeOfRow(store, start.row),
    slice: start.slice,
    started_at: startedAt(number, start.minutes),
    detected_at: now,
    updated_at: now,
    resolved_at: null,
    duration_minutes: start.minutes,
    ...noFigures(now),
    peak: noFigures(now),
    lost_transactions: 0,
    reasons: [],
    ...stamp,
    backfill: window.backfill,
  };
}

/** First minute of what has lasted so many minutes at a minute (minutes since the epoch), ISO 8601. */
export const startedAt = (number: number, minutes: number): string => new Date((number - minutes + 1) * MINUTE_MS).toISOString();
