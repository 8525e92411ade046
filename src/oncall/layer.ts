import type { OnCallLayer } from '@transaction-guardian/contracts/oncall.ts';
import { dayOf, instantOf, minutesOf, weekdayOf } from '../check/local-day.ts';
import type { WallClock } from '../check/time-zone.ts';

/** The clocks and the holidays of a place. */
export interface LocalCalendar {
  readonly wall: WallClock;
  /** Local time of an instant, as if it were UTC milliseconds. */
  readonly local: (utcMs: number) => number;
  /** Local dates, `2026-12-25`. */
  readonly holidays: ReadonlySet<string>;
}

/** Who a layer names when. Pure; times are epoch milliseconds. */
export interface LayerTurns {
  /** Id of the person; null where the layer does not count. */
  at(time: number): string | null;
  /** The next time after this one at which somebody else may be named. */
  boundaryAfter(time: number): number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Length of a turn by the clocks, milliseconds. */
export function turnMs(every: string): number {
  if (every === 'daily') return DAY_MS;
  if (every === 'weekly') return 7 * DAY_MS;
  const n = Number.parseInt(every, 10);
  return every.endsWith('h') ? n * HOUR_MS : every.endsWith('d') ? n * DAY_MS : n * 7 * DAY_MS;
}

/** Works a layer out. Turns follow the clocks on the wall: a turn over a clock change is an hour longer or shorter. */
export function createLayerTurns(layer: OnCallLayer, place: LocalCalendar): LayerTurns {
  const { wall, local } = place;
  const first = dayOf(layer.starts) + minutesOf(layer.hand_over) * MINUTE_MS;
  const step = turnMs(layer.every);
  const handOver = (turn: number): number => instantOf(wall, first + turn * step);
  /** Number of the turn at a time; below 0 before the first. */
  const turnAt = (time: number): number => {
    let turn = Math.floor((local(time) - first) / step);
    while (handOver(turn + 1) <= time) turn += 1;
    while (handOver(turn) > time) turn -= 1;
    return turn;
  };
  const window = createWindow(layer, place);
  return {
    at(time) {
      const turn = turnAt(time);
      return turn < 0 || !window.isIn(time) ? null : (layer.people[turn % layer.people.length] ?? null);
    },
    boundaryAfter: (time) => Math.min(handOver(Math.max(0, turnAt(time) + 1)), window.edgeAfter(time)),
  };
}

interface Window {
  isIn(time: number): boolean;
  edgeAfter(time: number): number;
}

/** The times of day and the days on which a layer counts. A time over midnight belongs to the day on which it begins. */
function createWindow({ from, until, days, holidays }: OnCallLayer, { wall, local, holidays: dates }: LocalCalendar): Window {
  const hasTimes = from !== undefined && until !== undefined;
  if (!hasTimes && days === undefined && holidays === 'yes') return { isIn: () => true, edgeAfter: () => Number.POSITIVE_INFINITY };
  const [start, end] = hasTimes ? [minutesOf(from) * MINUTE_MS, minutesOf(until) * MINUTE_MS] : [0, 0];
  const length = end <= start ? end + DAY_MS : end;
  const edges = (day: number): readonly [number, number] => [instantOf(wall, day + start), instantOf(wall, day + length)];
  const dayAt = (time: number): number => Math.floor(local(time) / DAY_MS) * DAY_MS;
  const counts = (day: number): boolean => {
    if (days !== undefined && !days.includes(weekdayOf(day))) return false;
    return holidays === 'yes' || dates.has(new Date(day).toISOString().slice(0, 10)) === (holidays === 'only');
  };
  return {
    isIn(time) {
      const today = dayAt(time);
      return [today - DAY_MS, today].some((day) => {
        const [begins, ends] = edges(day);
        return counts(day) && begins <= time && time < ends;
      });
    },
    edgeAfter(time) {
      const today = dayAt(time);
      return Math.min(...[-1, 0, 1, 2].flatMap((n) => edges(today + n * DAY_MS)).filter((edge) => edge > time));
    },
  };
}
