import type { Status } from '@transaction-guardian/contracts/transaction.ts';
import type { LifeMinute } from './describe.ts';
import type { Life } from './life.ts';
import { startOf, type Episode } from './episode.ts';
import { countZ } from './evidence.ts';
import { isCode, statusOfCode } from './code-status.ts';
import { tailNats } from './normal.ts';
import {
  at,
  atU8,
  EXPECTED,
  groupOfRow,
  kindOfGroup,
  RING,
  rowOf,
  type SeriesStore,
  SPREAD,
  statusOfRow,
  valueOf,
} from './series-store.ts';
import { SETTINGS } from './settings.ts';
import { directionOf, familyOfRow, isAkin, recent, type Signal } from './signal.ts';
import { insideOf } from './slices/inside-of.ts';
import { dimensionsOfSlice } from './slices/slice-key.ts';

/** A row that is twice as bad as another, beyond this many standard deviations, has a cause of its own. */
const OWN_CAUSE_Z = 4;
const OWN_CAUSE_TIMES = 2;
/** Of less than this no part can fall short. */
const LEAST_RATIO = 0.02;
/** Part of an excess that must lie in a place for the place to explain it. */
const INSIDE_SHARE = 0.5;
/** Least part of an excess that open anomalies must account for before its rest is judged. */
const TOLD_SHARE = 0.25;
/** Pairs of merchants and acquirers up to which windows carry them all (`slice-counts.ts`). */
const PAIRS_MOST = 120;
/** Minutes over which the rest is judged: a new incident must not drown in an old one. */
const SHORT_MINUTES = 3;
/** Last minutes that are held against the ones before them. */
const SUDDEN_SPLITS = [2, 4, 8] as const;
/** Part of the missing approved ones from which it is the volume that fell, and not what became of it. */
const VOLUME_SHARE = 0.5;

/** The open anomaly of the same scope that watches the row of a signal already. */
export const watcherOf = (open: readonly Episode[], scope: number, { row }: Signal): Episode | undefined =>
  open.find((episode) => episode.scope === scope && episode.members.some((member) => member.row === row));

/** The open anomaly of the same scope that a signal is another sign of: it began together with it, or is no incident of its own. */
export const hostOf = (
  store: SeriesStore,
  open: readonly Episode[],
  scope: number,
  signal: Signal,
  minute: LifeMinute,
): Episode | undefined =>
  watcherOf(open, scope, signal) ?? open.find((episode) => episode.scope === scope && isSignOf(store, episode, signal, minute));

function isSignOf(store: SeriesStore, episode: Episode, signal: Signal, minute: LifeMinute): boolean {
  if (beganTogether(episode, signal, minute.number)) return true;
  if (signal.family === 'volume') {
    if (episode.family === 'volume' || episode.family === 'spike') return true;
    return isRateOnly(store, episode.scope, signal, minute.number) || isAsBefore(store, episode, signal, minute.number);
  }
  if (signal.family === 'spike') return episode.family === 'spike';
  if (isCode(store, signal.row) === isCode(store, episode.row)) return false;
  if (!isAkin(store, episode.row, signal.row)) return false;
  if (!isCode(store, signal.row)) return true;
  const named = episode.anomaly.slice.auth_code;
  if (named !== undefined) return named === store.ids[groupOfRow(signal.row)];
  return !isWorseThan(store, signal, episode.row, minute.number);
}

/** A volume is no lower than it has been since the anomaly began: its fall came with the anomaly, and crosses its bar late. */
function isAsBefore(store: SeriesStore, episode: Episode, { row, run }: Signal, minute: number): boolean {
  const all = recent(store, row, minute, Math.min(RING, minute - startOf(episode) + 1));
  const last = recent(store, row, minute, run);
  const before = { observed: all.observed - last.observed, expected: all.expected - last.expected };
  if (before.expected <= 0) return false;
  const usual = last.expected * Math.min(1, before.observed / before.expected);
  return countZ(last.observed, usual, Math.max(1, valueOf(store, row, SPREAD))) > -OWN_CAUSE_Z;
}

