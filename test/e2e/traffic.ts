import { seededNumbers } from '../../src/detect/forest/random.ts';

/** A count around `mean`. */
export function poisson(mean: number, random: () => number): number {
  if (mean > 60) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  }
  let count = 0;
  for (let product = random(); product > Math.exp(-mean); product *= random()) count += 1;
  return count;
}

export interface TrafficOptions {
  /** First minute, epoch milliseconds. */
  readonly start: number;
  readonly minutes: number;
  readonly seed: number;
  /** A wave of denials from the middle on, this many minutes (default 20). */
  readonly incidentMinutes?: number;
}

/** Minutes of a small company as NDJSON lines: one record a minute and status, each with an id. Denials are 30 a minute
 *  instead of 6, and approvals fall by a third, for a while in the middle. */
export function incidentMinutes({ start, minutes, seed, incidentMinutes: length = 20 }: TrafficOptions): string[] {
  const random = seededNumbers(seed).next;
  const lines: string[] = [];
  const first = Math.floor(minutes / 2);
  for (let index = 0; index < minutes; index += 1) {
    const bad = index >= first && index < first + length;
    const means = { approved: bad ? 80 : 120, denied: bad ? 32 : 6, reversed: 1, refunded: 1, failed: 0.03 };
    const timestamp = new Date(start + index * 60_000).toISOString();
    for (const [status, mean] of Object.entries(means)) {
      lines.push(JSON.stringify({ id: `${index}-${status}`, timestamp, status, count: poisson(mean, random) }));
    }
  }
  return lines;
}
