import type { InboundRecord } from '@transaction-guardian/contracts/transaction.ts';
import { MINUTE_MS, minuteOf } from '../clock.ts';
import { joinTraces, type Trace } from '../record-headers.ts';
import { createLateness, type Lateness } from './lateness.ts';
import { addHeartbeat, addTransaction, createTally, type MinuteTally } from './tally.ts';

/** Settings of the stream; times in milliseconds. */
export interface StreamRules {
  /** How long after its end a minute waits for late records, at most. */
  readonly lateMs: number;
  /** A minute of a live stream waits only as long as its records usually need, which is learnt. */
  readonly closesEarly: boolean;
  /** A longer hole is a pause of the stream: its minutes are not closed one by one. */
  readonly maxGapMinutes: number;
  /** Event time this close to our clock is live. */
  readonly liveWithinMs: number;
}

/** A restart takes less; what is missing for less is silence. */
const ABSENCE_MS = 180_000;

/** How far the counting is; event times in epoch milliseconds. Changed in place. */
export interface StreamState {
  maxEventAt: number | null;
  maxLiveEventAt: number | null;
  /** Not stored: when the newest live record came, by our clock. */
  lastArrivalAt: number | null;
  /** Minutes that end at or before it are closed. Never goes back. */
  watermark: number | null;
  /** Null before the first close and after a pause. */
  lastClosed: number | null;
  isLive: boolean;
  /** The last closed minute with records was history being filled in. */
  isTailHistory: boolean;
  /** Not stored: nobody has listened until now, so what is missing says nothing about the source. */
  isAbsent: boolean;
  readonly lateness: Lateness;
  readonly open: Map<number, MinuteTally>;
}

/** What happened to the stream, in order, since it was last asked. */
export interface StreamEvents {
  /** A minute closes, with everything that came for it. */
  readonly close: (tally: MinuteTally) => void;
  /** A record came after its minute had closed. It is the receiver's to count. */
  readonly late: (record: InboundRecord, minute: number) => void;
  /** The trace of a record, where it has one. */
  readonly traceOf: (record: InboundRecord) => Trace | undefined;
}

/** A stream to which nothing has come. */
export function emptyStream(): StreamState {
  return {
    maxEventAt: null,
    maxLiveEventAt: null,
    lastArrivalAt: null,
    watermark: null,
    lastClosed: null,
    isLive: false,
    isTailHistory: false,
    isAbsent: false,
    lateness: createLateness(),
    open: new Map(),
  };
}

/** Takes one record, in order of offsets: counts it into its open minute or hands it over as late, then moves the watermark and
 *  closes what that ends. The result depends on the records and their order only. */
export function takeRecord(state: StreamState, rules: StreamRules, record: InboundRecord, events: StreamEvents): void {
  if (state.isAbsent && isLiveRecord(record, rules)) endAbsence(state, rules, record.ingested_at, events);
  const minute = minuteOf(record.occurred_at);
  const isPassed = state.watermark !== null && minute + MINUTE_MS <= state.watermark;
  // The watermark may have passed minutes that nothing has closed yet: they take records, and end at once.
  if (isPassed && (state.lastClosed === null || minute <= state.lastClosed)) events.late(record, minute);
  else {
    count(state, record, minute, events);
    if (isPassed) closeDue(state, rules, false, events);
  }

  // A client whose clock is fast must not close minutes that are still going on.
  const eventAt = Math.min(record.occurred_at, record.ingested_at);
  if (!record.backfill) {
    if (eventAt > (state.maxLiveEventAt ?? Number.NEGATIVE_INFINITY)) state.maxLiveEventAt = eventAt;
    if (record.ingested_at > (state.lastArrivalAt ?? Number.NEGATIVE_INFINITY)) state.lastArrivalAt = record.ingested_at;
  }
  if (eventAt > (state.maxEventAt ?? Number.NEGATIVE_INFINITY)) {
    state.maxEventAt = eventAt;
    moveWatermark(state, rules, { to: eventAt - rules.lateMs, closesSilence: false }, events);
  }
  takeArrival(state, rules, record, events);
}

/** Lets the arrival of a live record close the minutes that have waited long enough when it came. Its own minute and the next
 *  ones may have more to come from a client that catches up. */
function takeArrival(state: StreamState, rules: StreamRules, record: InboundRecord, events: StreamEvents): void {
  if (!rules.closesEarly || !isLiveRecord(record, rules)) return;
  const { occurred_at, ingested_at } = record;
  if (record.kind === 'transaction') state.lateness.note(occurred_at, ingested_at, record.count);
  const to = Math.min(ingested_at - liveWaitMs(state, rules), minuteOf(occurred_at));
  moveWatermark(state, rules, { to, closesSilence: false }, events);
}

function isLiveRecord({ backfill, occurred_at, ingested_at }: InboundRecord, rules: StreamRules): boolean {
  return !backfill && Math.abs(ingested_at - occurred_at) <= rules.liveWithinMs;
}

/** Goes on after a time in which nobody listened: what was open ends, and the minutes from there to `nowMs` are not silent:
 *  nothing is known of them. Records that come for them later make them. A short absence is none. */
