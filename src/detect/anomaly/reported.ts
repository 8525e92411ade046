import type { Status } from '@transaction-guardian/contracts/status.ts';
import { askMerchants } from './merchant-answers.ts';
import { isCode, statusOfCode } from '../series/code-status.ts';
import type { LifecycleMinute } from './lifecycle-minute.ts';
import { countZ } from '../evidence/evidence.ts';
import { scopeOf } from './episode.ts';
import { ownPlace, shareInside, INSIDE_SHARE } from './inside-share.ts';
import type { OpenAnomalies, MinuteContext } from './open-anomalies.ts';
import { tailNats } from '../series/normal.ts';
import { isWorseThan } from './own-cause.ts';
import {
  at,
  atU8,
  groupOfRow,
  kindOfGroup,
  MERCHANT,
  RING,
  rowOf,
  type SeriesStore,
  SPREAD,
  statusOfRow,
  valueOf,
} from '../series/series-store.ts';
import { SETTINGS } from '../series/settings.ts';
import { directionOf, isAkin, recent, type Signal } from '../series/signal.ts';

/** Least part of an excess that open anomalies must account for before its rest is judged. */
const REPORTED_SHARE = 0.25;
/** Minutes over which the rest is judged: a new incident must not drown in an old one. */
const SHORT_MINUTES = 3;

/** True when what parts report leaves nothing over the threshold of a signal. */
export function isReported({ store, anomalies, minute }: MinuteContext, scope: number, signal: Signal, threshold: number): boolean {
  if (signal.family === 'spike') return false;
  const sign = directionOf(signal.family);
  const reported = reportedParts(store, anomalies, scope, signal, minute);
  if (reported.length === 0) return false;
  const spread = Math.max(1, valueOf(store, signal.row, SPREAD));
  const over = (expected: number, excess: number): boolean =>
    excess > 0 && tailNats(Math.abs(countZ(Math.max(0, expected + sign * excess), expected, spread))) >= threshold;
  return [SHORT_MINUTES, RING].every((most) => {
    const run = Math.min(signal.run, most);
    const { observed, expected } = recent(store, signal.row, minute.number, run);
    const excess = sign * (observed - expected);
    const left = excess - accountedFor(store, reported, scope, { ...signal, run }, minute);
    // What is slower than the ring shows little in its minutes: most of it must be reported.
    const isSlow = most === RING && signal.run > RING;
    return !over(expected, left) && (!isSlow || left <= (1 - REPORTED_SHARE) * excess);
  });
}

/** Excess of a signal's minutes that anomalies of parts account for. */
export const reportedExcess = (
  store: SeriesStore,
  anomalies: OpenAnomalies,
  scope: number,
  signal: Signal,
  minute: LifecycleMinute,
): number => accountedFor(store, reportedParts(store, anomalies, scope, signal, minute), scope, signal, minute);

function accountedFor(store: SeriesStore, parts: readonly number[], scope: number, signal: Signal, minute: LifecycleMinute): number {
  let sum = 0;
  for (const part of parts) {
    // A merchant at an acquirer that is counted already.
    const acquirers = kindOfGroup(store, part) === 'merchant' ? parts.filter((other) => kindOfGroup(store, other) === 'acquirer') : [];
    if (acquirers.some((other) => (shareOf(store, part, other, signal, minute) ?? 0) >= INSIDE_SHARE)) continue;
    sum += excessInside(store, scope, part, signal, minute);
  }
  return sum;
}

/** Merchants and acquirers with an anomaly that may explain a signal: open, over so lately that its minutes are still in hand, or not reported
 *  because a person called it noise. */
function reportedParts(
  store: SeriesStore,
  { open, closed }: OpenAnomalies,
  scope: number,
  signal: Signal,
  { suppressed }: LifecycleMinute,
): number[] {
  const parts = new Set<number>();
  const isVolume = signal.family === 'volume';
  const code = isCode(store, signal.row) ? store.ids[groupOfRow(signal.row)] : undefined;
  for (const { scope: part, row, family, members, anomaly } of open) {
    const named = anomaly.slice.auth_code;
    const isOther = code !== undefined && named !== undefined && named !== code;
    // The headline, or another sign of the same cause: what an anomaly watches, it reports.
    const isWatched = isAkin(store, row, signal.row) || members.some((member) => isAkin(store, member.row, signal.row));
    if (family !== 'spike' && !isOther && (isVolume || isWatched)) parts.add(part);
  }
  for (const { scope: part, family } of closed) if (family !== 'spike' && (isVolume || family === signal.family)) parts.add(part);
  for (const row of suppressed) if (isVolume || isAkin(store, row, signal.row)) parts.add(scopeOf(store, row));
  parts.delete(0);
  parts.delete(scope);
  return [...parts];
}

