import { createHash } from 'node:crypto';
import type { Finding } from '@transaction-guardian/contracts/analysis.ts';
import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import type { FeedbackNotice } from '@transaction-guardian/contracts/feedback.ts';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { MINUTE_MS } from '../clock.ts';
import { beatMinutes, isDue } from './beat.ts';
import { learnCalibration, scorePattern } from './calibration.ts';
import { correctMinute, keepUnnamed } from './correct.ts';
import type { Detector, StepResult } from './detector.ts';
import { createDetectorFeedback } from './feedback/create-feedback.ts';
import { summaryOf } from './feedback/effect.ts';
import { forgetGroups, noteTraffic } from './forgetting.ts';
import { forecastOf } from './forecast/forecast.ts';
import { noteForecast } from './forecast/note-forecast.ts';
import { findingsOf, scoresOf } from './report.ts';
import { judgeMinute } from './judge-minute.ts';
import type { LifeMinute } from './describe.ts';
import { fadeDiscoveries, liveMinute, type Stamp } from './life.ts';
import defaultModel from './forest/default-model.json' with { type: 'json' };
import { FEATURES, groupFeatures } from './forest/features.ts';
import { commonNats, loadModel, mlScore, type LoadedModel } from './forest/model.ts';
import { createLocalTime, type LocalSlot } from './local-time.ts';
import { forget } from './level.ts';
import type { Parts } from './parts.ts';
import { isShut } from './opening-hours.ts';
import { learnSlot } from './profile.ts';
import { jumpOf, positionOf, seasonalChange } from './season.ts';
import { clearSums } from './sequential-sum.ts';
import { at, atI32, atU8, EXPECTED, GROUP_ROWS, kindOfGroup, RING, ringSlot, STRIDE, valueOf } from './series-store.ts';
import { followWarnings } from './warning/warnings.ts';
import { DETECTOR_VERSION, DOWN_RATIOS, SETTINGS, UP_RATIOS } from './settings.ts';
import { frozenSlices, slicesOf } from './slices/minute-slices.ts';
import { correctSlices, learnSlices, noteSlices } from './slices/slice-table.ts';
import { decodeState, encodeState, stateBytes } from './snapshot.ts';
import { createState, type DetectorState } from './state.ts';
import { tallyCells } from './tally.ts';

/** What a detector is made with. */
export interface DetectorOptions {
  /** IANA zone of the daily curve. */
  readonly timeZone: string;
  /** Local dates (`YYYY-MM-DD`) that have a curve of their own. */
  readonly holidays?: readonly string[];
  /** Isolation Forest (`loadModel`); default: the one that ships. */
  readonly model?: LoadedModel;
  /** Parts of the method in use (default all); for studies only. */
  readonly parts?: Parts;
}

const DEFAULT_MODEL = loadModel(defaultModel);

const NO_SEASON = { change: 0, trust: 0, known: 0 };

/** A gap in event time above this many minutes clears what was gathered before it. */
const GAP_MINUTES = 5;

/** Makes a detector, new or from the bytes of `Detector.snapshot()`. Pure: no clock, file or randomness at run time.
 *  Throws DETECT_SNAPSHOT_INVALID (damaged, or of another version), RangeError for an unknown zone. */
export function createDetector(options: DetectorOptions, snapshot?: Uint8Array | null): Detector {
  return engineOf(options, snapshot === undefined || snapshot === null ? createState() : decodeState(snapshot));
}

/** A detector that can also judge windows on its very state, which is how a copy analyzes. */
interface Engine extends Detector {
  readonly judge: Detector['analyze'];
}

/** A detector whose state can be read after each minute: for training and for studies of its scores. */
export interface Probe {
  step(window: ClosedWindow): StepResult;
  readonly state: DetectorState;
  /** ML scores of a group in the last minute: as the model gives it, and calibrated on the group. */
  readonly rawScore: (group: number) => number;
  readonly mlScore: (group: number) => number;
  /** Evidence (nats) that opens an anomaly, by kind of group. */
  readonly bars: () => Float64Array;
}

