/** A series repeats its value less often than this when a repeated value is news, and is known after so many values. */
const RARE = 0.015;
const KNOWN = 300;
/** Repeats of a run that count; later ones were reported, and a series may stand still for good. */
const MOST_COUNTED = 8;
const MOST_REPORTED = 10;
const MOST_NATS = 12;

/** Evidence in nats that a series which hardly ever repeats its value stands still: a source that sends its last value.
 *  From the second repeat on, each counts the log of how rare a repeat is. */
export function createFrozenValue(): (value: number) => number {
  let last = Number.NaN;
  let run = 0;
  let repeats = 0;
  let seen = 0;
  return (value) => {
    const share = (repeats + 1) / (seen + 20);
    seen++;
    run = value === last ? run + 1 : 0;
    if (run > 0 && run <= MOST_COUNTED) repeats++;
    last = value;
    if (share > RARE || seen < KNOWN || run < 2 || run > MOST_REPORTED) return 0;
    return Math.min(MOST_NATS, (run - 1) * -Math.log(share));
  };
}
