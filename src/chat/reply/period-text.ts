import { text } from '@transaction-guardian/contracts/text/text.ts';
import type { Period, TimeRange } from '../period/period.ts';
import type { Turn } from '../turn.ts';

const MINUTE_MS = 60_000;
const TIME_ALONE = /^\d\d:\d\d$/;

/** A period as the heading of a list says it: `últimas 2h`, or from when to when, with its day once. */
export function periodText({ say, locale, data }: Pick<Turn, 'say' | 'locale' | 'data'>, period: Period, range: TimeRange): string {
  if (period.kind === 'last' && period.amount === 1) return say(`chat.period.one_${period.unit}`);
  if (period.kind === 'last') return say(`chat.period.last_${period.unit}`, { n: period.amount });
  // The last minute of a day, not the first of the next.
  const to = Math.max(range.from, range.to - MINUTE_MS);
  const seenFrom = (at: number): string => text(locale, 'chat.at', { at }, { timeZone: data.timeZone, nowMs: to });
  const isOneDay = TIME_ALONE.test(seenFrom(range.from));
  return isOneDay ? `${say('chat.at', { at: range.from })}–${seenFrom(to)}` : say('chat.period.range', { from: range.from, to });
}
