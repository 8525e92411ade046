import { ratioNats } from './evidence.ts';
import { beginAgain, type Beginning } from './first-minutes.ts';
import { tailRate } from './excursions.ts';
import { GROWN, isCurveUnknown } from '../expect/fleet-trend.ts';
import { learnShape, shapeChange, shapeGrowth, shapeJump } from '../series/group-shape.ts';
import { judgeAdverse, mostOfAdverse, startLabel, type AdverseInput } from './judge-adverse.ts';
import { judgeVolume, mostOfFall, type VolumeInput } from './judge-volume.ts';
import { type RowMinute, setEvidence, noteRun } from './row-minute.ts';
import { followHours, isFreshlyOpen, isShut } from '../expect/opening-hours.ts';
import {
  at,
  atF32,
  atI32,
  atU16,
  atU8,
  EXPECTED,
  GROUP_ROWS,
  HEALTHY,
  JOINT,
  LEVEL_A,
  LEVEL_B,
  LOW,
  MERCHANT,
  NATS,
  RING,
  ringSlot,
  type SeriesStore,
  SPREAD,
  STRIDE,
  SUMS,
  TAUGHT_A,
  UP,
} from '../series/series-store.ts';
import { addTo, clearSums, runUncertainty } from './sequential-sum.ts';
import { SETTINGS } from '../series/settings.ts';

/** Healthy transactions that every adverse rate counts in addition, so that a dead hour does not divide by nothing. */
const EXPOSURE_FLOOR = 0.05;
/** Ratios of the joint test: approved down together with an adverse status up. */
const JOINT_FALL = 0.7;
const JOINT_RISE = 3;
/** Part of the threshold from which the pattern of the group is asked. */
const PATTERN_SHARE = 0.9;
/** Part of what came a minute before below which the approved ones may merely be late. */
const LATE_SHARE = 0.5;
/** Part of the threshold from which an adverse status speaks for a code that is new. */
const LABEL_SHARE = 0.4;
const APPROVED = 1;
const DENIED = 2;
/** Standard deviation of the growth of a part against the fleet, a minute, that nothing has taught yet. */
const PART_DRIFT_DEVIATION = 0.007;
/** Standard deviation of the rates of an adverse status between merchants, as a share. */
const MIX_SPREAD = 0.3;
const HEALTHY_KEEP = 1 - 1 / 1440;
/** Part of the level that is expected while shut: nothing, but no division by it. */
export const SHUT_SHARE = 1e-6;
/** Place of codes in `GROUP_KINDS`. */
const CODE = 3;

/** What is known of a minute once the volume of the fleet is judged: all that its groups are judged with. Plain data, since merchants may
 *  be judged in another process. */
export interface PartsMinute {
  /** Minutes since the epoch. */
  readonly number: number;
  readonly silent: boolean;
  /** The minute is silent and the fleet misses it: nothing is learnt or judged. */
  readonly isSilence: boolean;
  /** Growth of the log level of the fleet since the last minute, its variance, and how far the daily curve is known, 0..1. */
  readonly growth: number;
  readonly predictiveVariance: number;
  readonly trust: number;
  /** Half-hours since local midnight, with their fraction, and the quarter of an hour; `jumpedFrom` as in `MinuteInput`. */
  readonly position: number;
  readonly quarter: number;
  readonly jumpedFrom: number | null;
  /** The quarter of an hour that ended with the minute before, null when none did. */
  readonly ended: number | null;
  /** Doubt about the level of a day that begins, see `takeDayVariance`; null in other minutes. */
  readonly dayVariance: number | null;
  /** The fleet is new: nothing is raised. */
  readonly isLearning: boolean;
  /** How parts of the fleet begin again. */
  readonly beginning: Beginning;
  readonly isFleetShut: boolean;
  /** What of its expectation the fleet has had lately, 0.02..1. */
  readonly fleetFactor: number;
  /** Whether the volumes of the fleet learn even where its adverse statuses do not. */
  readonly follows: boolean;
  /** Evidence that raises an anomaly, by kind of group (order of GROUP_KINDS). */
  readonly thresholds: Float64Array;
}

/** Evidence (nats) that the pattern of a group adds to a row near its threshold. */
export type Pattern = (group: number, threshold: number) => number;

/** What the rows of a minute are judged with; refilled from row to row, so that nothing is allocated a series. */
export interface Inputs {
  readonly row: RowMinute;
  readonly volume: VolumeInput;
  readonly adverse: AdverseInput;
}

