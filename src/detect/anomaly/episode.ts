import { endExcursion } from '../evidence/excursions.ts';
import { scaleExpected } from '../evidence/row-minute.ts';
import { scaleLevels, returnToSlow } from '../series/level.ts';
import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import { MINUTE_MS } from '../../clock.ts';
import type { Toll } from './toll.ts';
import { countZ, ratioNats } from '../evidence/evidence.ts';
import { tailNats } from '../series/normal.ts';
import {
  at,
  atU8,
  EXPECTED,
  GROUP_ROWS,
  groupOfRow,
  isHere,
  kindOfGroup,
  NATS,
  RING,
  rowOf,
  type SeriesStore,
  SLOW_A,
  SLOW_NATS,
  SPREAD,
  STRIDE,
  valueOf,
} from '../series/series-store.ts';
import { DOWN_RATIOS, SETTINGS, UP_RATIOS } from '../series/settings.ts';
import { clearSums } from '../evidence/sequential-sum.ts';
import type { AnomalyPeriod } from './period.ts';
import { RISE_MEMORY, sustainedRiseOf, clearRise, isSustainedRise, LEAST_RISE, restoreRise } from '../evidence/sustained-rise.ts';
import { directionOf, recent, type Signal } from '../series/signal.ts';
import type { Family } from '../series/status-table.ts';

/** A part with less than this share of what it had is gone. */
const GONE = 0.02;

/** A row that an episode watches until it is quiet again. Sums are exponentially weighted: `near` as long as the
 *  detection took, `steady` 10 and `long` 40 minutes. */
export interface WatchedRow {
  readonly row: number;
  readonly sign: 1 | -1;
  readonly keep: number;
  near: [observed: number, expected: number];
  steady: [observed: number, expected: number];
  long: [observed: number, expected: number];
  /** Evidence (nats, capped) that the row is normal again rather than still as it was in the anomaly. */
  calm: number;
  /** Sustained rises: `near` is as long as the rise (six hours at most), since single minutes show nothing of it. */
  readonly burns?: true;
}

/** An open anomaly and what is needed to follow it. Plain data: it goes into the snapshot as JSON. */
export interface Episode {
  /** Group whose rows are frozen and whose signals are folded into it. */
  readonly scope: number;
  /** The rows of the fleet reported it, and are frozen with it. */
  readonly isWide?: true;
  family: Family;
  row: number;
  /** Minute number of the opening. */
  opened: number;
  readonly members: WatchedRow[];
  quiet: number;
  lost: number;
  /** Deviation of its headline in the bad direction since the start, and the last minutes one by one, newest last. */
  bad: number;
  readonly tolls: Toll[];
  /** What its sentence is about; made when it is first described. */
  period?: AnomalyPeriod;
  /** Strongest evidence so far, and what the last event reported. */
  toldAt: number;
  toldZ: number;
  /** Minute number of the question whether the new level is normal; set once it was asked. */
  askedAt?: number;
  /** It counts as a discovery. */
  isCounted?: boolean;
  /** A person said that it is real. */
  isReal?: boolean;
  anomaly: Anomaly;
  /** Of an absence of data: minutes in a row with data since, and silent ones in a row before those. */
  dataFor?: number;
  silentFor?: number;
  /** What it was called when it opened, once a better explanation has come. */
  formerly?: Pick<Anomaly, 'type' | 'node'>;
  /** Rows that count a part of what it counts, and have open anomalies of their own. */
  apart?: number[];
  /** Its slice stays what it is. */
  isSettled?: true;
  /** Row of a sign that is stronger than the headline, and for how many minutes it has been. */
  rival?: { readonly row: number; readonly minutes: number };
}

/** First bad minute (minutes since the epoch). */
export const startOf = ({ anomaly }: Episode): number => Date.parse(anomaly.started_at) / MINUTE_MS;

