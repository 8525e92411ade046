import { createRunningScale } from './running-scale.ts';
import { createTail } from './tail.ts';

/** A quantity that is judged by how large it usually is. */
export interface Measure {
  /** Its usual size so far. */
  readonly scale: number;
  /** Evidence in nats of a quantity, which is then learnt. `least`: a size that is never news; `local`: how much larger than
   *  usual it is at this time of day. */
  judge(quantity: number, least: number, local?: number): number;
}

/** A running scale with a running tail of what exceeds it. */
export function createMeasure(): Measure {
  const scale = createRunningScale();
  const tail = createTail();
  return {
    get scale() {
      return scale.value;
    },
    judge: (quantity, least, local = 1) => {
      const statistic = Math.abs(quantity) / Math.max(least, local * scale.value);
      const nats = tail.nats(statistic);
      tail.learn(statistic);
      scale.learn(quantity, least);
      return nats;
    },
  };
}