/** What is found in a minute: rows worth a second look, in row order, which the pattern of their group helps to find. */
export interface Found {
  readonly pattern: Pattern;
  readonly candidates: number[];
}

/** The inputs of a part of the fleet in a minute. */
export function inputsOf({ number, predictiveVariance }: Pick<PartsMinute, 'number' | 'predictiveVariance'>): Inputs {
  return {
    volume: { exposure: 1, drift: 1, predictiveVariance, driftDeviation: 0, pull: 0, pulled: 0, trust: 0, known: 0 },
    adverse: { exposure: 1, served: 0, unknown: 0, mixed: 0, exposureBefore: 0 },
    row: {
      count: 0,
      slot: ringSlot(number),
      before: ringSlot(number - 1),
      beforeThat: ringSlot(number - 2),
      learn: true,
      judge: true,
      threshold: 0,
    },
  };
}

/** Judges and learns one group of `store.counts`; of the fleet all but its total. Adds to what is `found`. */
export function judgeGroup(store: SeriesStore, group: number, minute: PartsMinute, inputs: Inputs, { pattern, candidates }: Found): void {
  const { row, volume, adverse } = inputs;
  const { isSilence, isLearning, isFleetShut, quarter, trust } = minute;
  const first = group * GROUP_ROWS;
  for (let member = first; member < first + GROUP_ROWS; member++)
    store.ring[member * RING + row.slot] = isSilence ? -1 : at(store.counts, member);
  if (isSilence) {
    store.ring[row.slot] = 0;
    if (group > 0) return;
  }
  const kind = atU8(store.kinds, group);
  if (group > 0 && kind !== CODE && !minute.silent) beginAgain(store, null, group, minute.beginning);
  row.threshold = at(minute.thresholds, kind);
  adverse.unknown = (group === 0 || kind === CODE) && isCurveUnknown(trust) ? 1 - trust : 0;
  row.learn = !isSilence && atU8(store.frozen, group) === 0 && atU8(store.frozen, 0) === 0;
  row.judge = !minute.silent && !isLearning && (kind === CODE || atI32(store.ages, group) >= SETTINGS.learningMinutes);
  if (group > 0 && kind !== CODE) shutOrOpen(store, group, quarter, row.learn && row.judge);
  const shut = isFleetShut || isShut(store, group);
  if (shut) row.learn = false;
  if (isFreshlyOpen(store, 0) || isFreshlyOpen(store, group)) row.judge = false;
  if (kind === CODE) judgeCode(store, group, minute, inputs);
  else {
    if (group > 0) followShape(store, group, minute, inputs);
    volume.exposure = shut ? SHUT_SHARE : group === 0 ? 1 : minute.fleetFactor;
    judgeStatuses(store, group, inputs, group === 0 && !isSilence && !shut && minute.follows);
  }
  // The age of a code counts the minutes that taught it, that of a part begins with its first transaction.
  if (kind !== CODE || row.learn) store.ages[group] = group > 0 && atU8(store.seen, first) === 0 ? 0 : atI32(store.ages, group) + 1;
  collectCandidates(store, group, row.threshold, pattern, candidates);
}

/** Follows the opening hours of a part. What was gathered of its end is no evidence of a fall once it shuts. */
export function shutOrOpen(store: SeriesStore, group: number, quarter: number, canShut: boolean): void {
  if (!followHours(store, group, quarter, canShut)) return;
  const first = group * GROUP_ROWS;
  for (let row = first; row < first + GROUP_ROWS; row++) clearSums(store, row);
}

const shape = new Float64Array(2);

/** Sets the growth that a part of the fleet expects, and teaches its shape. */
function followShape(store: SeriesStore, group: number, minute: PartsMinute, { row, volume }: Inputs): void {
  if (!store.parts.shape) shape.fill(0);
  else if (minute.jumpedFrom === null) shapeChange(store, group, minute.position, shape);
  else shapeJump(store, group, minute.jumpedFrom, minute.position, shape);
  volume.drift = Math.exp(minute.growth + shapeGrowth(shape));
  volume.driftDeviation = PART_DRIFT_DEVIATION * (1 - at(shape, 1));
  volume.trust = at(shape, 1);
  volume.known = 0;
  volume.pull = 0;
  if (!row.learn) return;
  // Where the curve is known, a promotion is not a part of it.
  const total = group * GROUP_ROWS;
  const most = volume.trust > 0.5 ? GROWN * at(store.values, total * STRIDE + LOW) + 1 : Number.POSITIVE_INFINITY;
  learnShape(store, group, Math.floor(minute.position), Math.min(at(store.counts, total), most), at(store.values, EXPECTED));
}

