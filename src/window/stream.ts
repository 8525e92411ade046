import { MINUTE_MS, minuteOf } from '../clock.ts';
import { createLateness, type Lateness } from './lateness.ts';
import type { Arrival, Segment } from './segment.ts';
import { createTally, mergeTally, type MinuteTally } from './tally.ts';

/** Settings of the stream; times in milliseconds. */
export interface StreamRules {
  /** How long after its end a minute waits for late records, at most. */
  readonly lateMs: number;
  /** A minute of a live stream waits only as long as its records usually need, which is learnt. */
  readonly closesEarly: boolean;
  /** A longer hole is a pause of the stream: its minutes are not closed one by one. */
  readonly maxGapMinutes: number;
  /** Event time this close to the wall clock is live. */
  readonly liveWithinMs: number;
}

/** A restart takes less; what is missing for less is silence. */
const ABSENCE_MS = 180_000;
/** Nothing arrives for longer where the program does not run; a thread that only counts late finds what came meanwhile. */
const PAUSE_MS = 30_000;

/** `stopped`: the program was not there, and clients were refused, who may send it all again; `paused`: it was there and did not run, so that
 *  clients may have given up on some of what they sent. */
export type Absence = 'stopped' | 'paused';

/** Minutes from the first to the last. */
interface MinuteRange {
  readonly from: number;
  readonly to: number;
}

/** How far the counting is; event times in epoch milliseconds. Changed in place. */
export interface CountingState {
  maxEventAt: number | null;
  maxLiveEventAt: number | null;
  /** Not stored: when the newest record that is not history came, by the wall clock. */
  lastArrivalAt: number | null;
  /** Event time that the stream had reached when the oldest record was accepted that may be on no partition yet; null: all
   *  are. */
  heldAt: number | null;
  /** Minutes that end at or before it are closed. Never goes back. */
  watermark: number | null;
  /** Null before the first close and after a pause. */
  lastClosed: number | null;
  isLive: boolean;
  /** The last closed minute with records was backfill. */
  isTailHistory: boolean;
  /** Not stored: why nobody has listened until now, so that what is missing says nothing about the source; null: somebody has. */
  absence: Absence | null;
  /** Not stored: minutes of which only a part was heard, whatever comes for them later: those of the last pause, or the two in which a stop
   *  began and ended. */
  cut: readonly MinuteRange[];
  readonly lateness: Lateness;
  readonly open: Map<number, MinuteTally>;
}

/** What happened to the stream, in order, since it was last asked. */
export interface CountingEvents {
  /** A minute closes, with everything that came for it. */
  readonly close: (tally: MinuteTally) => void;
  /** Records came after their minute had closed. */
  readonly late: (tally: MinuteTally) => void;
}

/** A stream to which nothing has come. */
export function emptyStream(): CountingState {
  return {
    maxEventAt: null,
    maxLiveEventAt: null,
    lastArrivalAt: null,
    heldAt: null,
    watermark: null,
    lastClosed: null,
    isLive: false,
    isTailHistory: false,
    absence: null,
    cut: [],
    lateness: createLateness(),
    open: new Map(),
  };
}

/** Takes one segment, in order of the merged stream: counts each of its minutes as open or hands it over as late, then moves the
 *  watermark and closes what that ends. The result depends on the segments and their order only. */
export function takeSegment(state: CountingState, rules: StreamRules, segment: Segment, events: CountingEvents): void {
  const { live, mark } = segment;
  if (state.absence !== null) hearAgain(state, rules, segment, events);
  for (const tally of segment.minutes) takeTally(state, rules, tally, events);
  if (live !== null) {
    if (live.eventAt > (state.maxLiveEventAt ?? Number.NEGATIVE_INFINITY)) state.maxLiveEventAt = live.eventAt;
    if (live.arrivedAt > (state.lastArrivalAt ?? Number.NEGATIVE_INFINITY)) state.lastArrivalAt = live.arrivedAt;
  }
  if (mark > (state.maxEventAt ?? Number.NEGATIVE_INFINITY)) {
    state.maxEventAt = mark;
    moveWatermark(state, rules, { to: mark - rules.lateMs, closesSilence: false }, events);
  }
  if (rules.closesEarly) for (const arrival of segment.arrivals) takeArrival(state, rules, arrival, events);
}

