/** Equal gaps after which the cadence of a stream is believed, and most that are remembered: each exception forgets half. */
const STEADY = 12;
const MOST = 48;
/** Longest gap of a cadence, minutes. */
const LONGEST = 60;

/** Reporting interval of a stream: every minute, or as sums of several minutes. Minutes are counted from the epoch. */
export interface ReportCadence {
  /** Last minute with transactions; null before the first. */
  last: number | null;
  /** Gap between such minutes, and how often it came in a row. */
  gap: number;
  run: number;
  /** The first minutes have shown whether there is a cadence. */
  isDecided: boolean;
}

export const createReportCadence = (): ReportCadence => ({ last: null, gap: 0, run: 0, isDecided: false });

/** Takes note of a minute, in order, and says whether anything was due in it. Of a stream that reports every five minutes
 *  the four in between say nothing; one of the fifth that is empty is missing. */
export function isDue(cadence: ReportCadence, minute: number, isObserved: boolean): boolean {
  if (isObserved) {
    if (cadence.last !== null) noteGap(cadence, minute - cadence.last);
    cadence.last = minute;
    return true;
  }
  if (cadence.last === null) return true;
  if (!cadence.isDecided) return false;
  return cadence.gap <= 1 || cadence.run < STEADY || (minute - cadence.last) % cadence.gap === 0;
}

/** Minutes from one report to the next; 1 for a stream without a cadence. */
export const cadenceMinutes = (cadence: ReportCadence): number => (cadence.run >= STEADY ? Math.max(1, cadence.gap) : 1);

function noteGap(cadence: ReportCadence, gap: number): void {
  if (!cadence.isDecided) {
    decide(cadence, gap);
    return;
  }
  if (gap === cadence.gap) cadence.run = Math.min(MOST, cadence.run + 1);
  else if (gap % cadenceMinutes(cadence) !== 0 || cadenceMinutes(cadence) === 1) {
    cadence.run = Math.floor(cadence.run / 2);
    if (cadence.run === 0 && gap <= LONGEST) cadence.gap = gap;
  }
}

/** The first two gaps decide, so that a stream with a cadence is not taken for one that fails in between. */
function decide(cadence: ReportCadence, gap: number): void {
  const isSecond = cadence.gap > 0;
  const isRegular = gap > 1 && gap <= LONGEST && (!isSecond || gap === cadence.gap);
  cadence.isDecided = isSecond || !isRegular;
  cadence.run = isSecond && isRegular ? STEADY : 0;
  cadence.gap = gap;
}
