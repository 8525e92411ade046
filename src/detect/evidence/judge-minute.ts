import { takeExcursions } from './excursions.ts';
import { beginAgain } from './first-minutes.ts';
import { inputsOf, judgeGroup, SHUT_SHARE, shutOrOpen, type Found, type PartsMinute, type Pattern } from './judge-group.ts';
import { judgeVolume } from './judge-volume.ts';
import { followTrend, growthOf, isCurveUnknown, pullOf, driftDeviationOf, type FleetTrend } from '../expect/fleet-trend.ts';
import { fileQuarter, isFreshlyOpen, isShut } from '../expect/opening-hours.ts';
import { fadeLateness, takeLateness } from '../series/lateness.ts';
import { at, atI32, atU8, isHere, NATS, type SeriesStore } from '../series/series-store.ts';
import { SETTINGS } from '../series/settings.ts';

/** One minute to judge. */
export interface MinuteInput {
  /** Minutes since the epoch. */
  readonly number: number;
  readonly silent: boolean;
  /** Growth of the log level since the last minute as the profile has it, and how far to trust it, 0..1. */
  readonly seasonal: number;
  readonly trust: number;
  /** How far the curve of this type of day is known, 0..1. */
  readonly known: number;
  /** Whether a volume takes part in what is open of the fleet. */
  readonly isFallen: boolean;
  /** Half-hours since local midnight, with their fraction. */
  readonly position: number;
  /** The same of the last minute when the local clock jumped since or time passed without windows, else null. */
  readonly jumpedFrom: number | null;
  /** Evidence that raises an anomaly, by kind of group (order of GROUP_KINDS). */
  readonly thresholds: Float64Array;
  /** Evidence (nats) that the pattern of a group adds to a row near its threshold. */
  readonly pattern: Pattern;
}

/** Judges and learns the fleet of `store.counts`, which comes first: returns what its parts are judged with. `candidates` receives the rows
 *  worth a second look, in row order. Deterministic; allocates nothing a series. */
export function judgeFleet(store: SeriesStore, trend: FleetTrend, minute: MinuteInput, candidates: number[]): PartsMinute {
  const { number, silent, trust, position, jumpedFrom, thresholds } = minute;
  const growth = trust * minute.seasonal + (1 - trust) * growthOf(trend);
  const predictiveVariance = (1 - trust) ** 2 * Math.max(0, 2 * trend.covariance + trend.slopeVariance);
  const inputs = inputsOf({ number, predictiveVariance });
  const { row, volume } = inputs;
  volume.drift = Math.exp(growth);
  volume.driftDeviation = driftDeviationOf(trend, trust);
  volume.pull = pullOf(trend, trust);
  volume.trust = trust;
  volume.known = store.parts.slow && trend.knownMinutes >= SETTINGS.slowKnownMinutes ? minute.known : 0;
  fadeLateness(store);
  const quarter = Math.floor(2 * position);
  const ended = trend.quarter >= 0 && trend.quarter !== quarter ? trend.quarter : null;
  if (ended !== null) fileQuarter(store, ended);
  trend.quarter = quarter;
  trend.knownMinutes = minute.known >= 0.5 ? trend.knownMinutes + 1 : 0;
  const age = atI32(store.ages, 0);
  const isLearning = age < SETTINGS.learningMinutes;
  const withFleet = !silent && beginAgain(store, trend, 0, { age, slot: row.slot, withFleet: false });
  row.count = at(store.counts, 0);
  row.threshold = at(thresholds, 0);
  shutOrOpen(store, 0, quarter, !isLearning && atU8(store.frozen, 0) === 0);
  const isFleetShut = isShut(store, 0);
  volume.exposure = isFleetShut ? SHUT_SHARE : 1;
  row.judge = !isLearning && !isFreshlyOpen(store, 0);
  // As long as the curve of the day is not known, a volume that takes no part in what is open goes on with it.
  const follows = atU8(store.frozen, 0) === 0 || (isCurveUnknown(trust) && !minute.isFallen);
  row.learn = follows && !isFleetShut;
  judgeVolume(store, 0, row, volume);
  const isSilence = silent && (atU8(store.frozen, 0) === 1 || at(store.values, NATS) > 0.3 * row.threshold);
  const dayVariance = trend.day.isNew && atU8(store.seen, 0) === 1 ? trend.day.whole : null;
  followTrend(store, trend, row, volume, growth);
  const fleetFactor = Math.min(1, Math.max(0.02, trend.observed / Math.max(1e-9, trend.expected)));
  const beginning = { age, slot: row.slot, withFleet };
  const hours = { position, quarter, jumpedFrom, ended };
  const ofFleet = { isLearning, beginning, isFleetShut, fleetFactor, follows, dayVariance };
  const parts: PartsMinute = { number, silent, isSilence, growth, predictiveVariance, trust, thresholds, ...hours, ...ofFleet };
  judgeGroup(store, 0, parts, inputs, { pattern: minute.pattern, candidates });
  return parts;
}

/** Judges and learns the groups of this store besides the fleet; `takeNotes` must follow. */
export function judgeParts(store: SeriesStore, parts: PartsMinute, found: Found): void {
  const inputs = inputsOf(parts);
  for (let group = 1; group < store.groups; group++) if (isHere(store, group)) judgeGroup(store, group, parts, inputs, found);
}

/** Teaches the classes what the merchants of a minute noted. */
export function takeNotes(store: SeriesStore): void {
  takeExcursions(store);
  takeLateness(store);
}
