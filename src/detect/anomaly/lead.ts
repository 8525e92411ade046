import { isCode } from '../series/code-status.ts';
import type { LifecycleMinute } from './lifecycle-minute.ts';
import { watchedRows } from './apart.ts';
import { isExplained } from './explained.ts';
import type { OpenAnomalies } from './open-anomalies.ts';
import { at, atU8, GROUP_ROWS, NATS, type SeriesStore, valueOf } from '../series/series-store.ts';
import { familyOfRow, runOf, type Signal } from '../series/signal.ts';

/** Part of the threshold from which an adverse status goes along with a fall of the volume. */
const COMPANION_SHARE = 0.4;

/** Adverse status of the same scope that is not over the threshold yet, but on its way, and that nothing open explains: a status names a cause
 *  better than the volume or a single code does. */
export function companions(
  store: SeriesStore,
  anomalies: OpenAnomalies,
  scope: number,
  signals: readonly Signal[],
  minute: LifecycleMinute,
): Signal[] {
  if (signals.every((signal) => signal.family === 'spike')) return [];
  const threshold = at(minute.thresholds, atU8(store.kinds, scope));
  const watched = watchedRows(anomalies.open, scope);
  const found: Signal[] = [];
  for (let row = scope * GROUP_ROWS + 2; row < (scope + 1) * GROUP_ROWS; row++) {
    if (watched.has(row) || signals.some((signal) => signal.row === row)) continue;
    const nats = valueOf(store, row, NATS);
    if (atU8(store.seen, row) === 0 || nats < COMPANION_SHARE * threshold) continue;
    const family = familyOfRow(store, row);
    const signal: Signal = { row, family, nats, run: runOf(store, row, family) };
    if (!store.parts.hierarchy || !isExplained({ store, anomalies, minute }, scope, signal, threshold)) found.push(signal);
  }
  return found;
}

/** The signal that names the anomaly: an adverse status before volume, statuses before codes, then the strongest. */
export function leadOf(store: SeriesStore, signals: readonly Signal[]): Signal | undefined {
  const rank = (signal: Signal): number => {
    if (signal.family === 'spike') return 0;
    if (signal.family === 'volume') return 1;
    return isCode(store, signal.row) ? 2 : 3;
  };
  return [...signals].sort((a, b) => rank(b) - rank(a) || b.nats - a.nats || a.row - b.row)[0];
}
