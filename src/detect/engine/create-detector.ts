import { createHash } from 'node:crypto';
import type { Finding } from '@transaction-guardian/contracts/analysis.ts';
import type { Anomaly, AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import type { FeedbackNotice } from '@transaction-guardian/contracts/feedback.ts';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { MINUTE_MS } from '../../clock.ts';
import { thresholdsOf } from './thresholds.ts';
import { isDue } from '../series/report-cadence.ts';
import { learnCalibration, taughtGroups } from '../evidence/calibration.ts';
import { correctEpisodes, correctRows, keepUnnamed, type MinuteCorrection } from './correct.ts';
import { followData } from '../anomaly/data-again.ts';
import type { Detector, StepResult } from './detector.ts';
import { createDetectorFeedback, type DetectorFeedback } from '../feedback/create-feedback.ts';
import { summaryOf } from '../feedback/effect.ts';
import { noteTraffic } from './expiry.ts';
import { forecastOf } from '../forecast/forecast.ts';
import { noteForecast } from '../forecast/note-forecast.ts';
import { findingsOf, scoresOf } from './report.ts';
import { judgeFleet, judgeParts, takeNotes, type MinuteInput } from '../evidence/judge-minute.ts';
import type { LifecycleMinute } from '../anomaly/lifecycle-minute.ts';
import { fadeDiscoveries } from '../anomaly/discoveries.ts';
import { isFleetFallen, type Stamp } from '../anomaly/open-anomalies.ts';
import { followMinute } from '../anomaly/lifecycle.ts';
import defaultModel from '../forest/default-model.json' with { type: 'json' };
import { loadModel, type LoadedModel } from '../forest/model.ts';
import { createLocalSlots, type LocalSlot } from '../series/local-time.ts';
import type { Parts } from '../series/parts.ts';
import { borrowNeeded, groupsOf, type MerchantShards } from './merchant-shards.ts';
import { passTime } from './pass-time.ts';
import { createPatternScorer, type PatternScorer } from './pattern-scorer.ts';
import { isShut } from '../expect/opening-hours.ts';
import { learnSlot } from '../expect/profile.ts';
import { jumpOf, positionOf, seasonalChange } from '../expect/season.ts';
import { at, atI32, atU8, RING } from '../series/series-store.ts';
import { followWarnings } from '../warning/warnings.ts';
import { DETECTOR_VERSION, DOWN_RATIOS, SETTINGS, ADVERSE_RATIOS } from '../series/settings.ts';
import { frozenSlices, slicesOf, totalOf } from './minute-slices.ts';
import { correctSlices, learnSlices, noteSlices } from '../slices/slice-table.ts';
import { decodeState, encodeState, stateBytes } from './snapshot.ts';
import { DEFAULT_LIMITS, type SeverityLimits } from '../anomaly/severity-limits.ts';
import { createState, type DetectorState } from './state.ts';
import { tallyCells } from '../series/tally.ts';

/** What a detector is made with. */
export interface DetectorOptions {
  /** IANA zone of the daily curve. */
  readonly timeZone: string;
  /** Local dates (`YYYY-MM-DD`) that have a curve of their own. */
  readonly holidays?: readonly string[];
  /** Isolation Forest (`loadModel`); default: the one that ships. */
  readonly model?: LoadedModel;
  /** Limits of severities (default: those that ship). */
  readonly severity?: SeverityLimits;
  /** Parts of the method in use (default all); for studies only. */
  readonly parts?: Parts;
  /** Most merchants that are watched (default `SETTINGS.expiry.most.merchant`). The stored state does not depend on it. */
  readonly merchantsMost?: number;
}

const DEFAULT_MODEL = loadModel(defaultModel);

const NO_SEASON = { change: 0, trust: 0, known: 0 };

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
  readonly thresholds: () => Float64Array;
}

