import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Anomaly, AnomalyEvent, MinuteScore } from '@transaction-guardian/contracts/anomaly.ts';
import type { CanaryNotice } from '@transaction-guardian/contracts/canary.ts';
import type { FeedbackNotice } from '@transaction-guardian/contracts/feedback.ts';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import type { BusRecord } from '../../bus/bus.ts';
import type { Clock } from '../../clock.ts';
import { traceOf, type Trace } from '../../topic/record-headers.ts';
import type { Detector } from '../engine/detector.ts';
import { parseWindow } from './parse-window.ts';
import { follow } from './reconcile.ts';

/** A detector at its place in `guardian.windows`. */
export interface ScoringPosition {
  readonly detector: Detector;
  /** First offset that the detector has not seen. */
  nextOffset: number;
  /** First offset whose results are not stored; what lies before is read for its state only. */
  emitted: number;
  /** First offset that the stored state has not seen. */
  savedAt: number;
  /** Windows judged since the state was stored. */
  unsaved: number;
  /** Open anomalies of a detector that rebuilds its state; null for one that was restored. */
  relearnt: Map<string, Anomaly> | null;
}

/** What a batch did beyond what was stored before. */
export interface Scored {
  readonly events: AnomalyEvent[];
  /** The trace of the window that made an event, where it has one. */
  readonly traces: Map<AnomalyEvent, Trace>;
  readonly scores: MinuteScore[];
  /** What operators said. */
  readonly notices: FeedbackNotice[];
  /** Test transactions up to which everything is taken. */
  readonly canaries: CanaryNotice[];
  readonly failed: { readonly record: BusRecord; readonly reason: string }[];
  /** Windows judged. */
  windows: number;
  /** Newest minute among them that is new, epoch milliseconds; null without one. */
  lastMinute: number | null;
  /** How long each took, new or not. */
  readonly times: ScoreTime[];
  /** When the minutes among them that are new were closed, wall clock. */
  readonly closedAt: number[];
  /** Where a detector that rebuilds its state reached the present; null before. */
  arrival: WindowPlace | null;
}

/** Seconds of reading a window and of judging it. */
export interface ScoreTime {
  readonly isCorrection: boolean;
  readonly read: number;
  readonly judge: number;
}

/** A window by its number and minute (epoch milliseconds). */
export interface WindowPlace {
  readonly sequence: number;
  readonly minute: number;
}

/** Longest time without a turn of the event loop. */
const TURN_MS = 40;

/** Steps the detector through records, in order, and moves its place. Records before the place are skipped. `isPoison`
 *  says of an offset that it made the detector fail before: it is sent to the dead-letter topic. Throws what the detector throws. */
export async function scoreRecords(
  place: ScoringPosition,
  records: readonly BusRecord[],
  clock: Clock,
  isPoison: (offset: number) => boolean,
): Promise<Scored> {
  const scored: Scored = {
    events: [],
    traces: new Map(),
    scores: [],
    notices: [],
    canaries: [],
    failed: [],
    windows: 0,
    lastMinute: null,
    times: [],
    closedAt: [],
    arrival: null,
  };
  let turnAt = clock.monotonic() + TURN_MS;
  for (const record of records) {
    if (record.offset < place.nextOffset) continue;
    place.nextOffset = record.offset;
    if (record.offset >= place.emitted) scored.arrival ??= arrivalOf(place.detector);
    scoreOne(place, record, scored, { clock, poison: isPoison(record.offset) });
    place.nextOffset = record.offset + 1;
    if (clock.monotonic() > turnAt) {
      await nextTurn();
      turnAt = clock.monotonic() + TURN_MS;
    }
  }
  if (place.nextOffset >= place.emitted) scored.arrival ??= arrivalOf(place.detector);
  return scored;
}

/** Where the detector is; null while it has seen nothing. */
function arrivalOf(detector: Detector): WindowPlace | null {
  return Number.isNaN(detector.lastMinute) ? null : { sequence: detector.lastSequence, minute: detector.lastMinute };
}

/** A window whose minute is after all that the detector knows cannot be a repeat, whatever its number: the numbering
 *  began again, because the counts were rebuilt from a log that had been cut. */
function renumbered(window: ClosedWindow, detector: Detector): ClosedWindow {
  const isRestart = window.sequence <= detector.lastSequence && window.minute > detector.lastMinute;
  return isRestart ? { ...window, sequence: detector.lastSequence + 1 } : window;
}

function scoreOne(
  place: ScoringPosition,
  record: BusRecord,
  scored: Scored,
  { clock, poison }: { readonly clock: Clock; readonly poison: boolean },
): void {
  const isNew = record.offset >= place.emitted;
  const started = clock.monotonic();
  const parsed = parseWindow(record.value);
  if (parsed.kind === 'invalid' || poison) {
    const reason = parsed.kind === 'invalid' ? parsed.reason : 'the detector fails on it';
    if (isNew) scored.failed.push({ record, reason });
    return;
  }
  if (parsed.kind === 'canary') {
    if (isNew) scored.canaries.push(parsed.notice);
    return;
  }
  const read = clock.monotonic();
  const { detector } = place;
  const result = parsed.kind === 'feedback' ? detector.mark(parsed.notice) : detector.step(renumbered(parsed.window, detector));
  if (parsed.kind === 'window') {
    const isCorrection = parsed.window.revision > 0;
    scored.times.push({ isCorrection, read: (read - started) / 1000, judge: (clock.monotonic() - read) / 1000 });
    if (isNew && !isCorrection) scored.closedAt.push(parsed.window.closed_at);
    if (isNew) scored.lastMinute = Math.max(scored.lastMinute ?? parsed.window.minute, parsed.window.minute);
    scored.windows += 1;
  }
  place.unsaved += 1;
  if (!isNew) {
    if (place.relearnt !== null) follow(place.relearnt, result.events);
    return;
  }
  if (parsed.kind === 'feedback') scored.notices.push(parsed.notice);
  scored.events.push(...result.events);
  const trace = result.events.length === 0 ? undefined : traceOf(record.headers);
  if (trace !== undefined) for (const event of result.events) scored.traces.set(event, trace);
  scored.scores.push(...result.scores);
}