/** Group that a row's adverse status belongs to: codes belong to the fleet. */
export function scopeOf(store: SeriesStore, row: number): number {
  const group = groupOfRow(row);
  return kindOfGroup(store, group) === 'auth_code' ? 0 : group;
}

/** Minutes that the near sums of a member remember: as long as its detection took, within these. */
const MEMORY_LEAST = 3;
const MEMORY_MOST = 15;

/** Smallest jump of a volume that ends a fall. */
const JUMP = 1 / DOWN_RATIOS[0];
/** Odds of 50 to 1 for "normal again" make a minute quiet. */
export const CALM_ENOUGH = 4;
const CALM_MOST = 6;

/** Starts to watch a row; the near sums begin with the minutes of the ring. */
export function memberOf(store: SeriesStore, signal: Signal, minute: number, most: number = MEMORY_MOST): WatchedRow {
  if (isSlow(store, signal)) return risingMember(store, signal, minute);
  const past = recent(store, signal.row, minute, signal.run);
  const memory = Math.min(most, Math.max(MEMORY_LEAST, signal.run));
  const now: [number, number] = [past.observed, past.expected];
  const sign = directionOf(signal.family);
  return { row: signal.row, sign, keep: 1 - 1 / memory, near: [...now], steady: [...now], long: [...now], calm: 0 };
}

/** A rise of adverse transactions against the slow reference. */
const isSlow = (store: SeriesStore, { row, family }: Signal): boolean =>
  (family === 'denial' || family === 'failure') && isSustainedRise(store, row);

function risingMember(store: SeriesStore, { row }: Signal, minute: number): WatchedRow {
  const { observed, expected, minutes } = sustainedRiseOf(store, row);
  const past = recent(store, row, minute, RING);
  const now: [number, number] = [past.observed, past.expected];
  const keep = 1 - 1 / Math.min(RISE_MEMORY, minutes);
  return { row, sign: 1, keep, near: [observed, expected], steady: now, long: [...now], calm: 0, burns: true };
}

/** Takes the minute into the sums of a member; true when the row still deviates by 0.4 of the threshold. `isUnknown`: the daily curve is
 *  not known, so that a fall ends when the volume jumps up again, wherever the curve has taken it meanwhile. `elsewhere`: counts that
 *  another open anomaly accounts for. */
export function watchMember(
  store: SeriesStore,
  member: WatchedRow,
  threshold: number,
  { isUnknown, elsewhere }: { readonly isUnknown: boolean; readonly elsewhere: number },
): boolean {
  const count = Math.max(0, at(store.counts, member.row) - elsewhere);
  const expected = valueOf(store, member.row, EXPECTED);
  const spread = valueOf(store, member.row, SPREAD);
  const jump = isUnknown && member.sign < 0 ? jumpNats(member, count, expected, spread) : Number.NEGATIVE_INFINITY;
  fade(member.near, member.keep, count, expected);
  fade(member.steady, 0.9, count, expected);
  fade(member.long, 0.975, count, expected);
  const [seen, usual] = member.burns ? member.near : member.long;
  const share = seen / Math.max(1e-9, usual);
  const ratio =
    member.sign > 0 ? Math.max(member.burns ? LEAST_RISE : UP_RATIOS[0], share) : Math.max(0.05, Math.min(DOWN_RATIOS[0], share));
  const nats = ratioNats(count, expected, spread, ratio);
  member.calm = Math.min(CALM_MOST, Math.max(0, member.calm + Math.max(jump, -nats)));
  // Over the hours of a rise chance has many tries to look normal.
  return (
    member.calm < (member.burns ? CALM_MOST : CALM_ENOUGH) &&
    deviation(store, member) >= (store.parts.hysteresis ? SETTINGS.closeShare : 1) * threshold
  );
}

/** Evidence (nats) that a volume is back from where it was in the last minutes. */
function jumpNats({ steady: [seen, usual] }: WatchedRow, count: number, expected: number, spread: number): number {
  return ratioNats(count, (expected * Math.max(seen, 1)) / Math.max(1e-9, usual), spread, JUMP);
}

