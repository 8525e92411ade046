import { SEVERITIES } from '@transaction-guardian/contracts/anomaly.ts';
import { MINUTE_MS } from '../clock.ts';
import type { Episode } from './episode.ts';
import { countZ } from './evidence.ts';
import { NATS, RING, rowOf, type SeriesStore, SLOW_NATS, SPREAD, statusOfRow, valueOf } from './series-store.ts';
import { SETTINGS } from './settings.ts';
import { recent } from './signal.ts';

/** A part this many standard deviations beyond what happens to everybody has a cause of its own. */
const OWN_CAUSE_Z = 4;
/** Of nothing no part can fall short. */
const LEAST_RATIO = 0.02;

/** Open anomalies of parts that are what the anomaly of the fleet is: of the same family, told a moment before it began or
 *  after that (of a slow fall, whose beginning is not known well: half an hour before), and no worse than everybody (inside as
 *  outside: Kulldorff, A spatial scan statistic, 1997). In order of opening. `fleet` is not open yet. */
export function partsOf(store: SeriesStore, open: readonly Episode[], fleet: Episode, minute: number): Episode[] {
  const isSlow = fleet.family === 'volume' && valueOf(store, fleet.row, SLOW_NATS) >= 0.9 * valueOf(store, fleet.row, NATS);
  const begin = Date.parse(fleet.anomaly.started_at) / MINUTE_MS - (isSlow ? SETTINGS.manyPartsMinutes : SETTINGS.sameCauseMinutes);
  return open.filter(
    (part) => part.scope !== 0 && part.family === fleet.family && part.opened >= begin && isLikeAll(store, part, fleet, minute),
  );
}

function isLikeAll(store: SeriesStore, part: Episode, fleet: Episode, minute: number): boolean {
  const run = Math.min(RING, Math.max(fleet.anomaly.duration_minutes, part.anomaly.duration_minutes));
  const all = recent(store, fleet.row, minute, run);
  const ratio = Math.max(LEAST_RATIO, all.observed / Math.max(1e-9, all.expected));
  const row = rowOf(part.scope, statusOfRow(fleet.row));
  const own = recent(store, row, minute, run);
  const z = countZ(own.observed, own.expected * ratio, Math.max(1, valueOf(store, row, SPREAD)));
  return fleet.family === 'volume' ? z > -OWN_CAUSE_Z : z < OWN_CAUSE_Z;
}

/** Lets a wider anomaly go on as the first of its parts: it takes over its id, its beginning and its severity, and says what
 *  the anomaly was called before. The part itself must be taken off the open ones by the caller. */
export function adopt(wide: Episode, part: Episode): void {
  const { anomaly } = wide;
  const before = part.anomaly;
  anomaly.id = before.id;
  anomaly.detected_at = before.detected_at;
  if (before.started_at < anomaly.started_at) anomaly.started_at = before.started_at;
  anomaly.duration_minutes = Math.round((Date.parse(anomaly.updated_at) - Date.parse(anomaly.started_at)) / MINUTE_MS) + 1;
  if (SEVERITIES.indexOf(before.severity) < SEVERITIES.indexOf(anomaly.severity)) anomaly.severity = before.severity;
  wide.opened = part.opened;
  wide.formerly = part.formerly ?? { type: before.type, node: before.node };
}
