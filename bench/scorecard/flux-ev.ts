/** Prediction window, neighbourhood and days of the second smoothing, risk and share of the tail at the start, as in the paper. */
const WINDOW = 10;
const NEIGHBOURS = 2;
const DAYS = 5;
const ALPHA = 0.2;
const RISK = 3e-3;
const LEVEL = 0.98;
const START_DAYS = 2;

/** FluxEV (Li et al., WSDM 2021), to compare with: growth of the deviation of the prediction errors, less what the same time
 *  of the days before showed, and its tail as peaks over a threshold by the method of moments. `period`: points a day.
 *  Gives for each value the log of how rare it is (nats), 0 while it starts. */
export function judgeByFluxEv(values: readonly number[], period: number): Float64Array {
  const errors = predictionErrors(values);
  const flux = fluctuations(errors);
  return tailNats(withoutHabits(flux, period), Math.min(values.length >> 2, Math.max(200, START_DAYS * period)));
}

function predictionErrors(values: readonly number[]): Float64Array {
  const errors = new Float64Array(values.length);
  for (let index = WINDOW; index < values.length; index++) {
    let [sum, weights, weight] = [0, 0, 1];
    for (let back = 1; back <= WINDOW; back++) {
      sum += weight * (values[index - back] ?? 0);
      weights += weight;
      weight *= 1 - ALPHA;
    }
    errors[index] = (values[index] ?? 0) - sum / weights;
  }
  return errors;
}

function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

function fluctuations(errors: Float64Array): Float64Array {
  const flux = new Float64Array(errors.length);
  for (let index = 2 * WINDOW; index < errors.length; index++)
    flux[index] = Math.max(0, deviation(errors.subarray(index - WINDOW, index + 1)) - deviation(errors.subarray(index - WINDOW, index)));
  return flux;
}

function withoutHabits(flux: Float64Array, period: number): Float64Array {
  const near = flux.map((_, index) =>
    flux.subarray(Math.max(0, index - NEIGHBOURS), index + NEIGHBOURS + 1).reduce((most, value) => Math.max(most, value), 0),
  );
  return flux.map((value, index) => {
    let most = 0;
    for (let day = 1; day <= DAYS && index - day * period >= 0; day++) most = Math.max(most, near[index - day * period] ?? 0);
    return Math.max(0, value - most);
  });
}

function tailNats(flux: Float64Array, start: number): Float64Array {
  const nats = new Float64Array(flux.length);
  const first = flux
    .slice(0, start)
    .filter((value) => value > 0)
    .sort();
  const edge = first[Math.floor(LEVEL * first.length)] ?? 0;
  let [peaks, sum, squares] = [0, 0, 0];
  const learn = (excess: number): void => {
    peaks++;
    sum += excess;
    squares += excess * excess;
  };
  first.forEach((value) => value > edge && learn(value - edge));
  for (let index = start; index < flux.length; index++) {
    const excess = (flux[index] ?? 0) - edge;
    if (excess <= 0 || peaks < 2) continue;
    const mean = sum / peaks;
    const variance = Math.max(1e-12 * mean * mean, squares / peaks - mean * mean);
    const sigma = 0.5 * mean * (1 + (mean * mean) / variance);
    const shape = 0.5 * (1 - (mean * mean) / variance);
    const rare = survival(excess, sigma, shape) * (peaks / (index + 1));
    nats[index] = Math.min(80, -Math.log(Math.max(rare, 1e-300)));
    if (rare > RISK) learn(excess);
  }
  return nats;
}

function survival(excess: number, sigma: number, shape: number): number {
  if (Math.abs(shape) < 1e-6) return Math.exp(-excess / sigma);
  return Math.max(0, 1 + (shape * excess) / sigma) ** (-1 / shape);
}