/** Evidence (nats) in the near sums that a member deviates in its bad direction. */
export function deviation(store: SeriesStore, member: WatchedRow): number {
  const shrink = 1 / (1 + member.keep);
  const z = countZ(member.near[0] / shrink, member.near[1] / shrink, valueOf(store, member.row, SPREAD));
  return z * member.sign > 0 ? tailNats(Math.abs(z)) : 0;
}

function fade(sums: [number, number], keep: number, observed: number, expected: number): void {
  sums[0] = sums[0] * keep + observed;
  sums[1] = sums[1] * keep + expected;
}

/** True when an episode has settled at a level that may be taken as the new normal one: long enough, no trend, and (for
 *  a volume) not close to nothing. */
export function hasSettled(store: SeriesStore, episode: Episode, minute: number): boolean {
  const isVolume = episode.family === 'volume' || episode.family === 'spike';
  if (minute - episode.opened < (isVolume ? SETTINGS.acceptVolumeMinutes : SETTINGS.acceptAdverseMinutes)) return false;
  const member = episode.members[0];
  if (member === undefined) return true;
  const steady = member.steady[0] / Math.max(1e-9, member.steady[1]);
  const long = member.long[0] / Math.max(1e-9, member.long[1]);
  // A part that stopped trading is reported for a day; the fleet is never taken to be normal when it is nearly silent.
  if (isVolume && long < 0.4) return episode.scope !== 0 && minute - episode.opened >= SETTINGS.acceptGoneMinutes;
  const noise = Math.sqrt(valueOf(store, member.row, SPREAD) / Math.max(1, member.steady[0]));
  return Math.abs(steady / Math.max(1e-9, long) - 1) < 3 * noise + 0.05;
}

/** Moves the levels of the watched rows to where they have settled. A part that is gone is forgotten: should it come back,
 *  it is new. */
export function acceptLevels(store: SeriesStore, episode: Episode): void {
  const [total] = episode.members;
  if (episode.scope !== 0 && episode.family === 'volume' && total !== undefined && total.long[0] < GONE * total.long[1]) {
    resetPart(store, episode.scope);
    return;
  }
  for (const member of episode.members) {
    const [seen, usual] = member.burns ? member.near : member.long;
    const ratio = Math.max(0.01, seen / Math.max(1e-9, usual));
    const o = member.row * STRIDE;
    scaleLevels(store.values, o, ratio);
  }
}

function resetPart(store: SeriesStore, group: number): void {
  for (let row = group * GROUP_ROWS; row < (group + 1) * GROUP_ROWS; row++) {
    store.series -= atU8(store.seen, row);
    store.seen[row] = 0;
    store.values.fill(0, row * STRIDE, (row + 1) * STRIDE);
  }
}

/** Takes the fast levels of what is about to open back to what was normal before, where they have followed it. */
export function restoreLevels(store: SeriesStore, scope: number, lead: Signal, signals: readonly Signal[]): void {
  if (lead.family === 'volume') restoreSlow(store, scope, lead.row);
  for (const signal of signals) if (isSlow(store, signal)) restoreRise(store, signal.row);
}

/** When it is the slow level that shows a fall, the fast one has followed it down: it goes back up, so that the
 *  expectation of the anomaly is what was normal before. */
function restoreSlow(store: SeriesStore, scope: number, row: number): void {
  if (valueOf(store, row, SLOW_NATS) < 0.9 * valueOf(store, row, NATS)) return;
  for (const volume of [rowOf(scope, ''), rowOf(scope, 'approved')]) {
    if (valueOf(store, volume, SLOW_A) <= 0) continue;
    const o = volume * STRIDE;
    scaleExpected(store.values, o, returnToSlow(store.values, o));
  }
}

