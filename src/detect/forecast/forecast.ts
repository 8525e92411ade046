import type { Forecast, ForecastStep } from '@transaction-guardian/contracts/forecast.ts';
import type { Slice } from '@transaction-guardian/contracts/anomaly.ts';
import { MINUTE_MS } from '../../clock.ts';
import type { LocalSlot } from '../series/local-time.ts';
import {
  atI32,
  atU8,
  DISPERSION,
  GROUP_ROWS,
  groupNamed,
  groupOfRow,
  kindOfGroup,
  LEVEL_A,
  LEVEL_B,
  rowOf,
  type SeriesStore,
  valueOf,
  PROCESS_NOISE,
} from '../series/series-store.ts';
import { DETECTOR_VERSION, SETTINGS } from '../series/settings.ts';
import type { Warnings } from '../warning/warnings.ts';
import type { Foreseen } from './note-forecast.ts';
import { driftsAhead } from '../warning/drifts-ahead.ts';
import { countBands } from './count-band.ts';
import { createCurveAhead } from './curve-ahead.ts';
import { levelVariance } from './error-tracker.ts';
import { shapeAhead } from './shape-ahead.ts';

/** The parts of a detector that a forecast is made of. `lastMinute`: epoch milliseconds, NaN before the first. */
export interface Learnt extends Foreseen {
  readonly warnings: Warnings;
  readonly lastMinute: number;
}

/** What to forecast. `minutes`: 1 to 1440, `step`: minutes that one count adds up; a last step that is begun is whole. */
export interface ForecastQuery {
  /** Canonical key of the node, e.g. `fleet` or `status:denied`, and its slice. */
  readonly node: string;
  readonly slice: Slice;
  readonly minutes: number;
  readonly step: number;
}

/** Healthy transactions that every adverse rate counts in addition. */
const EXPOSURE_FLOOR = 0.05;
/** A step is `learning` while less than this of its daily curve is known. */
const KNOWN = 0.5;
/** A random walk of a level is believed for so many minutes: levels come back. */
const NOISE_MINUTES = 360;
const APPROVED = 1;
const HALF_HOUR_MS = 30 * MINUTE_MS;

/** The expected counts of a node and their bands after the last minute that was learnt: what comes if nothing breaks and
 *  what is open ends, and the warnings that stand. Null when the node was never counted; without steps while nothing was. Changes nothing. */
export function forecastOf(state: Learnt, slotOf: (timeMs: number) => LocalSlot, query: ForecastQuery): Forecast | null {
  const { store, lastMinute } = state;
  const head = { node: query.node, step_minutes: query.step, detector_version: DETECTOR_VERSION };
  if (Number.isNaN(lastMinute) || atU8(store.seen, 0) === 0) return { ...head, from: null, learning: true, items: [], drifts: [] };
  const row = rowOfSlice(store, query.slice);
  if (row === null) return null;
  const ahead = createAhead(state, slotOf, row);
  const items: ForecastStep[] = [];
  for (let start = 0; start < query.minutes; start += query.step) items.push(stepOf(ahead, lastMinute, start, query.step));
  const drifts = driftsAhead(state.warnings, query.slice);
  return { ...head, from: new Date(lastMinute + MINUTE_MS).toISOString(), learning: items.some((item) => item.learning), items, drifts };
}

/** Row of a slice; null for a node that was never counted. */
function rowOfSlice(store: SeriesStore, slice: Slice): number | null {
  const [kind, id] =
    slice.merchant_id !== undefined
      ? (['merchant', slice.merchant_id] as const)
      : slice.acquirer !== undefined
        ? (['acquirer', slice.acquirer] as const)
        : slice.auth_code !== undefined
          ? (['auth_code', slice.auth_code] as const)
          : (['fleet', ''] as const);
  const group = groupNamed(store, kind, id);
  if (group === undefined) return null;
  const row = rowOf(group, slice.status ?? '');
  return atU8(store.seen, row) === 1 ? row : null;
}

/** One minute ahead: its mean, the variance of the logarithm of that mean, and how far the daily curve is known. */
interface Ahead {
  readonly mean: number;
  readonly variance: number;
  readonly trust: number;
}

interface Reader {
  readonly at: (timeMs: number) => Ahead;
  readonly dispersion: number;
  readonly isNew: boolean;
}