/** `follows`: the volumes learn even where the adverse statuses do not. */
function judgeStatuses(store: SeriesStore, group: number, inputs: Inputs, follows: boolean): void {
  const { row, volume, adverse } = inputs;
  const total = group * GROUP_ROWS;
  const approved = total + APPROVED;
  if (group > 0) {
    row.count = at(store.counts, total);
    judgeVolume(store, total, row, volume);
  }
  row.count = at(store.counts, approved);
  const { learn } = row;
  row.learn = learn || follows;
  judgeVolume(store, approved, row, volume);
  row.learn = learn;
  const healthy = Math.max(exposureOf(store, group), lateExposure(store, approved, row.before));
  const before = at(store.values, total * STRIDE + HEALTHY);
  store.values[total * STRIDE + HEALTHY] = before * HEALTHY_KEEP + healthy;
  adverse.exposure = healthy;
  adverse.served = servedOf(store, group, healthy);
  adverse.mixed = mixedOf(store, group);
  for (let member = total + DENIED; member < total + GROUP_ROWS; member++) {
    const count = at(store.counts, member);
    if (count === 0 && atU8(store.seen, member) === 0) continue;
    row.count = count;
    adverse.exposureBefore = before + usualExposure(store, member - total);
    judgeAdverse(store, member, row, adverse);
  }
  if (row.judge && store.parts.joint && atU8(store.seen, approved) === 1) judgeJointly(store, total, inputs);
}

function judgeCode(store: SeriesStore, group: number, minute: PartsMinute, { row, volume, adverse }: Inputs): void {
  const first = group * GROUP_ROWS;
  row.count = at(store.counts, first);
  if (atU8(store.healthy, group) === 1) {
    // Nothing is known of the day of a code.
    volume.exposure = 1;
    volume.drift = Math.exp(minute.growth);
    volume.driftDeviation = PART_DRIFT_DEVIATION;
    volume.trust = volume.known = volume.pull = 0;
    row.judge = false;
    judgeVolume(store, first, row, volume);
    return;
  }
  adverse.exposure = exposureOf(store, 0);
  adverse.served = servedOf(store, 0, adverse.exposure);
  adverse.mixed = mixedOf(store, 0);
  adverse.exposureBefore = 25 + at(store.values, HEALTHY);
  const isLearnt = atU8(store.seen, first) === 1 && atI32(store.ages, group) >= SETTINGS.learningMinutes;
  if (!isLearnt && hasSeenAdverse(store)) {
    // A label that is new is no news by itself: the statuses say whether something is wrong.
    const isWrong = adverseNats(store) >= LABEL_SHARE * row.threshold;
    if (atU8(store.seen, first) === 0) {
      store.ages[group] = 0;
      startLabel(store, first, row.count, adverse.exposure, isWrong);
    }
    row.judge = row.judge && isWrong;
  }
  judgeAdverse(store, first, row, adverse);
}

/** Approved transactions that a sustained rise of a group is measured against. Where an open anomaly takes them away, the expected ones:
 *  their loss is reported already, and does not count as a rise of the adverse statuses beside them. */
const servedOf = (store: SeriesStore, group: number, healthy: number): number =>
  atU8(store.frozen, group) === 1 || atU8(store.frozen, 0) === 1
    ? healthy
    : EXPOSURE_FLOOR + at(store.counts, group * GROUP_ROWS + APPROVED);

/** True once the fleet has counted any adverse status. */
function hasSeenAdverse(store: SeriesStore): boolean {
  for (let row = DENIED; row < GROUP_ROWS; row++) if (atU8(store.seen, row) === 1) return true;
  return false;
}

/** Strongest evidence of this minute in the adverse statuses of the fleet, nats. */
function adverseNats(store: SeriesStore): number {
  let most = 0;
  for (let row = DENIED; row < GROUP_ROWS; row++) most = Math.max(most, at(store.values, row * STRIDE + NATS));
  return most;
}

/** Healthy transactions that an adverse status is measured against: what was expected, or more when more came. */
function exposureOf(store: SeriesStore, group: number): number {
  const approved = group * GROUP_ROWS + APPROVED;
  if (atU8(store.seen, approved) === 0) return EXPOSURE_FLOOR;
  return EXPOSURE_FLOOR + Math.max(at(store.values, approved * STRIDE + LOW), at(store.counts, approved));
}