/** Makes a probe. Throws RangeError for an unknown zone. */
export function createProbe(options: DetectorOptions): Probe {
  const state = createState();
  const scorer = createScorer(state, options.model ?? DEFAULT_MODEL);
  return { step: engineOf(options, state, scorer).step, state, rawScore: scorer.raw, mlScore: scorer.score, bars: () => barsOf(state) };
}

function engineOf(options: DetectorOptions, state: DetectorState, scorer = createScorer(state, options.model ?? DEFAULT_MODEL)): Engine {
  const localSlot = createLocalTime(options.timeZone, options.holidays ?? []);
  const feedback = createDetectorFeedback(state);
  if (options.parts !== undefined) state.store.parts = options.parts;
  const stamp: Stamp = { detector_version: DETECTOR_VERSION, model_version: modelVersion(options), config_hash: configHash(options) };

  function step(window: ClosedWindow): StepResult {
    if (window.sequence <= state.lastSequence) return { events: [], scores: [] };
    state.lastSequence = window.sequence;
    if (window.minute <= state.lastMinute) return correct(window);
    const marked = feedback.takeWaiting(window.minute, barsOf(state));
    // Of a minute that was never seen, a part says nothing.
    const isTold = window.partial !== true && isDue(state.beat, window.minute / MINUTE_MS, window.state === 'observed');
    const result = isTold ? advance(window).result : { events: [], scores: [] };
    return marked.length === 0 ? result : { ...result, events: [...marked, ...result.events] };
  }

  function mark(notice: FeedbackNotice): StepResult {
    return { events: feedback.take(notice, barsOf(state)), scores: [] };
  }

  function correct(window: ClosedWindow): StepResult {
    const age = (state.lastMinute - window.minute) / MINUTE_MS;
    if (age < RING) {
      scorer.clear();
      tallyCells(state.store, window.cells);
      if (window.partial === true) keepUnnamed(state.store, window);
      correctMinute(state.store, state.life, window.minute / MINUTE_MS, age);
      // Revision 0 is a whole minute told again: its slices are known.
      if (window.revision > 0) correctSlices(state.slices, window.minute / MINUTE_MS, window.slices);
    }
    return { events: [], scores: age === 0 ? scoresOf(state, window, barsOf(state), scorer.score) : [] };
  }

  function advance(window: ClosedWindow): { readonly result: StepResult; readonly minute: LifeMinute } {
    const { store, trend, life, profile } = state;
    const where = localSlot(window.minute);
    const number = window.minute / MINUTE_MS;
    const gap = Number.isNaN(state.lastMinute) ? 0 : number - state.lastMinute / MINUTE_MS - 1;
    const before = Number.isNaN(state.lastMinute) ? null : localSlot(state.lastMinute);
    if (before !== null) passTime(state, { number, gap, before, where });
    scorer.clear();
    tallyCells(store, window.cells);
    if (window.state === 'observed') noteTraffic(store, number);
    const bars = barsOf(state);
    const hot: number[] = [];
    const seasonal =
      before === null || !store.parts.profile ? NO_SEASON : seasonalChange(state, before, where, gap, localSlot(window.minute + 300_000));
    const wasQuiet = atU8(store.frozen, 0) === 0;
    judgeMinute(
      store,
      trend,
      {
        number,
        silent: window.state === 'silent',
        seasonal: seasonal.change,
        trust: seasonal.trust,
        known: seasonal.known,
        position: positionOf(where),
        jumpedFrom: before === null ? null : jumpOf(before, where, gap),
        bars,
        pattern: scorer.nats,
      },
      hot,
    );
    feedback.recalibrate({ number, bars, hot });
    if (wasQuiet && !isShut(store, 0) && atU8(store.seen, 0) === 1) learnSlot(profile, where, at(store.counts, 0));
    noteForecast(state, window, localSlot);
    const rows = slicesOf(window);
    noteSlices(state.slices, number, gap, rows);
    const minute: LifeMinute = { number, window, bars, hot, slices: state.slices, mlScore: scorer.score };
    const events = liveMinute(store, life, minute, stamp);
    events.push(...followWarnings(state.warnings, store, life, minute, stamp));
    const scores = scoresOf(state, window, bars, minute.mlScore);
    if (window.state !== 'silent' && store.parts.calibration) learnCalibration(store, number, scorer.raw);
    if (atU8(store.frozen, 0) === 0) learnSlices(state.slices, number, rows, frozenSlices(state));
    fadeDiscoveries(life);
    state.lastMinute = window.minute;
    return { result: { events, scores }, minute };
  }

  function analyze(windows: readonly ClosedWindow[]): ReturnType<Detector['analyze']> {
    return engineOf(options, decodeState(encodeState(state))).judge(windows);
  }

  function judge(windows: readonly ClosedWindow[]): ReturnType<Detector['analyze']> {
    const findings: Finding[] = [];
    const opened = new Map<string, Anomaly>();
    for (const window of [...windows].sort((a, b) => a.minute - b.minute)) {
      if (window.minute <= state.lastMinute) continue;
      const { result, minute } = advance(window);
      const told = result.events.filter(({ anomaly }) => anomaly.type !== 'drift_warning');
      for (const { event, anomaly } of told) if (event === 'opened' || opened.has(anomaly.id)) opened.set(anomaly.id, anomaly);
      findings.push(...findingsOf(state, minute));
    }
    findings.sort((a, b) => Number(b.alert) - Number(a.alert) || a.p_value - b.p_value || b.minute.localeCompare(a.minute));
    return { findings, learning: isLearning(state), opened: [...opened.values()] };
  }

  return {
    step,
    mark,
    analyze,
    judge,
    forecast: (query) => forecastOf(state, localSlot, query),
    snapshot: () => encodeState(state),
    get lastSequence() {
      return state.lastSequence;
    },
    get lastMinute() {
      return state.lastMinute;
    },
    get learning() {
      return isLearning(state);
    },
    get feedback() {
      return summaryOf(state.feedback.entries, feedback.effectAt(state.lastMinute / MINUTE_MS));
    },
    get seriesCount() {
      return state.store.series;
    },
    get unwatched() {
      return state.store.unwatched;
    },
    get stateBytes() {
      return stateBytes(state);
    },
  };
}

