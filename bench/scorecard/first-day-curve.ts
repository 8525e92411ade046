import type { Random } from '../../src/simulate/random.ts';

/** Shapes of a day: hours and shares of the plateau; `NIGHT` stands for the low of the night. */
const NIGHT = 0;
const SHAPES: Readonly<Record<string, readonly (readonly [hour: number, share: number])[]>> = {
  'steep morning': [
    [0, 0.12],
    [2.5, NIGHT],
    [5.8, NIGHT],
    [7.6, 0.55],
    [10, 0.95],
    [12.5, 1.1],
    [14, 0.9],
    [17.5, 1],
    [19.5, 0.8],
    [24, 0.12],
  ],
  'office hours': [
    [0, NIGHT],
    [6.8, NIGHT],
    [8.4, 0.8],
    [11.5, 1],
    [12.7, 0.7],
    [14.2, 1],
    [17.5, 0.9],
    [20, 0.15],
    [24, 0.03],
  ],
  'evening peak': [
    [0, 0.3],
    [3, NIGHT],
    [5.5, NIGHT],
    [8, 0.3],
    [12.5, 0.7],
    [15, 0.6],
    [20, 1],
    [22, 0.8],
    [24, 0.35],
  ],
  'round the clock': [
    [0, 0.5],
    [4, 0.25],
    [6, 0.28],
    [9, 0.8],
    [12, 1],
    [15, 0.95],
    [20, 0.9],
    [24, 0.55],
  ],
};

/** Names of the shapes of a day. */
export const CURVES = Object.keys(SHAPES);

/** Expected transactions a minute of one day from midnight on: a low of 0.5 to 5 at night, a plateau of 100 to 400, slow waves,
 *  and a level that drifts from minute to minute (autoregressive, a few percent). */
export function drawCurve(random: Random, shape: string): Float64Array {
  const plateau = 100 * 4 ** random.next();
  const night = 0.5 * 10 ** random.next();
  const knots = (SHAPES[shape] ?? []).map(([hour, share], index, all) => {
    const isEdge = index === 0 || index === all.length - 1;
    const at = isEdge ? hour : hour + 0.5 * (random.next() - 0.5);
    return [at * 60, Math.log(share === NIGHT ? night : plateau * share * random.logNormal(1, 0.08))] as const;
  });
  const waves = [1, 2, 3].map(() => ({
    size: 0.02 + 0.05 * random.next(),
    period: 50 + 190 * random.next(),
    phase: 2 * Math.PI * random.next(),
  }));
  const keep = 0.8 + 0.15 * random.next();
  const spread = 0.02 + 0.03 * random.next();
  let wander = 0;
  return Float64Array.from({ length: 1440 }, (_, minute) => {
    wander = keep * wander + spread * Math.sqrt(1 - keep * keep) * random.normal();
    const wave = waves.reduce((sum, { size, period, phase }) => sum + size * Math.sin((2 * Math.PI * minute) / period + phase), 0);
    return Math.exp(between(knots, minute) + wave + wander);
  });
}

/** Smooth way from one knot to the next. */
function between(knots: readonly (readonly [minute: number, value: number])[], minute: number): number {
  const next = Math.max(
    1,
    knots.findIndex(([at]) => at > minute),
  );
  const [from, before] = knots[next - 1] ?? [0, 0];
  const [to, after] = knots[next] ?? [1440, 0];
  const part = (1 - Math.cos((Math.PI * (minute - from)) / (to - from))) / 2;
  return before + part * (after - before);
}