function takeTally(state: CountingState, rules: StreamRules, tally: MinuteTally, events: CountingEvents): void {
  const { minute } = tally;
  if (!tally.isHistory && isInCut(state, minute)) tally.isCut = true;
  const isPassed = state.watermark !== null && minute + MINUTE_MS <= state.watermark;
  // The watermark may have passed minutes that nothing has closed yet: they take records, and end at once.
  if (isPassed && (state.lastClosed === null || minute <= state.lastClosed)) {
    events.late(tally);
    return;
  }
  const open = state.open.get(minute);
  if (open === undefined) state.open.set(minute, tally);
  else mergeTally(open, tally);
  if (isPassed) closeDue(state, rules, false, events);
}

/** Lets the arrival of live records close the minutes that have waited long enough when they came. Their own minute and the next
 *  ones may have more to come from a client that catches up. */
function takeArrival(state: CountingState, rules: StreamRules, { minute, arrivedAt, notes }: Arrival, events: CountingEvents): void {
  for (const [at, count] of notes) state.lateness.note(minute, at, count);
  moveWatermark(state, rules, { to: Math.min(arrivedAt - liveWaitMs(state, rules), minute), closesSilence: false }, events);
}

/** Ends an absence with the first records after it. What was sent during a pause waited in the connections and comes with its own times, so it may
 *  be as old as the pause. After a stop older records are those of a client that catches up, and end nothing. */
function hearAgain(state: CountingState, rules: StreamRules, { live, arrivals }: Segment, events: CountingEvents): void {
  // Whoever holds records has listened meanwhile, and the watermark stands still for them, not for want of listeners.
  if (state.heldAt !== null) return;
  const times = arrivals.map(({ arrivedAt }) => arrivedAt);
  if (state.absence === 'paused' && live !== null) times.push(live.arrivedAt);
  if (times.length > 0) endAbsence(state, rules, { from: Math.min(...times), to: Math.max(...times) }, events);
}

/** Goes on after a time in which nobody listened: what was open ends, and the minutes from there to now are not silent: nothing is known
 *  of them. Records that come for them later make them. `now`: when the first records after it arrived. A short absence is none, but
 *  the minutes of a short pause are not whole. */
function endAbsence(state: CountingState, rules: StreamRules, now: MinuteRange, events: CountingEvents): void {
  const to = now.to - liveWaitMs(state, rules);
  if (!hasBeenLive(state, rules) || state.watermark === null) return;
  const isLong = to - state.watermark > ABSENCE_MS;
  const heardAt = state.lastArrivalAt ?? state.maxLiveEventAt ?? state.watermark;
  const pause = { from: minuteOf(heardAt), to: minuteOf(now.to) };
  if (state.absence === 'paused' && now.from - heardAt > PAUSE_MS) {
    cut(state, [pause]);
    state.absence = null;
  }
  if (!isLong) return;
  if (state.absence === 'stopped')
    cut(
      state,
      [pause.from, pause.to].map((minute) => ({ from: minute, to: minute })),
    );
  state.absence = null;
  const end = minuteOf(to);
  for (const minute of [...state.open.keys()].sort((a, b) => a - b)) {
    if (minute < end) closeOpen(state, minute, events);
  }
  state.watermark = to;
  // Of the minute in which we came back only a part was heard.
  state.lastClosed = pause.to;
}

/** Notes minutes of which only a part was heard, open ones too. */
function cut(state: CountingState, ranges: readonly MinuteRange[]): void {
  state.cut = ranges;
  for (const tally of state.open.values()) if (!tally.isHistory && isInCut(state, tally.minute)) tally.isCut = true;
}

function isInCut({ cut: ranges }: CountingState, minute: number): boolean {
  return ranges.some(({ from, to }) => minute >= from && minute <= to);
}

/** True when the stream is live; also, after a pause of the program, when it was as its newest record came: a steady one is closed by its own
 *  records, never by the wall clock. */
function hasBeenLive({ isLive, absence, lastArrivalAt, maxLiveEventAt }: CountingState, { liveWithinMs }: StreamRules): boolean {
  if (isLive || absence !== 'paused') return isLive;
  return lastArrivalAt !== null && maxLiveEventAt !== null && lastArrivalAt - maxLiveEventAt <= liveWithinMs;
}

/** How long after its end a minute of the live stream waits for its records. */
export function liveWaitMs(state: CountingState, rules: StreamRules): number {
  return rules.closesEarly ? state.lateness.waitMs(rules.lateMs) : rules.lateMs;
}

/** True when silence closes minutes: the stream is, or has been, at most `liveWithinMs` behind the wall clock, and its silence is
 *  not yet a pause. */
export function isLiveAt(state: CountingState, rules: StreamRules, nowMs: number): boolean {
  if (state.maxLiveEventAt === null) return false;
  const silentMs = nowMs - state.maxLiveEventAt;
  if (state.isLive) return silentMs <= Math.max(rules.liveWithinMs, rules.maxGapMinutes * MINUTE_MS);
  return silentMs <= rules.liveWithinMs && !isCatchingUp(state, rules, nowMs);
}