/** Short hash of everything that decides besides the data: options, constants and the forest, on whose scores the stored state
 *  is calibrated. Parts that a study switches off do not count. */
export function configHash(options: DetectorOptions): string {
  const { timeZone, holidays = [] } = options;
  const decisive = { ratios: [UP_RATIOS, DOWN_RATIOS], zone: timeZone, holidays, settings: SETTINGS, model: modelVersion(options) };
  return createHash('sha256').update(JSON.stringify(decisive)).digest('hex').slice(0, 12);
}

/** Version of the Isolation Forest in use. */
export function modelVersion(options: Pick<DetectorOptions, 'model'>): string {
  return (options.model ?? DEFAULT_MODEL).version;
}

/** Scores groups with the forest, once a minute each. `raw`: as the model was calibrated, 0 while the group is new; `score`:
 *  calibrated on the group itself; `nats`: what the raw score adds to evidence near a bar. */
function createScorer(state: DetectorState, model: LoadedModel) {
  const feedback = createDetectorFeedback(state);
  const factor = (): number => feedback.effectAt(state.lastMinute / MINUTE_MS).patternFactor;
  const point = new Float64Array(FEATURES.length);
  const known = new Map<number, number>();
  const raw = (group: number): number => {
    const before = known.get(group);
    if (before !== undefined) return before;
    const { store, trend } = state;
    const isReady = atI32(store.ages, group) >= SETTINGS.learningMinutes && atU8(store.seen, group * GROUP_ROWS) === 1;
    const total = group * GROUP_ROWS;
    const ratio =
      group === 0 ? trend.observed / Math.max(1e-9, trend.expected) : (at(store.counts, total) + 1) / (valueOf(store, total, EXPECTED) + 1);
    groupFeatures(store, group, ratio, point);
    const scored = isReady ? mlScore(model, point) : 0;
    known.set(group, scored);
    return scored;
  };
  const score = (group: number): number => (raw(group) === 0 ? 0 : scorePattern(state.store, group, raw(group)));
  const nats = (group: number, bar: number): number =>
    !state.store.parts.forest ? 0 : Math.min(model.combine.most * bar, factor() * model.combine.weight * commonNats(raw(group)));
  return { raw, score, nats, clear: () => known.clear() };
}