/** Signs of one cause begin within a few minutes of each other; when a slow one did is not known well. */
function beganTogether(episode: Episode, { run }: Signal, minute: number): boolean {
  const begin = minute - run + 1;
  return begin <= startOf(episode) + SETTINGS.sameCauseMinutes && begin >= startOf(episode) - RING;
}

/** While nothing is learnt, what is expected of a volume goes astray slowly: beside an open anomaly only a fall from one minute to the
 *  next is another incident. */
export function isDrift(store: SeriesStore, open: readonly Episode[], scope: number, signal: Signal, minute: LifeMinute): boolean {
  if (signal.family !== 'volume') return false;
  const isFrozen = open.some((episode) => episode.scope === 0 || episode.isWide === true || episode.scope === scope);
  const bar = at(minute.bars, atU8(store.kinds, scope));
  return isFrozen && SUDDEN_SPLITS.every((minutes) => fallNats(store, signal.row, minute.number, minutes) < bar);
}

/** Evidence (nats) that the last minutes of a row have less than the ones before them in the ring. */
function fallNats(store: SeriesStore, row: number, minute: number, minutes: number): number {
  const all = recent(store, row, minute, RING);
  const last = recent(store, row, minute, minutes);
  const usual = ((all.observed - last.observed) / Math.max(1, all.minutes - last.minutes)) * last.minutes;
  const z = countZ(last.observed, usual, Math.max(1, valueOf(store, row, SPREAD)));
  return z < 0 ? tailNats(-z) : 0;
}

/** The approved ones are missing because they ended otherwise: the traffic itself did not fall. */
function isRateOnly(store: SeriesStore, scope: number, { run }: Signal, minute: number): boolean {
  const all = recent(store, rowOf(scope, ''), minute, run);
  const good = recent(store, rowOf(scope, 'approved'), minute, run);
  return all.expected - all.observed < VOLUME_SHARE * (good.expected - good.observed);
}

/** A volume that did not fall speaks of its approved part: beside what trouble adds, the total says nothing. */
function approvedOf(store: SeriesStore, scope: number, signal: Signal, minute: number): Signal {
  if (signal.family !== 'volume' || !isRateOnly(store, scope, signal, minute)) return signal;
  return { ...signal, row: rowOf(scope, 'approved') };
}

/** True when open anomalies of other scopes explain a signal: a wider one that it goes along with, or narrower ones without which
 *  nothing over the bar is left of it. */
export function isExplained(store: SeriesStore, life: Life, scope: number, signal: Signal, minute: LifeMinute, bar: number): boolean {
  const missing = approvedOf(store, scope, signal, minute.number);
  if (scope !== 0 && life.open.some((episode) => episode.scope === 0 && coversPart(store, episode, scope, signal, minute))) return true;
  return isTold(store, life, scope, missing, minute, bar);
}

function coversPart(store: SeriesStore, episode: Episode, scope: number, signal: Signal, minute: LifeMinute): boolean {
  const isVolume = signal.family === 'volume';
  if (signal.family === 'spike') return episode.family === 'spike';
  if (!isVolume && !isAkin(store, episode.row, signal.row)) return false;
  if (isVolume && directionOf(episode.family) > 0 && isRateOnly(store, scope, signal, minute.number)) return true;
  const place = placeOf(episode);
  if (place.length > 0) {
    const own = ownPlace(store, scope);
    if (place.includes(own)) return true;
    const share = shareInside(store, minute, scope, signal, place);
    if (share !== null) return share >= INSIDE_SHARE;
    const group = groupOfPlace(store, place);
    if (group !== undefined) {
      if (kindOfGroup(store, group) === kindOfGroup(store, scope)) return false;
      return !isWorseThan(store, signal, rowOf(group, statusOfRow(signal.row)), minute.number);
    }
  }
  return !isWorseThan(store, signal, rowOf(0, statusOfRow(signal.row)), minute.number, episode);
}

