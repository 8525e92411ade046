/** Equal gaps after which the rhythm of a stream is believed, and most that are remembered: each exception forgets half. */
const STEADY = 12;
const MOST = 48;
/** Longest gap of a rhythm, minutes. */
const LONGEST = 60;

/** Rhythm in which a stream reports: every minute, or as sums of several minutes. Minutes are counted from the epoch. */
export interface Beat {
  /** Last minute with transactions; null before the first. */
  last: number | null;
  /** Gap between such minutes, and how often it came in a row. */
  gap: number;
  run: number;
  /** The first minutes have shown whether there is a rhythm. */
  isDecided: boolean;
}

export const createBeat = (): Beat => ({ last: null, gap: 0, run: 0, isDecided: false });

/** Takes note of a minute, in order, and tells whether anything was due in it. Of a stream that reports every five minutes
 *  the four in between say nothing; one of the fifth that is empty is missing. */
export function isDue(beat: Beat, minute: number, isObserved: boolean): boolean {
  if (isObserved) {
    if (beat.last !== null) noteGap(beat, minute - beat.last);
    beat.last = minute;
    return true;
  }
  if (beat.last === null) return true;
  if (!beat.isDecided) return false;
  return beat.gap <= 1 || beat.run < STEADY || (minute - beat.last) % beat.gap === 0;
}

/** Minutes from one report to the next; 1 for a stream without a rhythm. */
export const beatMinutes = (beat: Beat): number => (beat.run >= STEADY ? Math.max(1, beat.gap) : 1);

function noteGap(beat: Beat, gap: number): void {
  if (!beat.isDecided) {
    decide(beat, gap);
    return;
  }
  if (gap === beat.gap) beat.run = Math.min(MOST, beat.run + 1);
  else if (gap % beatMinutes(beat) !== 0 || beatMinutes(beat) === 1) {
    beat.run = Math.floor(beat.run / 2);
    if (beat.run === 0 && gap <= LONGEST) beat.gap = gap;
  }
}

/** The first two gaps decide, so that a stream with a rhythm is not taken for one that fails in between. */
function decide(beat: Beat, gap: number): void {
  const isSecond = beat.gap > 0;
  const isRhythm = gap > 1 && gap <= LONGEST && (!isSecond || gap === beat.gap);
  beat.isDecided = isSecond || !isRhythm;
  beat.run = isSecond && isRhythm ? STEADY : 0;
  beat.gap = gap;
}
