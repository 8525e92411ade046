/** Share of values that belong to the tail, and the evidence at its edge. */
const SHARE = 0.02;
const EDGE_NATS = -Math.log(SHARE);
/** The edge lies here at least, and the mean excess never below. */
const LOWEST_EDGE = 2.5;
const LEAST_EXCESS = 0.3;
/** Gain of the edge per value. */
const EDGE_GAIN = 0.02;

/** What is known of a tail beforehand, and how it learns. */
export interface TailShape {
  /** A statistic counts as it is up to here and by its logarithm above: a power-law tail becomes an exponential one. */
  readonly knee: number;
  /** Mean excess over the edge until more is known, and values of the tail that it counts as, first and at most. */
  readonly firstExcess: number;
  readonly firstWeight: number;
  readonly mostWeight: number;
  /** Return to the first excess per value that is not of the tail. */
  readonly excessReturn: number;
  /** A value teaches the excess at most this many times itself, so that an incident does not hide the next one. */
  readonly excessClip: number;
}

/** Errors in units of their usual size, whose tail is that of a normal value or heavier. */
const OF_ERRORS: TailShape = { knee: 4, firstExcess: 1, firstWeight: 20, mostWeight: 20, excessReturn: 0.001, excessClip: 6 };

/** Running upper tail of a non-negative statistic. */
export interface RunningTail {
  /** Evidence of a value in nats: minus the log of about the share of values that are as large. */
  nats(statistic: number): number;
  learn(statistic: number): void;
}

/** A tail that is exponential above a running quantile (peaks over threshold, by moments). Deterministic, O(1) a value. */
export function createTail({ knee, firstExcess, firstWeight, mostWeight, excessReturn, excessClip }: TailShape = OF_ERRORS): RunningTail {
  const bent = (statistic: number): number => (statistic < knee ? statistic : knee * (1 + Math.log(statistic / knee)));
  let edge = LOWEST_EDGE;
  let excess = firstExcess;
  let weight = firstWeight;
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
      if (height <= edge) {
        excess += excessReturn * (firstExcess - excess);
        return;
      }
      weight = Math.min(mostWeight, weight + 1);
      excess = Math.max(LEAST_EXCESS, excess + (Math.min(height - edge, excessClip * excess) - excess) / weight);
    },
  };
}
