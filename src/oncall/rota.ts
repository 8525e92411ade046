import type { OnCallSchedule } from '@transaction-guardian/contracts/oncall.ts';
import { createWallClock, localTimeIn } from '../check/time-zone.ts';
import { createLayerTurns, type LayerTurns, type LocalCalendar } from './layer.ts';

/** Somebody in the place of whom the layers name, from `startsAt` to before `endsAt`, epoch milliseconds. */
export interface Change {
  readonly id: string;
  readonly person: string;
  readonly startsAt: number;
  readonly endsAt: number;
}

/** Who is on call at a time: a person's id or null, and the change that puts this person there. */
export interface OnDuty {
  readonly person: string | null;
  readonly changeId: string | null;
}

/** A stretch of time with one person, or with nobody. */
export interface Shift {
  readonly person: string | null;
  readonly startsAt: number;
  readonly endsAt: number;
}

/** What is known of a time: until when it stays so, and who comes next. */
export interface DutyNow extends OnDuty {
  /** When somebody else or nobody takes over; null: not within the horizon. */
  readonly until: number | null;
  /** The next person who is not this one; null: nobody within the horizon. */
  readonly next: { readonly person: string; readonly at: number } | null;
}

/** A schedule with its changes. Pure; times are epoch milliseconds. */
export interface Rota {
  at(time: number): OnDuty;
  now(time: number): DutyNow;
  /** Shifts that touch this time, in order and without gaps, cut to it; those without anybody included. */
  between(from: number, until: number): Shift[];
}

/** How far a rota looks ahead. */
const HORIZON_MS = 400 * 86_400_000;

/** The clocks and holidays of a schedule. Throws RangeError for an unknown zone. */
export function placeOf(timeZone: string, holidays: ReadonlySet<string>): LocalCalendar {
  return { wall: createWallClock(timeZone), local: localTimeIn(timeZone), holidays };
}

/** The layers of a schedule, worked out once for all changes. */
export function layersOf({ layers }: OnCallSchedule, place: LocalCalendar): readonly LayerTurns[] {
  return layers.map((layer) => createLayerTurns(layer, place));
}

/** Puts layers and changes together: the newest change that counts wins, then the last layer that does. `changes`: oldest first. */
export function createRota(layers: readonly LayerTurns[], changes: readonly Change[]): Rota {
  const at = (time: number): OnDuty => {
    const change = changes.findLast(({ startsAt, endsAt }) => startsAt <= time && time < endsAt);
    if (change !== undefined) return { person: change.person, changeId: change.id };
    for (const layer of layers.toReversed()) {
      const person = layer.at(time);
      if (person !== null) return { person, changeId: null };
    }
    return { person: null, changeId: null };
  };
  const boundaryAfter = (time: number): number =>
    Math.min(
      ...layers.map((layer) => layer.boundaryAfter(time)),
      ...changes.flatMap(({ startsAt, endsAt }) => [startsAt, endsAt]).filter((edge) => edge > time),
    );
  /** The first time after this one at which `isIt` holds; null: not within the horizon. */
  const firstAfter = (time: number, isIt: (person: string | null) => boolean): number | null => {
    for (let next = boundaryAfter(time); next <= time + HORIZON_MS; next = boundaryAfter(next)) if (isIt(at(next).person)) return next;
    return null;
  };
  return {
    at,
    now(time) {
      const duty = at(time);
      const nextAt = firstAfter(time, (person) => person !== null && person !== duty.person);
      const person = nextAt === null ? null : at(nextAt).person;
      return {
        ...duty,
        until: firstAfter(time, (other) => other !== duty.person),
        next: nextAt === null || person === null ? null : { person, at: nextAt },
      };
    },
    between(from, until) {
      const shifts: Shift[] = [];
      for (let time = from; time < until;) {
        const next = Math.min(boundaryAfter(time), until);
        const { person } = at(time);
        const last = shifts.at(-1);
        if (last?.person === person) shifts[shifts.length - 1] = { ...last, endsAt: next };
        else shifts.push({ person, startsAt: time, endsAt: next });
        time = next;
      }
      return shifts;
    },
  };
}
