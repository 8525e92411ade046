import type { WallClock } from './time-zone.ts';

/** How the rows of one repeated stretch of local time were taken. Times are as if UTC, milliseconds. */
export interface RepeatedStretch {
  /** First and last local time of it that the file has. */
  from: number;
  to: number;
  /** Rows of each pass. */
  first: number;
  second: number;
}

/** Reads the wall-clock times of one file in the order of its rows. */
export interface FileOrder {
  /** Instant (epoch milliseconds) of the next row. `key`: what a file of counts has once a step, such as the status; null for
   *  rows that may repeat. NaN for a time that a clock change skips, and for a repeated one that the order does not tell. */
  place(localMs: number, key: string | null): number;
  /** A row came already whose time clock changes do not repeat. */
  readonly hasPlace: boolean;
  /** What clock changes repeated, in the order of the file. */
  readonly repeated: readonly RepeatedStretch[];
}

/** Rows this much out of order are late ones, not another pass. */
const LATE_MS = 300_000;
/** Against the direction of the file, this many jumps and this share of all steps: the rows have no order. */
const MIXED_STEPS = 20;
const MIXED_SHARE = 0.2;
const MAX_KEYS = 1_000_000;

/** Makes the reader of one file, oldest or newest row first. A local time that jumps back by no more than the clock change
 *  begins its second pass (in a file with the newest row first, one that jumps ahead begins the first one). Where the order
 *  decides nothing (one row an hour, both passes minute by minute), the second row of a key is of the second pass. */
export function createFileOrder(wall: WallClock): FileOrder {
  const steps = createSteps();
  const keys = createKeys();
  const repeated: RepeatedStretch[] = [];
  let anchor = Number.NaN;

  const move = (instant: number, isDown: boolean): void => {
    const ahead = isDown ? anchor - instant : instant - anchor;
    // A late row leaves the place in the file as it is.
    if (Number.isNaN(anchor) || ahead > 0 || ahead < -LATE_MS) anchor = instant;
  };

  /** The pass by the order of rows; `early` and `late` are the two instants. */
  function byOrder(early: number, late: number, isDown: boolean): number {
    const [next, other] = isDown ? [late, early] : [early, late];
    if (Number.isNaN(anchor)) return next;
    const back = (instant: number): number => (isDown ? instant - anchor : anchor - instant);
    if (back(next) <= LATE_MS) return next;
    // Further back than the change itself: another block of the file begins.
    return back(other) < late - early ? other : next;
  }

  function place(localMs: number, key: string | null): number {
    const { first, second } = wall(localMs);
    if (Number.isNaN(first)) return Number.NaN;
    steps.add(localMs);
    const isDown = steps.isDown();
    if (first === second) {
      keys.outside(localMs, key);
      move(localMs - first, isDown);
      return localMs - first;
    }
    const early = localMs - first;
    const late = localMs - second;
    let chosen = byOrder(early, late, isDown);
    const other = chosen === early ? late : early;
    const isRepeat = keys.inside(chosen, key);
    if (isRepeat) [chosen] = [other, keys.inside(other, key)];
    else if (steps.isMixed() && !keys.tell(key)) return Number.NaN;
    // Rows of both passes in turn must not look like jumps.
    if (!isRepeat) move(chosen, isDown);
    note(repeated, localMs, late - early, chosen === early);
    return chosen;
  }

  return {
    place,
    repeated,
    get hasPlace() {
      return !Number.isNaN(anchor);
    },
  };
}

function note(repeated: RepeatedStretch[], localMs: number, changeMs: number, isFirst: boolean): void {
  let stretch = repeated.find(({ from, to }) => localMs > to - changeMs && localMs < from + changeMs);
  if (stretch === undefined) repeated.push((stretch = { from: localMs, to: localMs, first: 0, second: 0 }));
  stretch.from = Math.min(stretch.from, localMs);
  stretch.to = Math.max(stretch.to, localMs);
  if (isFirst) stretch.first++;
  else stretch.second++;
}

/** Which way the times of a file go. */
function createSteps() {
  let last = Number.NaN;
  let ups = 0;
  let downs = 0;
  let bigUps = 0;
  let bigDowns = 0;
  return {
    add(localMs: number): void {
      const step = localMs - last;
      last = localMs;
      if (step > 0) ups++;
      else if (step < 0) downs++;
      if (step > LATE_MS) bigUps++;
      else if (step < -LATE_MS) bigDowns++;
    },
    isDown: () => downs > ups,
    isMixed(): boolean {
      const against = Math.min(bigUps, bigDowns);
      return against > MIXED_STEPS && against > MIXED_SHARE * (ups + downs);
    },
  };
}

/** Keys of rows: outside of repeated stretches whether a file has each once a step, inside which ones it had. */
function createKeys() {
  let isOnce = true;
  let step = Number.NaN;
  let ofStep = new Set<string>();
  const seen = new Map<number, Set<string>>();
  let size = 0;
  return {
    outside(localMs: number, key: string | null): void {
      if (key === null || !isOnce) return;
      if (localMs !== step) [step, ofStep] = [localMs, new Set()];
      if (ofStep.has(key)) isOnce = false;
      ofStep.add(key);
    },
    /** True when the pass at `instant` has a row of this key already, in a file that has each once. */
    inside(instant: number, key: string | null): boolean {
      if (key === null || !isOnce) return false;
      let keys = seen.get(instant);
      if (keys?.has(key) === true) return true;
      if (size++ >= MAX_KEYS) [size] = [0, seen.clear(), (keys = undefined)];
      if (keys === undefined) seen.set(instant, (keys = new Set()));
      keys.add(key);
      return false;
    },
    tell: (key: string | null): boolean => key !== null && isOnce,
  };
}