/** Dimensions (without codes) of the place that an anomaly names. */
function placeOf({ anomaly: { node, slice } }: Episode): string[] {
  return dimensionsOfSlice({ ...slice, ...node }).filter((dimension) => !dimension.startsWith('c='));
}

/** The merchant or else the acquirer of a place. */
function groupOfPlace(store: SeriesStore, place: readonly string[]): number | undefined {
  const idOf = (letter: string): string | undefined => place.find((dimension) => dimension.startsWith(`${letter}=`))?.slice(2);
  return store.index.merchant.get(idOf('m') ?? '') ?? store.index.acquirer.get(idOf('a') ?? '');
}

const ownPlace = (store: SeriesStore, scope: number): string =>
  `${kindOfGroup(store, scope) === 'merchant' ? 'm' : 'a'}=${store.ids[scope] ?? ''}`;

/** Part of a signal's excess that lies in a place; null where the slices do not say. Of a place of two dimensions whose meeting with the
 *  scope is not counted it is what must lie in both. */
function shareInside(store: SeriesStore, minute: LifeMinute, scope: number, signal: Signal, place: readonly string[]): number | null {
  const whole = plainShare(store, minute, scope, signal, place);
  if (whole !== null || place.length === 1) return whole;
  const shares = place.map((dimension) => plainShare(store, minute, scope, signal, [dimension]));
  return shares.reduce((sum, share) => (sum === null || share === null ? null : sum + Math.min(1, share) - 1), 1);
}

function plainShare(
  store: SeriesStore,
  { slices, number }: LifeMinute,
  scope: number,
  signal: Signal,
  place: readonly string[],
): number | null {
  const run = Math.min(signal.run, RING);
  const all = recent(store, signal.row, number, run);
  const sign = directionOf(signal.family);
  const excess = sign * (all.observed - all.expected);
  const inside = insideOf(slices, {
    key: scope === 0 ? '' : ownPlace(store, scope),
    place,
    status: isCode(store, signal.row) ? statusOfCode(store, signal.row) : statusOfRow(signal.row),
    expected: all.expected,
    minute: number,
    minutes: run,
    isComplete: store.index.merchant.size * store.index.acquirer.size <= PAIRS_MOST,
  });
  if (inside === null || excess <= 0) return null;
  return (sign * (inside.observed - inside.expected)) / excess;
}

/** True when a row is clearly worse than another one in the minutes of its signal, and than that one is now or ever was in an open
 *  anomaly. */
export function isWorseThan(store: SeriesStore, { row, family, run }: Signal, than: number, minute: number, episode?: Episode): boolean {
  const minutes = Math.min(run, RING);
  const sign = family === 'volume' ? -1 : 1;
  const { expected, observed } = recent(store, than, minute, minutes);
  const ratioOf = (sum: Sum): number => sum.observed / Math.max(1e-9, sum.expected);
  const ratios = [ratioOf({ observed, expected }), ratioOf(recent(store, than, minute, 1))];
  if (episode?.row === than && episode.anomaly.peak.expected > 0) ratios.push(ratioOf(episode.anomaly.peak));
  const worst = sign > 0 ? Math.max(...ratios) : Math.min(...ratios);
  return isOwnCause(store, row, sign, recent(store, row, minute, minutes), { row: than, observed: worst * expected, expected });
}

interface Sum {
  readonly observed: number;
  readonly expected: number;
}

