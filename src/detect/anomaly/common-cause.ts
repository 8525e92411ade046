import { SEVERITIES } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Status } from '@transaction-guardian/contracts/status.ts';
import { MINUTE_MS } from '../../clock.ts';
import type { Episode } from './episode.ts';
import { countZ } from '../evidence/evidence.ts';
import type { LifecycleMinute } from './lifecycle-minute.ts';
import type { OpenAnomalies } from './open-anomalies.ts';
import { watchedRows } from './apart.ts';
import { isOwnCause } from './own-cause.ts';
import { reportedExcess } from './reported.ts';
import { tailNats } from '../series/normal.ts';
import {
  at,
  groupOfRow,
  kindOfGroup,
  NATS,
  RING,
  rowOf,
  type SeriesStore,
  SLOW_NATS,
  SPREAD,
  statusOfRow,
  valueOf,
} from '../series/series-store.ts';
import { SETTINGS } from '../series/settings.ts';
import { directionOf, isAkin, recent, type Signal } from '../series/signal.ts';

/** The beginning of what is not slow is known to so many minutes. */
const SUDDEN_MINUTES = 3;
/** What merchants share. */
const PLACES = ['acquirer', 'payment_method', 'card_bin'] as const;
/** Part of the threshold at which the fleet counts as about to report. */
const RISING_SHARE = 0.3;
/** Longest that a part waits for it. */
const RISING_MINUTES = 5;

/** Open anomalies of parts that are what a wider anomaly is: of the same family, reported a moment before it began or after that (of a
 *  slow fall, whose beginning is not known well: half an hour before), and either no worse than everybody (inside as outside:
 *  Kulldorff, A spatial scan statistic, 1997) or of the same place. In order of opening. `wide`: of the fleet or an acquirer,
 *  not open yet; `telling`: parts that were reported at the right time anyway. */
export function partsOf(
  store: SeriesStore,
  open: readonly Episode[],
  wide: Episode,
  minute: number,
  telling: readonly Episode[] = [],
): Episode[] {
  const begin = beginOf(store, wide);
  return open.filter(
    (part) =>
      part.scope !== 0 &&
      isSameKind(store, part, wide) &&
      (part.opened >= begin || telling.includes(part)) &&
      (isInPlaceOf(part, wide) || (wide.scope === 0 && isLikeAll(store, part, wide, minute))),
  );
}

/** The same kind of bad news, of which failures and reversals are two. */
const isSameKind = (store: SeriesStore, part: Episode, { row, family }: Pick<Episode, 'row' | 'family'>): boolean =>
  part.family === family && (family === 'spike' || isAkin(store, part.row, row));

/** True when the anomaly of a merchant names the very acquirer, payment method or cards that a wider one does: the merchant is not
 *  what broke. */
export function isInPlaceOf(part: Episode, wide: Episode): boolean {
  if (part.anomaly.node.merchant_id === undefined || wide.anomaly.node.merchant_id !== undefined) return false;
  const own = { ...part.anomaly.slice, ...part.anomaly.node };
  const place = { ...wide.anomaly.slice, ...wide.anomaly.node };
  const fields = PLACES.filter((field) => place[field] !== undefined);
  return place.merchant_id === undefined && fields.length > 0 && fields.every((field) => own[field] === place[field]);
}

/** The fleet is about to report what a part of it signals: the part waits a minute. What open anomalies of other parts report is no news
 *  of the fleet. A merchant does not wait when it is alone what moves the fleet; an acquirer may yet turn out to be only where a
 *  merchant broke. */
export function isCommonSoon(store: SeriesStore, anomalies: OpenAnomalies, signal: Signal, minute: LifecycleMinute): boolean {
  if (signal.run > RISING_MINUTES) return false;
  const statuses = signal.family === 'volume' ? (['', 'approved'] as const) : [statusOfRow(signal.row)];
  const watched = watchedRows(anomalies.open, 0);
  const enough = RISING_SHARE * at(minute.thresholds, 0);
  return statuses.some((status) => {
    const row = rowOf(0, status);
    if (watched.has(row) || valueOf(store, row, NATS) < enough) return false;
    return restNats(store, anomalies, signal, status, minute) >= enough;
  });
}

/** Evidence (nats) in the minutes of a part's signal that the rest of the fleet shows the same: all of it where nothing reported
 *  anything and the part is no merchant. */
function restNats(store: SeriesStore, anomalies: OpenAnomalies, signal: Signal, status: Status | '', minute: LifecycleMinute): number {
  const { row, family, run } = signal;
  const whole = rowOf(0, status);
  const all = recent(store, whole, minute.number, run);
  const told = reportedExcess(store, anomalies, 0, { ...signal, row: whole }, minute);
  const isMerchant = kindOfGroup(store, groupOfRow(row)) === 'merchant';
  if (told <= 0 && !isMerchant) return valueOf(store, whole, NATS);
  const own = isMerchant ? recent(store, rowOf(groupOfRow(row), status), minute.number, run) : { observed: 0, expected: 0 };
  const sign = directionOf(family);
  const usual = Math.max(0.01, all.expected - own.expected);
  const seen = Math.max(0, all.observed - own.observed - sign * told);
  const z = sign * countZ(seen, usual, Math.max(1, valueOf(store, whole, SPREAD)));
  return z > 0 ? tailNats(z) : 0;
}

/** The part that a wider anomaly goes on as: the first that was reported with the same beginning; undefined when all are older. */
export function firstOf(store: SeriesStore, parts: readonly Episode[], wide: Episode): Episode | undefined {
  const begin = beginOf(store, wide);
  return parts.find(({ opened }) => opened >= begin);
}

/** Minute from which on an anomaly of a part may be one with that of the fleet. */
function beginOf(store: SeriesStore, { family, row, anomaly }: Episode): number {
  const isSlow = family === 'volume' && valueOf(store, row, SLOW_NATS) >= 0.9 * valueOf(store, row, NATS);
  return Date.parse(anomaly.started_at) / MINUTE_MS - (isSlow ? SETTINGS.manyPartsMinutes : SUDDEN_MINUTES);
}

/** Open anomalies of other parts of the fleet than `scope` that began to deviate in the same way a short while ago. */
export function partsReported(store: SeriesStore, open: readonly Episode[], scope: number, lead: Signal, minute: number): Episode[] {
  const isOther = ({ scope: part }: Episode): boolean => part !== 0 && part !== scope;
  return open.filter((part) => isOther(part) && isSameKind(store, part, lead) && minute - part.opened <= SETTINGS.manyPartsMinutes);
}

function isLikeAll(store: SeriesStore, part: Episode, fleet: Episode, minute: number): boolean {
  const run = Math.min(RING, fleet.anomaly.duration_minutes);
  const row = rowOf(part.scope, statusOfRow(fleet.row));
  const all = { row: fleet.row, ...recent(store, fleet.row, minute, run) };
  return !isOwnCause(store, row, directionOf(fleet.family), { minute, minutes: run }, all);
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
  if (SEVERITIES.indexOf(before.severity) < SEVERITIES.indexOf(anomaly.severity)) {
    anomaly.severity = before.severity;
    if (before.severity_reason !== undefined) anomaly.severity_reason = before.severity_reason;
  }
  wide.opened = part.opened;
  wide.formerly = part.formerly ?? { type: before.type, node: before.node };
}