/** What the promotion of a merchant adds to the usual traffic of all has rates of its own. */
function mixedOf(store: SeriesStore, group: number): number {
  if (atU8(store.kinds, group) === MERCHANT || store.index.merchant.size < 2) return 0;
  const o = (group * GROUP_ROWS + APPROVED) * STRIDE;
  const [usual, now] = [at(store.values, o + LOW), at(store.values, o + EXPECTED)];
  return now > usual ? MIX_SPREAD * (1 - usual / now) : 0;
}

/** Healthy transactions to one half of an adverse status that was never counted before: those of the fleet, and 25 where it never
 *  had it either. A group that never failed is believed to fail as often as the others. */
function usualExposure(store: SeriesStore, row: number): number {
  if (atU8(store.seen, row) === 0) return 25;
  const o = row * STRIDE;
  return (0.5 * at(store.values, o + LEVEL_B)) / at(store.values, o + LEVEL_A);
}

/** Healthy transactions of a minute whose approved ones fell to less than half of the minute before. They may come late,
 *  in one row: until the next minute confirms the fall, the adverse status beside them is measured against what came before. */
function lateExposure(store: SeriesStore, approved: number, slotBefore: number): number {
  if (atU8(store.seen, approved) === 0) return 0;
  const usual = Math.min(at(store.values, approved * STRIDE + EXPECTED), atF32(store.ring, approved * RING + slotBefore));
  return at(store.counts, approved) < LATE_SHARE * usual ? usual : 0;
}

/** Two sums over the statuses of one group: approved down with denied up, approved down with failures up. They see
 *  what no single status shows yet, which matters most where counts are small. */
function judgeJointly(store: SeriesStore, total: number, { row: { threshold }, volume, adverse }: Inputs): void {
  const f = store.values;
  const approved = total + APPROVED;
  const o = approved * STRIDE;
  const low = at(f, o + LOW);
  const fell = ratioNats(at(store.counts, approved), low, at(f, o + SPREAD), JOINT_FALL);
  const fall = Math.min(fell, mostOfFall(store, approved, at(store.counts, approved), low, threshold));
  let failures = 0;
  for (let row = total + DENIED + 1; row < total + GROUP_ROWS; row++)
    failures += Math.min(riseNats(store, row), mostOfAdverse(row, threshold, adverse.unknown));
  const denials = riseNats(store, total + DENIED);
  const sum = JOINT - UP;
  const run = total * SUMS + sum;
  const step = { nats: fall + denials, expected: fell > 0 ? (low * fall) / fell : low, most: 1e9 };
  addTo(store, total, sum, step, threshold);
  step.nats = fall + failures;
  addTo(store, total, sum + 1, step, threshold);
  const minutes = Math.max(atU16(store.runs, run), atU16(store.runs, run + 1));
  const jointly = (which: number): number =>
    at(f, total * STRIDE + JOINT + which) /
    runUncertainty(f, o, atF32(store.masses, run + which), at(f, o + TAUGHT_A), volume.driftDeviation * minutes);
  const nats = Math.max(jointly(0), jointly(1)) * tailRate(store, total, 0);
  if (nats <= at(f, total * STRIDE + NATS)) return;
  setEvidence(f, total * STRIDE, nats);
  noteRun(f, total * STRIDE, minutes);
}

function riseNats(store: SeriesStore, row: number): number {
  if (atU8(store.seen, row) === 0) return 0;
  const o = row * STRIDE;
  return ratioNats(at(store.counts, row), at(store.values, o + EXPECTED), at(store.values, o + SPREAD), JOINT_RISE);
}

/** Picks the rows at their threshold. The pattern speaks only where the counts nearly do: it never raises an alert alone. */
function collectCandidates(store: SeriesStore, group: number, threshold: number, pattern: Pattern, candidates: number[]): void {
  const f = store.values;
  const first = group * GROUP_ROWS;
  for (let row = first; row < first + GROUP_ROWS; row++) {
    const o = row * STRIDE;
    let nats = at(f, o + NATS);
    if (nats >= PATTERN_SHARE * threshold && nats < threshold) {
      const scope = atU8(store.kinds, group) === CODE ? 0 : group;
      nats += pattern(scope, threshold);
      setEvidence(f, o, nats);
    }
    if (nats >= threshold || (row === first && at(f, o + UP + 1) >= threshold)) candidates.push(row);
  }
}
