import type { Cell, ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import type { Status } from '@transaction-guardian/contracts/status.ts';
import { MINUTE_MS } from '../clock.ts';
import { seededNumbers } from '../detect/forest/random.ts';

/** One clean stream: `perMinute` is the mean at the peak of the day. */
export interface StreamShape {
  readonly seed: number;
  readonly perMinute: number;
  readonly curve: 'flat' | 'daily';
  readonly minutes: number;
  /** Slow noise of the level (standard deviation of its logarithm, correlated over about an hour). */
  readonly noise: number;
  readonly startMs: number;
}

/** Something that goes wrong in minutes `from` (inclusive) to `to` (exclusive) of a stream: factors on the means. */
export interface TrainedBreak {
  readonly from: number;
  readonly to: number;
  readonly factors: Readonly<Partial<Record<Status, number>>>;
}

const SHARES: readonly (readonly [Status, number])[] = [
  ['approved', 0.92],
  ['denied', 0.055],
  ['reversed', 0.01],
  ['refunded', 0.01],
  ['failed', 0.002],
  ['backend_reversed', 0.001],
];

/** Minutes of a payment company, clean but for the breaks; the same for the same shape. Hours of the curve are UTC-3. */
export function* referenceTraffic(shape: StreamShape, breaks: readonly TrainedBreak[] = []): Generator<ClosedWindow> {
  const random = seededNumbers(shape.seed);
  let drift = 0;
  for (let sequence = 0; sequence < shape.minutes; sequence++) {
    const minute = shape.startMs + sequence * MINUTE_MS;
    drift = drift * 0.98 + random.normal() * shape.noise * 0.2;
    const mean = shape.perMinute * (shape.curve === 'flat' ? 1 : dailyCurve(minute)) * Math.exp(drift);
    const factors = breaks.find(({ from, to }) => sequence >= from && sequence < to)?.factors ?? {};
    const cells: Cell[] = [];
    let total = 0;
    for (const [status, share] of SHARES) {
      const count = random.poisson(mean * share * (factors[status] ?? 1));
      total += count;
      if (count > 0) cells.push({ status, auth_code: '', merchant_id: '', acquirer: '', count, amount: 0 });
    }
    yield {
      v: 1,
      sequence,
      minute,
      revision: 0,
      state: total > 0 ? 'observed' : 'zero',
      cells,
      late: 0,
      backfill: true,
      closed_at: minute + MINUTE_MS,
    };
  }
}

/** Share of the peak at a time of day: nights near zero, peaks after lunch and in the evening. */
export function dailyCurve(timeMs: number): number {
  const hour = (((timeMs / 3_600_000 - 3) % 24) + 24) % 24;
  const bump = (centre: number, width: number): number => Math.exp(-0.5 * ((((hour - centre + 36) % 24) - 12) / width) ** 2);
  return 0.004 + 0.76 * bump(13, 3) + 0.85 * bump(19.5, 2.2);
}