function stepOf(reader: Reader, lastMinute: number, start: number, minutes: number): ForecastStep {
  let mean = 0;
  let error = 0;
  let trust = 1;
  for (let minute = start + 1; minute <= start + minutes; minute++) {
    const one = reader.at(lastMinute + minute * MINUTE_MS);
    mean += one.mean;
    // The minutes of a step share one uncertain level: their errors add up, not their variances.
    error += one.mean * Math.sqrt(one.variance);
    trust = Math.min(trust, one.trust);
  }
  const bands = countBands(mean, mean * reader.dispersion, error * error);
  return {
    minute: new Date(lastMinute + (start + 1) * MINUTE_MS).toISOString(),
    expected: Math.round(mean * 1000) / 1000,
    ...bands,
    learning: reader.isNew || trust < KNOWN,
  };
}

/** Reads the minutes ahead of one row. */
function createAhead(state: Learnt, slotOf: (timeMs: number) => LocalSlot, row: number): Reader {
  const { store } = state;
  const group = groupOfRow(row);
  const isCode = kindOfGroup(store, group) === 'auth_code';
  const isVolume = isCode ? atU8(store.healthy, group) === 1 : row % GROUP_ROWS <= APPROVED;
  const scope = isCode ? 0 : group;
  const volume = createVolumeAhead(state, slotOf, scope);
  const isNew = atI32(store.ages, scope) < SETTINGS.learningMinutes || atI32(store.ages, group) < SETTINGS.learningMinutes;
  const dispersion = Math.max(1, valueOf(store, row, DISPERSION));
  if (isVolume) return { at: (time) => volume(time, row), dispersion, isNew };
  const rate = rateOf(store, row);
  const healthy = rowOf(scope, 'approved');
  const minutesTo = (time: number): number => Math.min(NOISE_MINUTES, (time - state.lastMinute) / MINUTE_MS);
  return {
    dispersion,
    isNew,
    at: (time) => {
      const base = atU8(store.seen, healthy) === 1 ? volume(time, healthy) : { mean: 0, variance: 0, trust: 1 };
      const variance = base.variance + 1 / valueOf(store, row, LEVEL_A) + SETTINGS.levelProcessNoise * minutesTo(time);
      return { mean: rate * (EXPOSURE_FLOOR + base.mean), variance, trust: base.trust };
    },
  };
}

const rateOf = (store: SeriesStore, row: number): number => valueOf(store, row, LEVEL_A) / Math.max(1e-9, valueOf(store, row, LEVEL_B));

/** Reads the minutes ahead of the total or the approved ones of a group: level x daily curve x shape of the group. */
function createVolumeAhead(state: Learnt, slotOf: (timeMs: number) => LocalSlot, group: number): (time: number, row: number) => Ahead {
  const { store, profile, trend, errorTracker, lastMinute } = state;
  const curve = createCurveAhead(profile, trend, slotOf, lastMinute);
  const day = slotOf(lastMinute).day;
  const halfHours = (time: number): number => {
    const where = slotOf(time);
    return (where.slot + where.fraction) / 6;
  };
  const here = halfHours(lastMinute);
  return (time, row) => {
    const growth = curve(time);
    const minutes = (time - lastMinute) / MINUTE_MS;
    const level = 1 / valueOf(store, row, LEVEL_A);
    const isOtherDay = slotOf(time).day !== day;
    let variance = level + growth.variance + levelVariance(errorTracker, { minutes, days: growth.days, isOtherDay });
    let { change, trust } = growth;
    if (group > 0) {
      const own = shapeAhead(store, group, here, halfHours(time), (time - lastMinute) / HALF_HOUR_MS);
      change += own.change;
      variance += own.variance + Math.max(0, processNoiseOf(store, row) - processNoiseOf(store, 0)) * Math.min(NOISE_MINUTES, minutes);
      // A part has week days of its own.
      if (isOtherDay) variance += SETTINGS.dayError ** 2;
      trust = Math.min(trust, own.trust);
    }
    return { mean: rateOf(store, row) * Math.exp(change), variance, trust };
  };
}

const processNoiseOf = (store: SeriesStore, row: number): number =>
  SETTINGS.levelProcessNoise * Math.exp(valueOf(store, row, PROCESS_NOISE));