/** True when what was seen of a row is beyond what everybody shows: relative to its own, and of trouble also to its traffic. */
export function isOwnCause(store: SeriesStore, row: number, sign: 1 | -1, own: Sum, all: Sum & { readonly row: number }): boolean {
  const ratio = all.observed / Math.max(1e-9, all.expected);
  if (sign < 0 && ratio <= LEAST_RATIO) return false;
  const traffic = (of: number): number => valueOf(store, rowOf(groupOfRow(of), ''), EXPECTED);
  const part = isCode(store, row) || isCode(store, all.row) ? 0 : traffic(row) / Math.max(1e-9, traffic(all.row));
  const shared = sign > 0 ? own.expected + part * (all.observed - all.expected) : 0;
  const usual = Math.max(own.expected * ratio, shared);
  const times = own.observed / Math.max(1e-9, usual);
  if (times > 1 / OWN_CAUSE_TIMES && times < OWN_CAUSE_TIMES) return false;
  return sign * countZ(own.observed, usual, Math.max(1, valueOf(store, row, SPREAD))) >= OWN_CAUSE_Z;
}

/** True when what parts tell leaves nothing over the bar of a signal. */
function isTold(store: SeriesStore, life: Life, scope: number, signal: Signal, minute: LifeMinute, bar: number): boolean {
  if (signal.family === 'spike') return false;
  const sign = directionOf(signal.family);
  const told = tellingParts(store, life, scope, signal);
  if (told.length === 0) return false;
  const spread = Math.max(1, valueOf(store, signal.row, SPREAD));
  const over = (expected: number, excess: number): boolean =>
    excess > 0 && tailNats(Math.abs(countZ(Math.max(0, expected + sign * excess), expected, spread))) >= bar;
  return [SHORT_MINUTES, RING].every((most) => {
    const run = Math.min(signal.run, most);
    const { observed, expected } = recent(store, signal.row, minute.number, run);
    const excess = sign * (observed - expected);
    const left = excess - toldBy(store, told, scope, { ...signal, run }, minute);
    // What is slower than the ring shows little in its minutes: most of it must be told.
    const isSlow = most === RING && signal.run > RING;
    return !over(expected, left) && (!isSlow || left <= (1 - TOLD_SHARE) * excess);
  });
}

/** Excess of a signal's minutes that anomalies of parts account for. */
export const toldExcess = (store: SeriesStore, life: Life, scope: number, signal: Signal, minute: LifeMinute): number =>
  toldBy(store, tellingParts(store, life, scope, signal), scope, signal, minute);

function toldBy(store: SeriesStore, parts: readonly number[], scope: number, signal: Signal, minute: LifeMinute): number {
  let sum = 0;
  for (const part of parts) {
    // A merchant at an acquirer that is counted already.
    const acquirers = kindOfGroup(store, part) === 'merchant' ? parts.filter((other) => kindOfGroup(store, other) === 'acquirer') : [];
    if (acquirers.some((other) => (shareOf(store, part, other, signal, minute) ?? 0) >= INSIDE_SHARE)) continue;
    sum += excessInside(store, scope, part, signal, minute);
  }
  return sum;
}

/** Merchants and acquirers with an anomaly that may explain a signal: open, or over so lately that its minutes are still in hand. */
function tellingParts(store: SeriesStore, { open, closed }: Life, scope: number, signal: Signal): number[] {
  const parts = new Set<number>();
  const isVolume = signal.family === 'volume';
  const code = isCode(store, signal.row) ? store.ids[groupOfRow(signal.row)] : undefined;
  for (const { scope: part, row, family, anomaly } of open) {
    const named = anomaly.slice.auth_code;
    const isOther = code !== undefined && named !== undefined && named !== code;
    if (family !== 'spike' && !isOther && (isVolume || isAkin(store, row, signal.row))) parts.add(part);
  }
  for (const { scope: part, family } of closed) if (family !== 'spike' && (isVolume || family === signal.family)) parts.add(part);
  parts.delete(0);
  parts.delete(scope);
  return [...parts];
}

const shareOf = (store: SeriesStore, scope: number, part: number, signal: Signal, minute: LifeMinute): number | null =>
  shareInside(store, minute, scope, { ...signal, row: rowOf(scope, statusOfSignal(store, signal)) }, [ownPlace(store, part)]);