/** Makes a probe. Throws RangeError for an unknown zone. */
export function createProbe(options: DetectorOptions): Probe {
  const state = createState();
  const scorer = createScorer(state, modelOf(options));
  return {
    step: engineOf(options, state, { scorer, shards: null }).step,
    state,
    rawScore: scorer.raw,
    mlScore: scorer.score,
    thresholds: () => thresholdsOf(state),
  };
}

/** What judges a minute. */
interface Judgement {
  readonly state: DetectorState;
  readonly scorer: PatternScorer;
  readonly shards: MerchantShards | null;
  readonly feedback: DetectorFeedback;
  readonly localSlot: (time: number) => LocalSlot;
  readonly stamp: Stamp;
  readonly limits: SeverityLimits;
}

interface Advanced {
  readonly result: StepResult;
  readonly minute: LifecycleMinute;
}

/** Makes what judges the next minute, learns from it, and returns what it did. */
function createAdvance({ state, scorer, shards, feedback, localSlot, stamp, limits }: Judgement): (window: ClosedWindow) => Advanced {
  function advance(window: ClosedWindow): Advanced {
    const { store, anomalies, profile } = state;
    const where = localSlot(window.minute);
    const number = window.minute / MINUTE_MS;
    const gap = Number.isNaN(state.lastMinute) ? 0 : number - state.lastMinute / MINUTE_MS - 1;
    const before = Number.isNaN(state.lastMinute) ? null : localSlot(state.lastMinute);
    if (before !== null) passTime(state, { number, gap, before, where }, shards);
    scorer.clear();
    tallyCells(store, window.cells);
    if (window.state === 'observed') noteTraffic(store, number);
    const thresholds = thresholdsOf(state);
    const candidates: number[] = [];
    const isFallen = isFleetFallen(anomalies);
    const next = localSlot(window.minute + 300_000);
    const seasonal =
      before === null || !store.parts.profile ? NO_SEASON : seasonalChange(state, { from: before, to: where, gap, next }, isFallen);
    const wasQuiet = atU8(store.frozen, 0) === 0;
    followData(store, anomalies, { state: window.state, trust: seasonal.trust });
    shards?.giveBack();
    judge(
      {
        number,
        silent: window.state === 'silent',
        seasonal: seasonal.change,
        trust: seasonal.trust,
        known: seasonal.known,
        isFallen,
        position: positionOf(where),
        jumpedFrom: before === null ? null : jumpOf(before, where, gap),
        thresholds,
        pattern: scorer.nats,
      },
      candidates,
    );
    borrowNeeded(state, groupsOf(candidates));
    const suppressed: number[] = [];
    feedback.recalibrate({ number, thresholds, candidates, suppressed });
    if (wasQuiet && !isShut(store, 0) && atU8(store.seen, 0) === 1) learnSlot(profile, where, at(store.counts, 0));
    noteForecast(state, window, localSlot);
    const rows = slicesOf(window);
    noteSlices(state.slices, number, gap, rows);
    const { trust } = seasonal;
    const judged = { number, window, thresholds, candidates, suppressed };
    const minute: LifecycleMinute = { ...judged, slices: state.slices, mlScore: scorer.score, trust, limits };
    const events = [...followMinute(store, anomalies, minute, stamp), ...followWarnings(state.warnings, store, anomalies, minute, stamp)];
    const scores = scoresOf(state, window, thresholds, minute.mlScore);
    if (window.state !== 'silent' && store.parts.calibration) {
      store.elsewhere?.borrow(taughtGroups(store, number));
      learnCalibration(store, number, scorer.raw);
    }
    if (atU8(store.frozen, 0) === 0) learnSlices(state.slices, number, rows, frozenSlices(state));
    fadeDiscoveries(anomalies);
    state.lastMinute = window.minute;
    return { result: { events, scores }, minute };
  }

  function judge(minute: MinuteInput, candidates: number[]): void {
    const { store, trend } = state;
    const parts = judgeFleet(store, trend, minute, candidates);
    shards?.begin(parts, factorOf(state, feedback));
    judgeParts(store, parts, { pattern: scorer.nats, candidates });
    if (shards !== null) {
      const { candidates: found, scores } = shards.finish();
      candidates.push(...found);
      candidates.sort((a, b) => a - b);
      for (const [group, score] of scores) scorer.know(group, score);
    }
    takeNotes(store);
  }

  return advance;
}

