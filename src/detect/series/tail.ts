/** Share of values that belong to the tail, and what its edge tells. */
const SHARE = 0.02;
const EDGE_NATS = -Math.log(SHARE);
/** A statistic counts as it is up to here and by its logarithm above: a power-law tail becomes an exponential one. */
const KNEE = 4;
/** The edge of a normal statistic lies here at least, and its mean excess is taken to be this until more is known. */
const LOWEST_EDGE = 2.5;
const FIRST_EXCESS = 1;
const LEAST_EXCESS = 0.3;
/** Gains of the edge (per value) and of the excess (per value of the tail); return to the first excess per other value. */
const EDGE_GAIN = 0.02;
const EXCESS_GAIN = 0.05;
const EXCESS_RETURN = 0.001;
/** A value teaches the excess at most this many times itself, so that an incident does not hide the next one. */
const EXCESS_CLIP = 6;

/** Running upper tail of a non-negative statistic. */
export interface Tail {
  /** Evidence of a value in nats: minus the log of about the share of values that are as large. */
  nats(statistic: number): number;
  learn(statistic: number): void;
}

/** A tail that is exponential above a running quantile (peaks over threshold, by moments). Deterministic, O(1) a value. */
export function createTail(): Tail {
  let edge = LOWEST_EDGE;
  let excess = FIRST_EXCESS;
  let seen = 0;
  return {
    nats: (statistic) => {
      const height = bent(statistic);
      return height <= edge ? (EDGE_NATS * height) / edge : EDGE_NATS + (height - edge) / excess;
    },
    learn: (statistic) => {
      const height = bent(statistic);
      seen++;
      const gain = Math.max(EDGE_GAIN, 1 / (seen + 10));
      edge = Math.max(LOWEST_EDGE, edge + gain * ((height > edge ? 1 : 0) - SHARE) * edge);
      if (height <= edge) excess += EXCESS_RETURN * (FIRST_EXCESS - excess);
      else excess = Math.max(LEAST_EXCESS, excess + EXCESS_GAIN * (Math.min(height - edge, EXCESS_CLIP * excess) - excess));
    },
  };
}

const bent = (statistic: number): number => (statistic < KNEE ? statistic : KNEE * (1 + Math.log(statistic / KNEE)));
