import type { EscalationStep } from '@transaction-guardian/contracts/escalation.ts';
import { instantOf, minutesOf } from '../check/local-day.ts';
import type { LocalCalendar } from './layer.ts';

/** A time in which an escalation stands still: an acknowledgement, a snooze, a silence. `until` null: it goes on. Epoch
 *  milliseconds. */
export interface Pause {
  readonly from: number;
  readonly until: number | null;
}

/** Times of day in which what can wait waits, minutes since midnight; `until` at or before `from` is on the next day. */
export interface QuietHours {
  readonly fromMinutes: number;
  readonly untilMinutes: number;
  readonly place: Pick<LocalCalendar, 'wall' | 'local'>;
}

export interface EscalationInput {
  readonly steps: readonly EscalationStep[];
  /** When the alert began, epoch milliseconds, wall clock. */
  readonly startedAt: number;
  readonly pauses: readonly Pause[];
  /** Null: it cannot wait. */
  readonly quiet: QuietHours | null;
}

/** A step and the time at which it is due, epoch milliseconds; null: not while the pause goes on. */
export interface PlannedStep {
  readonly step: number;
  readonly at: number | null;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** When each step of an escalation is due, in order. Pauses stop its clock; a step that falls into quiet hours is due at their end;
 *  none is due in a pause. Pure: the same acknowledgements, the same plan. */
export function planEscalation({ steps, startedAt, pauses, quiet }: EscalationInput): PlannedStep[] {
  const stretches = mergePauses(pauses);
  return steps.map(({ after_minutes }, step) => {
    const reached = running(stretches, startedAt, after_minutes * MINUTE_MS);
    return { step, at: reached === null ? null : awake(stretches, quiet, reached) };
  });
}

/** The time at which the clock, which stands in pauses, has run for so long. */
function running(pauses: readonly Pause[], startedAt: number, length: number): number | null {
  let [time, left] = [startedAt, length];
  for (const { from, until } of pauses) {
    if (until !== null && until <= time) continue;
    if (time + left < from) return time + left;
    left -= Math.max(0, from - time);
    if (until === null) return null;
    time = until;
  }
  return time + left;
}

/** The first time from this one on that is in no pause and not quiet. */
function awake(pauses: readonly Pause[], quiet: QuietHours | null, from: number): number | null {
  let time = from;
  for (;;) {
    const loud = quiet === null ? time : afterQuiet(quiet, time);
    const pause = pauses.find((one) => one.from <= loud && (one.until === null || loud < one.until));
    if (pause === undefined) return loud;
    if (pause.until === null) return null;
    time = pause.until;
  }
}

/** The end of the quiet hours around a time; the time itself when it is in none. */
export function afterQuiet({ fromMinutes, untilMinutes, place }: QuietHours, time: number): number {
  const today = Math.floor(place.local(time) / DAY_MS) * DAY_MS;
  const length = untilMinutes <= fromMinutes ? untilMinutes + 1440 : untilMinutes;
  for (const day of [today - DAY_MS, today]) {
    const [begins, ends] = [fromMinutes, length].map((minutes) => instantOf(place.wall, day + minutes * MINUTE_MS));
    if (begins !== undefined && ends !== undefined && begins <= time && time < ends) return ends;
  }
  return time;
}

/** Quiet hours of two times of day in a place; null without them. */
export function quietHoursOf(from: string | undefined, until: string | undefined, place: QuietHours['place']): QuietHours | null {
  return from === undefined || until === undefined ? null : { fromMinutes: minutesOf(from), untilMinutes: minutesOf(until), place };
}

/** The same times without overlaps, in order. */
function mergePauses(pauses: readonly Pause[]): Pause[] {
  const merged: Pause[] = [];
  for (const pause of pauses.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last === undefined || (last.until !== null && last.until < pause.from)) merged.push(pause);
    else if (last.until !== null) {
      const until = pause.until === null ? null : Math.max(last.until, pause.until);
      merged[merged.length - 1] = { from: last.from, until };
    }
  }
  return merged;
}
