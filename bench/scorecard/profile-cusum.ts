const SLOTS = 144;
const DAY_GAIN = 0.2;
const LEVEL_KEEP = 0.98;
const SCALE_KEEP = 0.998;
const ALLOWANCE = 1.5;
const MOST = 12;

/** A seasonal profile with a robust z and a cumulative sum of it, to compare with: the shortest detector that knows the time
 *  of day, how far values usually lie off, and that small errors in a row are one large one. `period`: points a day. */
export function judgeByProfileCusum(values: readonly number[], period: number): Float64Array {
  const slots = Math.min(SLOTS, period);
  const profile = new Float64Array(slots).fill(Number.NaN);
  const scores = new Float64Array(values.length);
  let level = 1;
  let [scale, up, down] = [0, 0, 0];
  let [recent, slotSum, slotCount] = [values[0] ?? 0, 0, 0];
  for (const [index, value] of values.entries()) {
    const slot = Math.floor(((index % period) / period) * slots);
    const usual = profile[slot] ?? Number.NaN;
    const expected = Number.isNaN(usual) ? recent : usual * level;
    const error = value - expected;
    // Counts vary with the root of their mean; what varies more shows in the scale.
    const size = Math.sqrt(Math.max(Math.abs(expected), 1e-9) * Math.max(Math.abs(recent), 1e-9)) ** 0.5;
    const z = scale === 0 ? 0 : error / (size * scale + 1e-9);
    up = Math.max(0, Math.min(3 * MOST, up + Math.min(MOST, z) - ALLOWANCE));
    down = Math.max(0, Math.min(3 * MOST, down + Math.min(MOST, -z) - ALLOWANCE));
    scores[index] = index < period ? 0 : Math.max(Math.abs(z), 0.7 * Math.max(up, down));
    const relative = (1.2533 * Math.abs(error)) / (size + 1e-9);
    const keep = Math.min(SCALE_KEEP, 1 - 1 / (index + 1));
    scale = keep * scale + (1 - keep) * (index < 30 ? relative : Math.min(relative, 4 * scale + 1e-9));
    const most = 4 * scale * size;
    recent += (1 - LEVEL_KEEP) * Math.max(-most, Math.min(most, value - recent));
    if (usual > 0) level += ((1 - LEVEL_KEEP) * Math.max(-most, Math.min(most, error))) / usual;
    slotSum += expected + Math.max(-2 * most, Math.min(2 * most, error));
    slotCount++;
    if (Math.floor((((index + 1) % period) / period) * slots) === slot) continue;
    const mean = slotSum / slotCount / (Number.isNaN(usual) ? 1 : level);
    profile[slot] = Number.isNaN(usual) ? mean : usual + DAY_GAIN * (mean - usual);
    slotSum = slotCount = 0;
  }
  return scores;
}