/** A minute that was judged before comes again: repairs what it taught, and scores it again while it is the last one. */
function correctPast(state: DetectorState, scorer: PatternScorer, shards: MerchantShards | null, window: ClosedWindow): StepResult {
  const age = (state.lastMinute - window.minute) / MINUTE_MS;
  if (age < RING) {
    scorer.clear();
    tallyCells(state.store, window.cells);
    takeCorrection(state, shards, window, age);
    borrowNeeded(state);
    // Revision 0 is a whole minute sent again: its slices are known.
    if (window.revision > 0) correctSlices(state.slices, window.minute / MINUTE_MS, window.slices, totalOf(window));
  }
  return { events: [], scores: age === 0 ? scoresOf(state, window, thresholdsOf(state), scorer.score) : [] };
}

/** Takes the corrected counts of a minute into every group and every open anomaly. */
function takeCorrection({ store, anomalies }: DetectorState, shards: MerchantShards | null, window: ClosedWindow, age: number): void {
  const minute = window.minute / MINUTE_MS;
  const named =
    window.partial === true ? new Set(window.cells.map(({ merchant_id }) => store.index.merchant.get(merchant_id) ?? -1)) : null;
  if (named !== null) keepUnnamed(store, minute, named);
  const correction: MinuteCorrection = { minute, age, closed: anomalies.closed };
  const changes = correctRows(store, correction);
  if (shards !== null) changes.push(...shards.correct(correction, named));
  takeNotes(store);
  correctEpisodes(
    anomalies,
    changes.sort((a, b) => a.row - b.row),
    minute,
    age,
  );
}

function judgeWindows(
  state: DetectorState,
  advance: (window: ClosedWindow) => Advanced,
  windows: readonly ClosedWindow[],
): ReturnType<Detector['analyze']> {
  const findings: Finding[] = [];
  const opened = new Map<string, Anomaly>();
  for (const window of [...windows].sort((a, b) => a.minute - b.minute)) {
    if (window.minute <= state.lastMinute || window.state === 'incomplete') continue;
    const { result, minute } = advance(window);
    const told = result.events.filter(({ anomaly }) => anomaly.type !== 'drift_warning');
    for (const { event, anomaly } of told) if (event === 'opened' || opened.has(anomaly.id)) opened.set(anomaly.id, anomaly);
    findings.push(...findingsOf(state, minute));
  }
  findings.sort((a, b) => Number(b.alert) - Number(a.alert) || a.p_value - b.p_value || b.minute.localeCompare(a.minute));
  return { findings, learning: isLearning(state), opened: [...opened.values()] };
}

/** What an engine works with. `shards`: hold the merchants of the state's store; null: it has them all. */
interface EngineParts {
  readonly scorer: PatternScorer;
  readonly shards: MerchantShards | null;
}

/** Makes a detector on a state whose merchants are in shards (`store.elsewhere`). Throws RangeError for an unknown zone. */
export const createHead = (options: DetectorOptions, state: DetectorState, shards: MerchantShards): Detector =>
  engineOf(options, state, { scorer: createScorer(state, modelOf(options)), shards });

