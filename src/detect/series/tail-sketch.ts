import { at, SKETCH } from './series-store.ts';

/** Evidence (nats) from which the tail is extrapolated. */
const LAST_MARK = 8.5;
/** Marks of evidence (nats) between which a sketch counts. The first is near the median of normal life. */
const MARKS = [0.9, 1.3, 1.7, 2.1, 2.5, 2.9, 3.3, 3.7, 4.1, 4.5, 5, 5.5, 6.2, 7.2, LAST_MARK] as const;
/** Minutes after which all counts are halved, so that a sketch remembers one to two weeks. */
const MEMORY = 20_160;
/** Minutes of the class that a row borrows, and of the normal distribution that a class borrows. */
const PRIOR_MINUTES = 300;
/** Mark above which the rate of the tail is measured, and the excesses that believe in the rate of the model, 1. */
const TAIL_MARK = 8;
const TAIL_PRIOR = 10;

/** Takes a minute of normal life into the sketch that begins at `first`: how many minutes it saw, then how many of them lie
 *  between a mark and the next. `nats`: evidence, at least ln 2. */
export function noteEvidence(sketches: Uint16Array | Float64Array, first: number, nats: number): void {
  const seen = (sketches[first] as number) + 1;
  sketches[first] = seen;
  if (nats >= MARKS[0]) {
    let mark = 0;
    while (mark < MARKS.length - 1 && nats >= (MARKS[mark + 1] as number)) mark++;
    sketches[first + 1 + mark] = (sketches[first + 1 + mark] as number) + 1;
  }
  if (seen < MEMORY) return;
  for (let i = first; i < first + SKETCH; i++) sketches[i] = Math.floor((sketches[i] as number) / 2);
}

const survival = new Float64Array(MARKS.length);

/** Negative logarithm of the share of normal minutes with at least this much evidence. The body is conformal: the share
 *  that was seen, shrunk to the class of the row and to the normal distribution. Above the last mark the tail is exponential,
 *  the rate (at most 1) by moments of the excesses above a high mark (Pickands 1975; Siffer et al. 2017). `own`,
 *  `ofClass`: where the two sketches begin. */
export function tailOfEvidence(rows: Uint16Array, own: number, classes: Float64Array, ofClass: number, nats: number): number {
  fillSurvival(rows, own, classes, ofClass);
  if (nats >= LAST_MARK) return -Math.log(at(survival, MARKS.length - 1)) + tailRate(rows[own] as number) * (nats - LAST_MARK);
  let mark = 0;
  while (nats >= (MARKS[mark] as number)) mark++;
  const [low, lowShare] = mark === 0 ? [Math.LN2, 1] : [MARKS[mark - 1] as number, at(survival, mark - 1)];
  const part = Math.max(0, nats - low) / ((MARKS[mark] as number) - low);
  return -(1 - part) * Math.log(lowShare) - part * Math.log(at(survival, mark));
}

/** Share of normal minutes above every mark. */
function fillSurvival(rows: Uint16Array, own: number, classes: Float64Array, ofClass: number): void {
  let ownAbove = 0;
  let classAbove = 0;
  for (let mark = MARKS.length - 1; mark >= 0; mark--) {
    ownAbove += rows[own + 1 + mark] as number;
    classAbove += at(classes, ofClass + 1 + mark);
    const normal = 2 * Math.exp(-(MARKS[mark] as number));
    const shared = (classAbove + PRIOR_MINUTES * normal) / (at(classes, ofClass) + PRIOR_MINUTES);
    survival[mark] = (ownAbove + PRIOR_MINUTES * shared) / ((rows[own] as number) + PRIOR_MINUTES);
  }
}

/** Rate of the exponential tail: excesses that ended before the last mark over the sum of all, cut at that mark. */
function tailRate(minutes: number): number {
  const seen = minutes + PRIOR_MINUTES;
  let sum = 0;
  for (let mark = TAIL_MARK; mark < MARKS.length - 1; mark++)
    sum += ((MARKS[mark + 1] as number) - (MARKS[mark] as number)) * 0.5 * (at(survival, mark) + at(survival, mark + 1));
  const ended = at(survival, TAIL_MARK) - at(survival, MARKS.length - 1);
  return Math.min(1, (seen * ended + TAIL_PRIOR) / (seen * sum + TAIL_PRIOR));
}