/** True while the fleet is new: nothing is raised. */
export const isLearning = (state: DetectorState): boolean => atI32(state.store.ages, 0) < SETTINGS.learningMinutes;

/** Evidence (nats) that opens an anomaly, by kind of group: online control of false discoveries. The expected number of
 *  wrong openings a day stays below the budget times the recent discoveries (at least one, at most five). */
function barsOf(state: DetectorState): Float64Array {
  const { store, life } = state;
  const codes = store.index.auth_code.size;
  const bar = (series: number, perDay: number, kind: number) =>
    Math.log(
      (Math.max(1, series) * 1440) / (perDay * Math.min(5, Math.max(1, store.parts.discoveries ? (life.discoveries[kind] ?? 0) : 0))),
    );
  const { falsePerDay } = SETTINGS;
  const merchants = store.index.merchant.size;
  const fleet = bar(8 + codes, falsePerDay.fleet, 0);
  return Float64Array.of(
    fleet,
    bar(store.index.acquirer.size * 6, falsePerDay.acquirer, 1),
    bar(merchants * 6, Math.min(falsePerDay.merchants, SETTINGS.falsePerMerchantDay * Math.max(1, merchants)), 2),
    fleet,
  );
}

/** What happens between the last minute and the next one. */
function passTime(
  state: DetectorState,
  { number, gap, before, where }: { readonly number: number; readonly gap: number; readonly before: LocalSlot; readonly where: LocalSlot },
): void {
  if (gap > 0) passGap(state, number, gap);
  if (before.day !== where.day) startDay(state, before, where);
  forgetGroups(state, state.lastMinute / MINUTE_MS, number);
}

/** A new local day may have another level: for a while the volumes are less certain, and a slow fall is not told. */
function startDay(state: DetectorState, before: LocalSlot, now: LocalSlot): void {
  const { store, trend } = state;
  const error = before.dayType === 0 && now.dayType === 0 ? SETTINGS.weekdayError : SETTINGS.dayError;
  trend.knownMinutes = 0;
  for (let group = 0; group < store.groups; group++) {
    for (const row of [group * GROUP_ROWS, group * GROUP_ROWS + 1]) {
      if (atU8(store.seen, row) === 0 || (row % GROUP_ROWS === 0 && kindOfGroup(store, group) === 'auth_code')) continue;
      forget(store.values, row * STRIDE, error ** 2);
    }
  }
}

/** Time passed without windows: the stream paused. Levels get less certain, gathered evidence is void. */
function passGap(state: DetectorState, number: number, gap: number): void {
  const { store, trend } = state;
  const isBeat = gap < beatMinutes(state.beat);
  if (!isBeat) trend.slope = trend.covariance = 0;
  for (let row = 0; row < store.groups * GROUP_ROWS; row++) {
    for (let back = 1; back <= Math.min(gap, RING); back++) store.ring[row * RING + ringSlot(number - back)] = -1;
    if (atU8(store.seen, row) === 0 || isBeat || gap < GAP_MINUTES) continue;
    forget(store.values, row * STRIDE, SETTINGS.levelWalk * gap);
    clearSums(store, row);
  }
  if (gap >= GAP_MINUTES) state.warnings.shares.fill(0);
}