const shareOf = (store: SeriesStore, scope: number, part: number, signal: Signal, minute: LifecycleMinute): number | null =>
  shareInside(store, minute, scope, { ...signal, row: rowOf(scope, statusOfSignal(store, signal)) }, [ownPlace(store, part)]);

/** Status that a signal is about; '' for all together. */
export const statusOfSignal = (store: SeriesStore, { row }: Pick<Signal, 'row'>): Status | '' =>
  isCode(store, row) ? statusOfCode(store, row) : statusOfRow(row);

function excessInside(store: SeriesStore, scope: number, part: number, signal: Signal, minute: LifecycleMinute): number {
  const sign = directionOf(signal.family);
  if (scope === 0) {
    const own = recent(store, rowOf(part, statusOfSignal(store, signal)), minute.number, signal.run);
    return Math.max(0, sign * (own.observed - own.expected));
  }
  if (kindOfGroup(store, part) === kindOfGroup(store, scope)) return 0;
  const all = recent(store, signal.row, minute.number, signal.run);
  const excess = sign * (all.observed - all.expected);
  const share = shareInside(store, minute, scope, signal, [ownPlace(store, part)]);
  if (share !== null) return Math.max(0, share * excess);
  // Without slices: what the part has may all lie here, and a merchant that is no worse than its acquirer is a part of it.
  const row = rowOf(part, statusOfSignal(store, signal));
  if (kindOfGroup(store, scope) === 'merchant') return isWorseThan(store, signal, row, minute.number) ? 0 : Math.max(0, excess);
  const own = recent(store, row, minute.number, signal.run);
  return Math.max(0, Math.min(excess, sign * (own.observed - own.expected)));
}

/** A part that is not reported yet, on its way to its threshold, in which most of what is left of a signal of the fleet lies: it will report by
 *  itself in a moment. */
export function isRisingBelow(store: SeriesStore, anomalies: OpenAnomalies, signal: Signal, minute: LifecycleMinute): boolean {
  if (signal.family === 'spike') return false;
  const short = { ...signal, run: Math.min(signal.run, SHORT_MINUTES) };
  const reported = reportedExcess(store, anomalies, 0, short, minute);
  if (reported <= 0) return false;
  const sign = directionOf(signal.family);
  const all = recent(store, signal.row, minute.number, short.run);
  const left = sign * (all.observed - all.expected) - reported;
  const status = statusOfSignal(store, signal);
  const isRising = (group: number): boolean => {
    const row = rowOf(group, status);
    const isKnown =
      anomalies.open.some((episode) => episode.scope === group && episode.family === signal.family) ||
      minute.suppressed.some((other) => scopeOf(store, other) === group && isAkin(store, other, signal.row));
    if (atU8(store.seen, row) === 0 || isKnown) return false;
    const own = recent(store, row, minute.number, short.run);
    const excess = sign * (own.observed - own.expected) - reportedExcess(store, anomalies, group, { ...short, row }, minute);
    if (excess < SETTINGS.nameShare * left) return false;
    const z = sign * countZ(own.observed, own.expected, Math.max(1, valueOf(store, row, SPREAD)));
    return z > 0 && tailNats(z) >= RISING_SHARE * at(minute.thresholds, atU8(store.kinds, group));
  };
  if ([...store.index.acquirer.values()].some(isRising)) return true;
  // What is reported of a merchant can only lessen its excess.
  const merchants = askMerchants(store, {
    about: 'rising',
    status,
    minute: minute.number,
    run: short.run,
    sign,
    excess: SETTINGS.nameShare * left,
    nats: RISING_SHARE * at(minute.thresholds, MERCHANT),
  }).map(({ group }) => group);
  store.elsewhere?.borrow(merchants);
  return merchants.some(isRising);
}
const RISING_SHARE = 0.5;
