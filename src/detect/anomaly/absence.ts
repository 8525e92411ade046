import type { LifecycleMinute } from './lifecycle-minute.ts';
import type { Episode } from './episode.ts';
import { countZ } from '../evidence/evidence.ts';
import { tailNats } from '../series/normal.ts';
import { EXPECTED, GROUP_ROWS, RING, type SeriesStore, SPREAD, valueOf } from '../series/series-store.ts';
import { emptyRun, type Signal } from '../series/signal.ts';

/** A total at nothing for so many minutes that these alone are evidence over the threshold. */
export function isAbsence(store: SeriesStore, signal: Signal, threshold: number, minute: number): boolean {
  if (signal.family !== 'volume' || signal.row % GROUP_ROWS !== 0) return false;
  const run = emptyRun(store, signal.row, minute);
  const z = countZ(0, run * valueOf(store, signal.row, EXPECTED), valueOf(store, signal.row, SPREAD));
  return run > 1 && tailNats(Math.abs(z)) >= threshold;
}

/** Minutes of an absence: those without a count, where the ring reaches back to its start. */
export function absentMinutes(store: SeriesStore, signal: Signal, minute: number): number {
  const run = emptyRun(store, signal.row, minute);
  return run < RING ? run : Math.max(run, signal.run);
}

/** An open anomaly that already reports an absence: nothing at all, or (while the source is alive) a fall. */
export function isAbsent(episode: Episode, scope: number, minute: LifecycleMinute): boolean {
  if (episode.scope !== scope && episode.scope !== 0) return false;
  if (minute.window.state !== 'silent') return episode.family === 'volume';
  return episode.family === 'volume' && episode.row % GROUP_ROWS === 0 && episode.anomaly.type !== 'low_volume';
}