/** Status that a signal is about; '' for all together. */
export const statusOfSignal = (store: SeriesStore, { row }: Pick<Signal, 'row'>): Status | '' =>
  isCode(store, row) ? statusOfCode(store, row) : statusOfRow(row);

function excessInside(store: SeriesStore, scope: number, part: number, signal: Signal, minute: LifeMinute): number {
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

/** A part that is not told yet, on its way to its bar, in which most of what is left of a signal of the fleet lies: it will tell by
 *  itself in a moment. */
export function isRisingBelow(store: SeriesStore, life: Life, signal: Signal, minute: LifeMinute): boolean {
  if (signal.family === 'spike') return false;
  const short = { ...signal, run: Math.min(signal.run, SHORT_MINUTES) };
  const told = toldExcess(store, life, 0, short, minute);
  if (told <= 0) return false;
  const sign = directionOf(signal.family);
  const all = recent(store, signal.row, minute.number, short.run);
  const left = sign * (all.observed - all.expected) - told;
  const status = statusOfSignal(store, signal);
  for (const kind of ['acquirer', 'merchant'] as const) {
    for (const group of store.index[kind].values()) {
      const row = rowOf(group, status);
      if (atU8(store.seen, row) === 0 || life.open.some((episode) => episode.scope === group && episode.family === signal.family)) continue;
      const own = recent(store, row, minute.number, short.run);
      const excess = sign * (own.observed - own.expected) - toldExcess(store, life, group, { ...short, row }, minute);
      if (excess < SETTINGS.nameShare * left) continue;
      const z = sign * countZ(own.observed, own.expected, Math.max(1, valueOf(store, row, SPREAD)));
      const bar = at(minute.bars, atU8(store.kinds, group));
      if (z > 0 && tailNats(z) >= RISING_SHARE * bar) return true;
    }
  }
  return false;
}
const RISING_SHARE = 0.5;

/** Rows that anomalies of a scope watch. */
export const watchedRows = (open: readonly Episode[], scope: number): Set<number> =>
  new Set(open.filter((episode) => episode.scope === scope).flatMap(({ members }) => members.map(({ row }) => row)));

/** Counts of a row of the fleet in a minute that anomalies of their own, open beside `episode`, account for: above what was expected
 *  when positive. `countOf`: counts of that minute, default the one in hand. */
export function countedElsewhere(
  store: SeriesStore,
  open: readonly Episode[],
  episode: Episode,
  row: number,
  countOf: (row: number) => number = (of) => at(store.counts, of),
): number {
  if (episode.scope !== 0 || isCode(store, row)) return 0;
  const sums = { acquirer: 0, merchant: 0, auth_code: 0 };
  for (const own of rowsApart(store, open, episode, row)) {
    const kind = kindOfGroup(store, groupOfRow(own));
    if (kind !== 'fleet') sums[kind] += countOf(own) - valueOf(store, own, EXPECTED);
  }
  return Object.values(sums).reduce((most, sum) => (Math.abs(sum) > Math.abs(most) ? sum : most), 0);
}

/** Rows that count a part of what a row of the fleet does, and are told by anomalies of their own beside `episode`: of the same trouble, or
 *  of a volume whatever takes it away. */
export function rowsApart(store: SeriesStore, open: readonly Episode[], episode: Episode, row: number): number[] {
  const rows = new Set<number>();
  for (const other of open) {
    if (other === episode || (episode.scope !== 0 && other.scope !== episode.scope)) continue;
    if (other.scope !== 0 && episode.scope === 0) {
      if (familyOfRow(store, row) === 'volume' || isAkin(store, other.row, row)) rows.add(rowOf(other.scope, statusOfRow(row)));
    } else if (isCode(store, other.row) && isAkin(store, other.row, row)) rows.add(other.row);
  }
  return [...rows];
}