/** True while records keep coming that are older than a live stream's: what is missing after them is on its way. */
function isCatchingUp(state: CountingState, rules: StreamRules, nowMs: number): boolean {
  const { maxLiveEventAt, lastArrivalAt } = state;
  if (maxLiveEventAt === null || lastArrivalAt === null) return false;
  return nowMs - maxLiveEventAt > rules.lateMs + MINUTE_MS && nowMs - lastArrivalAt <= rules.lateMs;
}

/** Holds the watermark where it stood when the oldest record was accepted that is on no partition yet (`heldSince`, epoch milliseconds;
 *  null: there is none), for history where it stands now. What comes meanwhile is counted as open: several processes bring what they
 *  held beside each other, each from its oldest on. */
export function holdBack(state: CountingState, heldSince: number | null): void {
  if (heldSince !== null) state.heldAt = Math.min(state.heldAt ?? state.maxEventAt ?? heldSince, heldSince);
}

/** Ends a hold. Call it when nothing is held any more and everything that the log has had since has been taken. */
export function letGo(state: CountingState, rules: StreamRules, events: CountingEvents): void {
  if (state.heldAt === null) return;
  state.heldAt = null;
  if (state.maxEventAt !== null) moveWatermark(state, rules, { to: state.maxEventAt - rules.lateMs, closesSilence: false }, events);
}

/** Lets the wall clock move the watermark of a live stream. Call it only when every record that was accepted has been taken. */
export function takeTime(state: CountingState, rules: StreamRules, nowMs: number, events: CountingEvents): void {
  const wasLive = hasBeenLive(state, rules);
  state.isLive = isLiveAt(state, rules, nowMs);
  if (state.heldAt === null) {
    if (state.absence !== null && wasLive) endAbsence(state, rules, { from: nowMs, to: nowMs }, events);
    state.absence = null;
  }
  if (state.isLive) moveWatermark(state, rules, { to: nowMs - liveWaitMs(state, rules), closesSilence: true }, events);
}

function moveWatermark(
  state: CountingState,
  rules: StreamRules,
  move: { readonly to: number; readonly closesSilence: boolean },
  events: CountingEvents,
): void {
  const before = state.watermark;
  const to = state.heldAt === null ? move.to : Math.min(move.to, state.heldAt - rules.lateMs);
  if (before !== null && to <= before) return;
  state.watermark = to;
  if (before === null || minuteOf(before) !== minuteOf(to)) closeDue(state, rules, move.closesSilence, events);
}

/** Closes what the watermark has passed, in order. */
function closeDue(state: CountingState, rules: StreamRules, closesSilence: boolean, events: CountingEvents): void {
  const end = minuteOf(state.watermark ?? Number.NaN);
  const waiting = [...state.open.keys()].sort((a, b) => a - b);
  for (const minute of waiting) {
    closeSilence(state, rules, Math.min(minute, end), minute, events);
    if (minute >= end) return;
    closeOpen(state, minute, events);
  }
  if (closesSilence) closeSilence(state, rules, end, null, events);
}

function closeOpen(state: CountingState, minute: number, events: CountingEvents): void {
  const tally = state.open.get(minute);
  if (tally === undefined) return;
  state.open.delete(minute);
  state.lastClosed = Math.max(state.lastClosed ?? minute, minute);
  // Where silence closes minutes, a file that somebody uploads makes none of them history.
  tally.isHistory &&= !state.isLive;
  state.isTailHistory = tally.isHistory;
  events.close(tally);
}

/** Closes the minutes without records before `end`. `nextMinute`: the next minute that has some, null when none has. */
function closeSilence(state: CountingState, rules: StreamRules, end: number, nextMinute: number | null, events: CountingEvents): void {
  if (state.lastClosed === null) return;
  const first = state.lastClosed + MINUTE_MS;
  // A record far ahead of its time waits as an open minute: the hole ends no later than the stream itself has come.
  const reached = Math.max(end, minuteOf(state.maxEventAt ?? end));
  const holeMinutes = (Math.min(nextMinute ?? end, reached) - first) / MINUTE_MS;
  if (holeMinutes > rules.maxGapMinutes) {
    state.lastClosed = null;
    return;
  }
  const isHistory = !state.isLive && (state.isTailHistory || (nextMinute !== null && state.open.get(nextMinute)?.isHistory === true));
  for (let minute = first; minute < end; minute += MINUTE_MS) {
    state.lastClosed = minute;
    events.close({ ...createTally(minute), isHistory, isCut: isInCut(state, minute) });
  }
}
