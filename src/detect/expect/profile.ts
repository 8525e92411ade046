import { DAY_TYPES, SLOTS, type LocalSlot } from '../series/local-time.ts';
import { at } from '../series/series-store.ts';

/** What one visit of a slot keeps of the earlier ones: memory of about ten days of the same type. */
const KEEP = 0.9;
/** Transactions whose noise is worth as much doubt as knowing nothing. */
const UNCERTAINTY = 50;
/** Neighbouring slots on each side that smooth a slot. */
const REACH = 4;
/** Slots that wait before they are learnt, so that the slots around "now" all come from earlier days. */
const WAIT = 24;
const POOLED = DAY_TYPES.length;
const WEEKEND = DAY_TYPES.indexOf('weekend');
const HOLIDAY = DAY_TYPES.indexOf('holiday');
/** Trust in the curve of weekends on a holiday whose own curve is not known. */
const BORROWED = 0.5;

/** Seasonal shape of the fleet: counts and minutes by slot and day type, then pooled over the types; and the slots that
 *  wait (counts, minutes, cell) by slot number modulo `WAIT`. */
export interface SeasonalProfile {
  readonly counts: Float64Array;
  readonly minutes: Float64Array;
  readonly waiting: Float64Array;
}

export function createProfile(): SeasonalProfile {
  const cells = (DAY_TYPES.length + 1) * SLOTS;
  return { counts: new Float64Array(cells), minutes: new Float64Array(cells), waiting: new Float64Array(WAIT * 3) };
}

/** Learns one minute of the total. Minutes come in order. */
export function learnSlot(profile: SeasonalProfile, where: LocalSlot, count: number): void {
  const cell = where.dayType * SLOTS + where.slot;
  const entry = (where.slot % WAIT) * 3;
  const waiting = profile.waiting;
  if (at(waiting, entry + 1) > 0 && at(waiting, entry + 2) !== cell) {
    commit(profile, at(waiting, entry + 2), at(waiting, entry), at(waiting, entry + 1));
    waiting.fill(0, entry, entry + 2);
  }
  waiting[entry] = at(waiting, entry) + count;
  waiting[entry + 1] = at(waiting, entry + 1) + 1;
  waiting[entry + 2] = cell;
}

function commit(profile: SeasonalProfile, cell: number, count: number, minutes: number): void {
  for (const target of [cell, POOLED * SLOTS + (cell % SLOTS)]) {
    profile.counts[target] = at(profile.counts, target) * KEEP + count;
    profile.minutes[target] = at(profile.minutes, target) * KEEP + minutes;
  }
}

/** Expected change of the log rate from one slot to another; how far to trust it, 0..1; and how far the curve of this very
 *  type of day is known, 0..1. */
export interface ProfileChange {
  readonly change: number;
  readonly trust: number;
  readonly known: number;
}

/** Reads the profile. Across a change of the day type the two curves are compared as they are. What is not known of a
 *  holiday is taken from the weekends, with doubt. */
export function profileChange(profile: SeasonalProfile, from: LocalSlot, to: LocalSlot): ProfileChange {
  const own = compare(profile, from.dayType, from.slot, to.dayType, to.slot);
  const known = own.trust;
  const isHoliday = from.dayType === HOLIDAY || to.dayType === HOLIDAY;
  const rest = isHoliday ? borrowed(profile, from, to) : compare(profile, POOLED, from.slot, POOLED, to.slot);
  return { change: known * own.change + (1 - known) * rest.change, trust: known + (1 - known) * rest.trust, known };
}

/** Change of the log rate between two cells of the profile. */
interface Change {
  readonly change: number;
  readonly trust: number;
}

function compare(profile: SeasonalProfile, typeBefore: number, slotBefore: number, type: number, slot: number): Change {
  const before = smoothed(profile, typeBefore, slotBefore);
  const after = smoothed(profile, type, slot);
  return { change: logRatio(after.rate, before.rate), trust: trust(after.count, before.count) };
}

function borrowed(profile: SeasonalProfile, from: LocalSlot, to: LocalSlot): Change {
  const lender = (type: number): number => (type === HOLIDAY ? WEEKEND : type);
  const weekend = compare(profile, lender(from.dayType), from.slot, lender(to.dayType), to.slot);
  const pooled = compare(profile, POOLED, from.slot, POOLED, to.slot);
  const known = weekend.trust;
  return {
    change: known * weekend.change + (1 - known) * pooled.change,
    trust: BORROWED * (known + (1 - known) * pooled.trust),
  };
}

/** Days (fading) that taught a slot of this very type of day; 0.5 for none. */
export const daysKnown = (profile: SeasonalProfile, { dayType, slot }: LocalSlot): number =>
  0.5 + at(profile.minutes, dayType * SLOTS + slot) / 5;

const logRatio = (after: number, before: number): number => (after > 0 && before > 0 ? Math.log(after / before) : 0);

const trust = (a: number, b: number): number => {
  const least = Math.min(a, b);
  return least / (least + UNCERTAINTY);
};

/** Triangular mean over the neighbouring slots; the rate is 0 where the slot itself was never seen. */
function smoothed(profile: SeasonalProfile, type: number, slot: number): { rate: number; count: number } {
  const first = type * SLOTS;
  if (at(profile.minutes, first + slot) < 4) return { rate: 0, count: 0 };
  let counts = 0;
  let minutes = 0;
  for (let step = -REACH; step <= REACH; step++) {
    const weight = REACH + 1 - Math.abs(step);
    const cell = first + ((slot + step + SLOTS) % SLOTS);
    counts += weight * at(profile.counts, cell);
    minutes += weight * at(profile.minutes, cell);
  }
  return { rate: counts / minutes, count: counts / (REACH + 1) };
}
