import { calibrate, rarityOf, ADVERSE_RATES } from './excursions.ts';
import { learnOverdispersion, learnLevel, levelBefore, noteTaught } from '../series/level.ts';
import { type RowMinute, startRow, settle, pairNats, minuteZ, noteMinute, weigh, noteSlow, noteRun } from './row-minute.ts';
import { addTo, uncertaintyFactor, mostOfRise } from './sequential-sum.ts';
import { at, atU16, atU8, DISPERSION, LEVEL_A, LEVEL_B, type SeriesStore, statusOfRow, STRIDE, SUMS } from '../series/series-store.ts';
import { SETTINGS, ADVERSE_RATIOS } from '../series/settings.ts';
import { sustainedRiseOf, gatherRise, learnRiseReference } from './sustained-rise.ts';

const BASE_PROCESS_NOISE = SETTINGS.levelProcessNoise;
/** Sum whose excursion is taken out of the level: a rise to three times as much. */
const RISING = 1;
const ADVERSE_LOG = ADVERSE_RATIOS.map(Math.log);
/** Standard deviation of the logarithm of an adverse rate between the hours of a day that is not known, and minutes in which it comes
 *  to that. */
const UNEVEN_RATE = 0.15;
const UNEVEN_MINUTES = 30;
/** The step in hand: one object, so that nothing is allocated a row. */
const STEP = { nats: 0, expected: 0, most: 0 };

/** What an adverse status or code is measured against in a minute. */
export interface AdverseInput {
  /** Healthy transactions that the rate is relative to. */
  exposure: number;
  /** Approved transactions that came in this minute; what a sustained rise is measured against. */
  served: number;
  /** How far the curve of the day is not known, 0..1; 0 for parts of the fleet. */
  unknown: number;
  /** Standard deviation of what a promotion may have made of the rate, as a share. */
  mixed: number;
  /** Healthy transactions to half an adverse one before the first that was ever counted. */
  exposureBefore: number;
}

/** Judges and learns one minute of an adverse row (denied, failed, a code, ...): a rise relative to the healthy
 *  transactions is bad news, a fall is not. */
export function judgeAdverse(store: SeriesStore, row: number, minute: RowMinute, input: AdverseInput): void {
  const f = store.values;
  const o = row * STRIDE;
  const { count } = minute;
  const { exposure } = input;
  if (atU8(store.seen, row) === 0 && !startRow(store, row, count, 0.5, input.exposureBefore)) return;
  const a = at(f, o + LEVEL_A);
  const b = at(f, o + LEVEL_B);
  const mean =
    Math.min(a / b, levelBefore(f, o, { a, b, drift: 1, known: 1, isPart: false }, atU16(store.runs, row * SUMS + RISING) > 0)) * exposure;
  const dispersion = at(f, o + DISPERSION) + mean / a;
  const clipped = Math.min(count, mean + SETTINGS.huber * Math.sqrt(mean * dispersion) + 1);
  const gathered = minute.judge ? gatherAdverse(store, row, { minute, input, mean, dispersion }) : 0;
  const nats = minute.judge ? rise(store, row, { count: clipped, gathered, served: input.served, threshold: minute.threshold }) : 0;
  noteMinute(f, o, mean, dispersion, minuteZ(count, mean, dispersion));
  settle(f, o, minute.judge, nats, store.parts.pair ? pairNats(f, o, 1) : 0);
  const weight = weigh(f, o, minute);
  if (store.parts.dispersion) learnOverdispersion(f, o, count, mean, weight);
  const share = weight / at(f, o + DISPERSION);
  learnLevel(f, o + LEVEL_A, { a, b, count: clipped, exposure, weight: share, walk: BASE_PROCESS_NOISE });
  learnRiseReference(store, row, clipped, input.served, weight);
  noteTaught(f, o, share * clipped, share * exposure);
}

interface RiseInput {
  readonly count: number;
  /** Evidence (nats) of the faster sums. */
  readonly gathered: number;
  readonly served: number;
  readonly threshold: number;
}

/** Evidence of a sustained rise; where it is the strongest, the run is its own. */
function rise(store: SeriesStore, row: number, minute: RiseInput): number {
  const { count, gathered, served, threshold } = minute;
  const slowly = gatherRise(store, row, count, served, threshold);
  noteSlow(store.values, row * STRIDE, slowly);
  // Below the threshold a rise says nothing: it lasts for hours and would colour all their minutes.
  if (slowly < threshold || slowly <= gathered) return gathered;
  noteRun(store.values, row * STRIDE, sustainedRiseOf(store, row).minutes);
  return slowly;
}

/** Sets a new code up: at what it shows in its first minute, or, when it comes with an adverse status (`isWrong`), at nearly nothing.
 *  Both are soon overruled. */
export function startLabel(store: SeriesStore, row: number, count: number, exposure: number, isWrong: boolean): void {
  startRow(store, row, count, isWrong ? 0.01 : 0.5, isWrong ? 25 : (0.5 * exposure) / Math.max(1, count));
}

/** Most that one minute of an adverse row says, nats. Merchants refund in batches that fill one minute: as long as the days are not known, one
 *  minute of refunds says too little. */
export function mostOfAdverse(row: number, threshold: number, unknown: number): number {
  const isBatch = unknown > 0 && statusOfRow(row) === 'refunded';
  return (isBatch ? SETTINGS.batchMinuteShare : SETTINGS.sumCap) * threshold;
}

interface Rise {
  readonly minute: RowMinute;
  readonly input: AdverseInput;
  readonly mean: number;
  readonly dispersion: number;
}

function gatherAdverse(store: SeriesStore, row: number, rise: Rise): number {
  const { input, mean, dispersion } = rise;
  const { count, threshold } = rise.minute;
  const f = store.values;
  let best = 0;
  STEP.expected = mean;
  STEP.most = mostOfAdverse(row, threshold, input.unknown);
  for (let k = 0; k < (store.parts.ratios ? ADVERSE_RATIOS.length : 1); k++) {
    STEP.nats = (count * (ADVERSE_LOG[k] as number) - mean * ((ADVERSE_RATIOS[k] as number) - 1)) / dispersion;
    const sum = addTo(store, row, k, STEP, threshold);
    if (sum <= best) continue;
    const hours = Math.min(1, atU16(store.runs, row * SUMS + k) / UNEVEN_MINUTES);
    const uneven = Math.hypot(input.mixed, UNEVEN_RATE * input.unknown * hours);
    const plain = sum / uncertaintyFactor(store, row, k, ADVERSE_RATIOS[k] as number, 2 * uneven);
    const nats = plain > best ? Math.min(plain, mostOfRise(store, row, k, ADVERSE_RATIOS[k] as number, uneven)) : plain;
    if (nats > best) {
      best = nats;
      noteRun(f, row * STRIDE, atU16(store.runs, row * SUMS + k));
    }
  }
  return calibrate(store, row, { sum: best, role: 1, rarity: rarityOf(mean / dispersion, ADVERSE_RATES), threshold });
}
