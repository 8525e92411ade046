/** Values of an axis, from below the least to above the most, at round steps. */
export interface Axis {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
}

const ROUND = [1, 2, 2.5, 5, 10];

/** An axis of about `steps` steps that holds all of these values; `limits` it never leaves. Pure. */
export function axisOf(values: readonly number[], steps: number, limits: { readonly low: number; readonly high: number }): Axis {
  const least = Math.max(limits.low, Math.min(...values, Number.POSITIVE_INFINITY));
  const most = Math.min(limits.high, Math.max(...values, Number.NEGATIVE_INFINITY));
  if (!Number.isFinite(least) || !Number.isFinite(most)) return { low: 0, high: 1, ticks: [0, 1] };
  const span = Math.max(most - least, Math.abs(most) * 0.02, 1e-9);
  const power = 10 ** Math.floor(Math.log10(span / steps));
  const step = (ROUND.find((round) => round * power >= span / steps) ?? 10) * power;
  const low = Math.max(limits.low, Math.floor(least / step) * step);
  const high = Math.min(limits.high, Math.max(Math.ceil(most / step), Math.floor(least / step) + 1) * step);
  const count = Math.round((high - low) / step);
  return { low, high, ticks: Array.from({ length: count + 1 }, (_, at) => low + at * step).filter((tick) => tick <= high + step / 1000) };
}
