import type { Period, TimeRange } from '../period/period.ts';
import type { Turn } from '../turn.ts';

const MINUTE_MS = 60_000;

/** A period as the heading of a list says it: `últimas 2h`, or from when to when, with each of its days once. */
export function periodText({ say }: Pick<Turn, 'say'>, period: Period, range: TimeRange): string {
  if (period.kind === 'last' && period.amount === 1) return say(`chat.period.one_${period.unit}`);
  if (period.kind === 'last') return say(`chat.period.last_${period.unit}`, { n: period.amount });
  // The last minute of a day, not the first of the next.
  return say('chat.period.range', { from: range.from, to: Math.max(range.from, range.to - MINUTE_MS) });
}
