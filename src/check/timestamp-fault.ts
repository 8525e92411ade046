import type { BrokenRule } from './finding.ts';
import type { WallClock } from './time-zone.ts';
import { parseTimestamp } from './timestamp.ts';

/** Why a text is no event time: it is no date and time, or a local time of `timeZone` that a clock change skips or repeats. */
export function timestampFault(
  text: string,
  field: string,
  { wall, timeZone }: { readonly wall: WallClock; readonly timeZone: string },
): BrokenRule {
  let localMs = Number.NaN;
  parseTimestamp(text, (ms) => (localMs = ms));
  if (Number.isNaN(localMs)) return { field, rule: 'timestamp_format' };
  const params = { time: text.slice(0, 19).replace('T', ' '), zone: timeZone };
  return { field, rule: Number.isNaN(wall(localMs).first) ? 'timestamp_skipped' : 'timestamp_repeated', params };
}