function endAbsence(state: StreamState, rules: StreamRules, nowMs: number, events: StreamEvents): void {
  const to = nowMs - liveWaitMs(state, rules);
  if (!state.isLive || state.watermark === null || to - state.watermark <= ABSENCE_MS) return;
  state.isAbsent = false;
  const end = minuteOf(to);
  for (const minute of [...state.open.keys()].sort((a, b) => a - b)) {
    if (minute < end) closeOpen(state, minute, events);
  }
  state.watermark = to;
  // Of the minute in which we came back only a part was heard.
  state.lastClosed = minuteOf(nowMs);
}

/** How long after its end a minute of the live stream waits for its records. */
export function liveWaitMs(state: StreamState, rules: StreamRules): number {
  return rules.closesEarly ? state.lateness.waitMs(rules.lateMs) : rules.lateMs;
}

/** True when silence closes minutes: the stream is, or has been, at most `liveWithinMs` behind our clock, and its silence is
 *  not yet a pause. */
export function isLiveAt(state: StreamState, rules: StreamRules, nowMs: number): boolean {
  if (state.maxLiveEventAt === null) return false;
  const silentMs = nowMs - state.maxLiveEventAt;
  if (state.isLive) return silentMs <= Math.max(rules.liveWithinMs, rules.maxGapMinutes * MINUTE_MS);
  return silentMs <= rules.liveWithinMs && !isCatchingUp(state, rules, nowMs);
}

/** True while records keep coming that are older than a live stream's: what is missing after them is on its way. */
function isCatchingUp(state: StreamState, rules: StreamRules, nowMs: number): boolean {
  const { maxLiveEventAt, lastArrivalAt } = state;
  if (maxLiveEventAt === null || lastArrivalAt === null) return false;
  return nowMs - maxLiveEventAt > rules.lateMs + MINUTE_MS && nowMs - lastArrivalAt <= rules.lateMs;
}

/** Lets our clock move the watermark of a live stream. Call it only when every record that was accepted has been taken. */
export function takeTime(state: StreamState, rules: StreamRules, nowMs: number, events: StreamEvents): void {
  const wasLive = state.isLive;
  state.isLive = isLiveAt(state, rules, nowMs);
  if (state.isAbsent && wasLive) endAbsence(state, rules, nowMs, events);
  state.isAbsent = false;
  if (state.isLive) moveWatermark(state, rules, { to: nowMs - liveWaitMs(state, rules), closesSilence: true }, events);
}

function count(state: StreamState, record: InboundRecord, minute: number, events: StreamEvents): void {
  // The end of a file is no sign of life: it moves the watermark and belongs to no minute.
  if (record.kind === 'heartbeat' && record.backfill && record.incomplete !== true) return;
  let tally = state.open.get(minute);
  if (tally === undefined) {
    tally = createTally(minute);
    state.open.set(minute, tally);
  }
  tally.trace = joinTraces(tally.trace, events.traceOf(record));
  if (record.kind === 'transaction') addTransaction(tally, record);
  else addHeartbeat(tally, record);
}

function moveWatermark(
  state: StreamState,
  rules: StreamRules,
  move: { readonly to: number; readonly closesSilence: boolean },
  events: StreamEvents,
): void {
  const before = state.watermark;
  if (before !== null && move.to <= before) return;
  state.watermark = move.to;
  if (before === null || minuteOf(before) !== minuteOf(move.to)) closeDue(state, rules, move.closesSilence, events);
}

/** Closes what the watermark has passed, in order. */
function closeDue(state: StreamState, rules: StreamRules, closesSilence: boolean, events: StreamEvents): void {
  const end = minuteOf(state.watermark ?? Number.NaN);
  const waiting = [...state.open.keys()].sort((a, b) => a - b);
  for (const minute of waiting) {
    closeSilence(state, rules, Math.min(minute, end), minute, events);
    if (minute >= end) return;
    closeOpen(state, minute, events);
  }
  if (closesSilence) closeSilence(state, rules, end, null, events);
}

function closeOpen(state: StreamState, minute: number, events: StreamEvents): void {
  const tally = state.open.get(minute);
  if (tally === undefined) return;
  state.open.delete(minute);
  state.lastClosed = Math.max(state.lastClosed ?? minute, minute);
  state.isTailHistory = tally.isHistory;
  events.close(tally);
}

/** Closes the minutes without records before `end`. `nextMinute`: the next minute that has some, null when none has. */
function closeSilence(state: StreamState, rules: StreamRules, end: number, nextMinute: number | null, events: StreamEvents): void {
  if (state.lastClosed === null) return;
  const first = state.lastClosed + MINUTE_MS;
  // A record far ahead of its time waits as an open minute: the hole ends no later than the stream itself has come.
  const reached = Math.max(end, minuteOf(state.maxEventAt ?? end));
  const holeMinutes = (Math.min(nextMinute ?? end, reached) - first) / MINUTE_MS;
  if (holeMinutes > rules.maxGapMinutes) {
    state.lastClosed = null;
    return;
  }
  const isHistory = state.isTailHistory || (nextMinute !== null && state.open.get(nextMinute)?.isHistory === true);
  for (let minute = first; minute < end; minute += MINUTE_MS) {
    state.lastClosed = minute;
    events.close({ ...createTally(minute), isHistory });
  }
}