/** Expires the gathered evidence of a scope, so that it starts even after an anomaly. After one of the fleet all start
 *  even, since what their rows gathered meanwhile was its doing; after one of a part, the slow sums that remember it. */
export function resetScope(store: SeriesStore, scope: number): void {
  store.elsewhere?.borrow([scope]);
  resetGroup(store, scope);
  if (scope === 0) resetParts(store);
  else clearRises(store, kindOfGroup(store, scope) === 'merchant');
}

/** Expires what the anomaly of a part has gathered in the fleet, the acquirers and the codes, where nothing open watches it: it was
 *  explained as long as the anomaly was open. */
export function resetAround(store: SeriesStore, { scope, members }: Episode, watched: ReadonlySet<number>): void {
  const columns = new Set([...members.map(({ row }) => row % GROUP_ROWS), 0, 1]);
  for (let group = 0; group < store.groups; group++) {
    const kind = kindOfGroup(store, group);
    if (group === scope || kind === 'merchant') continue;
    for (const column of kind === 'auth_code' ? [0] : columns) {
      const row = group * GROUP_ROWS + column;
      if (!watched.has(row)) clearSums(store, row);
    }
  }
}

function resetParts(store: SeriesStore): void {
  store.elsewhere?.act('clear_sums');
  for (let group = 1; group < store.groups; group++) if (isHere(store, group)) resetGroup(store, group);
}

function clearRises(store: SeriesStore, isMerchant: boolean): void {
  if (!isMerchant) store.elsewhere?.act('clear_rises');
  for (let group = 0; group < store.groups; group++) {
    const kind = kindOfGroup(store, group);
    if (kind === 'auth_code' || (isMerchant && kind === 'merchant') || !isHere(store, group)) continue;
    clearGroupRises(store, group);
  }
}

/** Expires what the adverse statuses of a group gathered slowly. */
export function clearGroupRises(store: SeriesStore, group: number): void {
  for (let row = group * GROUP_ROWS + 2; row < (group + 1) * GROUP_ROWS; row++) clearRise(store, row);
}

/** Expires the gathered evidence of a group. */
export function resetGroup(store: SeriesStore, group: number): void {
  for (let row = group * GROUP_ROWS; row < (group + 1) * GROUP_ROWS; row++) {
    clearSums(store, row);
    endExcursion(store.values, row * STRIDE);
  }
}

/** Approved transactions that were expected and did not come in a minute because of an episode: not those of parts with an anomaly of
 *  their own, and beside another one of its scope or of the fleet no more than ended badly. `isBeside`: there is such another one; `countOf`: counts
 *  of that minute, default the one in hand. */
export function lostNow(
  store: SeriesStore,
  { scope, row, family, apart }: Episode,
  isBeside: boolean,
  countOf: (row: number) => number = (of) => at(store.counts, of),
): number {
  const missing = (group: number): number => {
    const approved = rowOf(group, 'approved');
    return valueOf(store, approved, EXPECTED) - countOf(approved);
  };
  const sums = { acquirer: 0, merchant: 0 };
  for (const group of new Set((apart ?? []).map(groupOfRow))) {
    const kind = kindOfGroup(store, group);
    if (kind === 'acquirer' || kind === 'merchant') sums[kind] += missing(group);
  }
  const lost = missing(scope) - Math.max(0, sums.acquirer, sums.merchant);
  if (!isBeside || family === 'volume' || family === 'spike') return lost;
  return Math.min(lost, Math.max(0, countOf(row) - valueOf(store, row, EXPECTED)));
}

/** Adds late rows to the sums of a member. `age`: minutes since the corrected one. */
export function acceptMember(member: WatchedRow, change: number, age: number): void {
  member.near[0] = Math.max(0, member.near[0] + change * member.keep ** age);
  member.steady[0] = Math.max(0, member.steady[0] + change * 0.9 ** age);
  member.long[0] = Math.max(0, member.long[0] + change * 0.975 ** age);
}