function engineOf(
  options: DetectorOptions,
  state: DetectorState,
  { scorer, shards }: EngineParts = { scorer: createScorer(state, modelOf(options)), shards: null },
): Engine {
  const localSlot = createLocalSlots(options.timeZone, options.holidays ?? []);
  const feedback = createDetectorFeedback(state);
  if (options.parts !== undefined) state.store.parts = options.parts;
  if (options.merchantsMost !== undefined) state.store.most = { ...state.store.most, merchant: options.merchantsMost };
  const stamp: Stamp = { detector_version: DETECTOR_VERSION, model_version: modelVersion(options), config_hash: configHash(options) };
  const limits = options.severity ?? DEFAULT_LIMITS;
  const advance = createAdvance({ state, scorer, shards, feedback, localSlot, stamp, limits });

  function step(window: ClosedWindow): StepResult {
    if (window.sequence <= state.lastSequence) return { events: [], scores: [] };
    state.lastSequence = window.sequence;
    // What a refused row would have counted is neither none nor some.
    if (window.state === 'incomplete') return { events: [], scores: [] };
    if (window.minute <= state.lastMinute) return given(correctPast(state, scorer, shards, window));
    const marked = feedback.isDue(window.minute) ? takeWaiting(window.minute) : [];
    // Of a minute that was never seen, a part says nothing.
    const isReported = window.partial !== true && isDue(state.cadence, window.minute / MINUTE_MS, window.state === 'observed');
    const result = isReported ? advance(window).result : { events: [], scores: [] };
    return given(marked.length === 0 ? result : { ...result, events: [...marked, ...result.events] });
  }

  /** What a call borrowed goes back. */
  const given = <T>(result: T): T => {
    shards?.giveBack();
    return result;
  };

  function takeWaiting(minute: number): AnomalyEvent[] {
    borrowNeeded(state);
    return given(feedback.takeWaiting(minute, thresholdsOf(state)));
  }

  function mark(notice: FeedbackNotice): StepResult {
    borrowNeeded(state);
    return given({ events: feedback.take(notice, thresholdsOf(state)), scores: [] });
  }

  const snapshot = (): Uint8Array => encodeState(shards === null ? state : { ...state, store: shards.whole() });

  return {
    step,
    mark,
    analyze: (windows) => engineOf(options, decodeState(snapshot())).judge(windows),
    judge: (windows) => judgeWindows(state, advance, windows),
    forecast: (query) => given(forecastOf(state, localSlot, query)),
    snapshot,
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
      return state.store.series + this.shardSeries.reduce((sum, one) => sum + one, 0);
    },
    get shardSeries() {
      return shards?.series ?? [];
    },
    get unwatched() {
      return state.store.unwatched;
    },
    get stateBytes() {
      return stateBytes(state);
    },
  };
}

/** Short hash of everything that decides besides the data: options, constants and the forest. Parts that a study switches off do not
 *  count. */
export function configHash(options: DetectorOptions): string {
  return createHash('sha256')
    .update(`${stateHash(options)} ${JSON.stringify(options.severity ?? DEFAULT_LIMITS)}`)
    .digest('hex')
    .slice(0, 12);
}

/** The same of what the stored state depends on: the limits of severities teach it nothing, so that it outlives a change of them. */
export function stateHash(options: DetectorOptions): string {
  const { timeZone, holidays = [] } = options;
  const decisive = { ratios: [ADVERSE_RATIOS, DOWN_RATIOS], zone: timeZone, holidays, settings: SETTINGS, model: modelVersion(options) };
  return createHash('sha256').update(JSON.stringify(decisive)).digest('hex').slice(0, 12);
}

/** Version of the Isolation Forest in use. */
export function modelVersion(options: Pick<DetectorOptions, 'model'>): string {
  return modelOf(options).version;
}

/** The forest in use. */
export const modelOf = ({ model }: Pick<DetectorOptions, 'model'>): LoadedModel => model ?? DEFAULT_MODEL;

const factorOf = ({ lastMinute }: DetectorState, feedback: DetectorFeedback): number =>
  feedback.effectAt(lastMinute / MINUTE_MS).patternFactor;

function createScorer(state: DetectorState, model: LoadedModel): PatternScorer {
  const feedback = createDetectorFeedback(state);
  const { store, trend } = state;
  const fleetRatio = (): number => trend.observed / Math.max(1e-9, trend.expected);
  return createPatternScorer({ store, fleetRatio, factor: () => factorOf(state, feedback) }, model);
}

/** True while the fleet is new: nothing is raised. */
export const isLearning = (state: DetectorState): boolean => atI32(state.store.ages, 0) < SETTINGS.learningMinutes;
