/** Equal steps in a row that no measured series makes, and how equal they must be. */
const EQUAL_STEPS = 3;
const TOLERANCE = 1e-6;

/** Finds the values that a straight line was drawn through, as gaps are filled before a file is written: equal steps to
 *  numbers that are not whole. They say nothing about the series. */
export function createFilledGap(): (value: number) => boolean {
  let last = Number.NaN;
  let step = Number.NaN;
  let equal = 0;
  return (value) => {
    const now = value - last;
    equal = now !== 0 && Math.abs(now - step) <= TOLERANCE * Math.abs(now) ? equal + 1 : 0;
    last = value;
    step = now;
    return equal >= EQUAL_STEPS - 1 && !Number.isInteger(value);
  };
}
