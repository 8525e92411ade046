import type { Slice } from '@transaction-guardian/contracts/anomaly.ts';
import { findNames, hasName } from '../../store/verbs/minute/find-names.ts';
import { closestName } from '../../check/closest-name.ts';
import type { NamedSlice } from '../grammar/command.ts';
import { plainOf } from '../grammar/words.ts';
import type { Period, TimeRange } from '../period/period.ts';
import type { Turn } from '../turn.ts';
import { nameText } from './name-text.ts';

/** A part of the traffic that exists, or what to say when it does not. */
export type FoundSlice = { readonly kind: 'found'; readonly slice: Slice } | { readonly kind: 'unknown'; readonly text: string };

/** How far back a name is looked for. */
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** What stopped some days ago can still be silenced and asked about. */
const WEEK_MS = 7 * DAY_MS;

/** Finds what a name means: as it was written, or in other capitals, among what had transactions in the last day; as it was written,
 *  in the week before that and in the period that is asked about, too. Null without a name. */
export async function findNamedSlice(turn: Turn, named: NamedSlice | undefined, period?: Period): Promise<FoundSlice | null> {
  if (named === undefined) return null;
  const { data, say } = turn;
  const wanted = named.name.normalize('NFC');
  const { lastMinute } = await data.stats.time();
  const range = lastMinute === null ? null : { from: lastMinute - DAY_MS, to: lastMinute + MINUTE_MS };
  if (range !== null && (await hasName(data.database, named.of, wanted, range))) return { kind: 'found', slice: { [named.of]: wanted } };
  const names = range === null ? [] : await findNames(data.database, named.of, range);
  // Whatever an answer shows can be written.
  const exact =
    names.find((name) => plainOf(name) === plainOf(wanted)) ?? names.find((name) => plainOf(nameText(name)) === plainOf(nameText(wanted)));
  if (exact !== undefined) return { kind: 'found', slice: { [named.of]: exact } };
  for (const before of range === null ? [] : earlierRanges(turn, range.from, period))
    if (await hasName(data.database, named.of, wanted, before)) return { kind: 'found', slice: { [named.of]: wanted } };
  const near = closestName(wanted.slice(0, 64), names.slice(0, 5000));
  const params = { what: say(`chat.slice.${named.of}`), name: nameText(wanted) };
  return {
    kind: 'unknown',
    text: near === undefined ? say('chat.slice.unknown', params) : say('chat.slice.unknown_near', { ...params, near: nameText(near) }),
  };
}

function earlierRanges({ periods, now }: Turn, end: number, period: Period | undefined): TimeRange[] {
  const week = { from: end - WEEK_MS, to: end };
  const asked = period === undefined ? week : periods.resolve(period, now);
  // One look into each minute of it.
  const bounded = { from: Math.max(asked.from, asked.to - WEEK_MS), to: Math.min(asked.to, week.from) };
  return bounded.from < bounded.to ? [week, bounded] : [week];
}
