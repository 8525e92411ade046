import { createSlotTable, type SlotTable, type SlotVisit } from './slot-table.ts';

const DAY_MS = 86_400_000;
const WEEK_DAYS = 7;
const SLOT_MS = 300_000;
/** Slots before and after one whose excursions count for it too: jobs start some minutes early or late. */
const REACH = 2;

/** What is known of a time of day. `mean` and `week` (the same time of the same weekday) are NaN before they were seen. */
export interface DaySlot {
  days: number;
  mean: number;
  deviation: number;
  weeks: number;
  week: number;
  /** Usual largest error upwards (>= 0) and downwards (<= 0), here or in the slots near it: jobs that run every day. */
  rise: number;
  fall: number;
}

/** A slot of which nothing is known. */
export const UNKNOWN_SLOT: Readonly<DaySlot> = { days: 0, mean: Number.NaN, deviation: 0, weeks: 0, week: Number.NaN, rise: 0, fall: 0 };

export interface DayProfile {
  /** The slot of a time; what was learnt in the slot before is filed when a time enters another one. The object is reused. */
  enter(timeMs: number): Readonly<DaySlot>;
  /** Takes in a value of the slot that was entered last, with its error. `scale`, `swing`: usual sizes of errors and of the
   *  whole movement of the series. */
  learn(value: number, error: number, scale: number, swing: number): void;
}

/** Daily and weekly shape of a series (days of UTC), in slots of five minutes or of the cadence when that is longer.
 *  Between the middles of two slots the shape is a straight line. */
export function createDayProfile(cadenceMs: number): DayProfile {
  const slots = Math.max(1, Math.round(DAY_MS / Math.max(cadenceMs, SLOT_MS)));
  const table = createSlotTable(slots, WEEK_DAYS);
  const slot: DaySlot = { ...UNKNOWN_SLOT };
  const visit = createVisit();
  // The values of a slot of several lie about its middle, a single one lies at its start.
  const middle = cadenceMs >= SLOT_MS ? 0 : 0.5 - (0.5 * cadenceMs) / SLOT_MS;
  let at = -1;
  let weekAt = -1;

  return {
    enter: (timeMs) => {
      const day = Math.floor(timeMs / DAY_MS);
      const position = ((timeMs - day * DAY_MS) / DAY_MS) * slots;
      const entered = Math.min(slots - 1, Math.floor(position));
      const weekEntered = (((day % WEEK_DAYS) + WEEK_DAYS) % WEEK_DAYS) * slots + entered;
      if (entered !== at || weekEntered !== weekAt) {
        if (visit.values > 0) table.file(at, weekAt, visit);
        visit.clear();
        [at, weekAt] = [entered, weekEntered];
        describe(slot, table, at, weekAt);
      }
      if (middle > 0) blend(slot, table, { at, weekAt, offset: position - at - middle });
      return slot;
    },
    learn: (value, error, scale, swing) => visit.add(value, error, scale, swing),
  };
}

function describe(slot: DaySlot, { means, deviations, rises, falls, days, weekMeans, weeks }: SlotTable, at: number, weekAt: number): void {
  slot.days = days[at] ?? 0;
  slot.mean = slot.days > 0 ? (means[at] ?? 0) : Number.NaN;
  slot.deviation = deviations[at] ?? 0;
  slot.weeks = weeks[weekAt] ?? 0;
  slot.week = slot.weeks > 0 ? (weekMeans[weekAt] ?? 0) : Number.NaN;
  slot.rise = slot.fall = 0;
  for (let offset = -REACH; offset <= REACH; offset++) {
    const near = (at + offset + days.length) % days.length;
    slot.rise = Math.max(slot.rise, rises[near] ?? 0);
    slot.fall = Math.min(slot.fall, falls[near] ?? 0);
  }
}

/** Moves the means of a slot towards those of the slot beside it. `offset`: slots from the middle of the slot. */
function blend(slot: DaySlot, table: SlotTable, place: { readonly at: number; readonly weekAt: number; readonly offset: number }): void {
  const { means, days, weekMeans, weeks } = table;
  const beside = (index: number, length: number): number => (index + Math.sign(place.offset) + length) % length;
  const share = Math.abs(place.offset);
  const [day, week] = [beside(place.at, means.length), beside(place.weekAt, weekMeans.length)];
  if (slot.days > 0 && (days[day] ?? 0) > 0) slot.mean = (1 - share) * (means[place.at] ?? 0) + share * (means[day] ?? 0);
  if (slot.weeks > 0 && (weeks[week] ?? 0) > 0) slot.week = (1 - share) * (weekMeans[place.weekAt] ?? 0) + share * (weekMeans[week] ?? 0);
}

/** Sums of the values of one visit of a slot. */
function createVisit(): SlotVisit & { add(value: number, error: number, scale: number, swing: number): void; clear(): void } {
  const visit = {
    values: 0,
    sum: 0,
    deviation: 0,
    rise: 0,
    fall: 0,
    scale: 0,
    swing: 0,
    add: (value: number, error: number, scale: number, swing: number): void => {
      visit.values++;
      visit.sum += value;
      visit.deviation += Math.min(Math.abs(error), 5 * scale) * 1.2533;
      visit.rise = Math.max(visit.rise, error);
      visit.fall = Math.min(visit.fall, error);
      visit.scale = scale;
      visit.swing = swing;
    },
    clear: (): void => {
      visit.values = visit.sum = visit.deviation = visit.rise = visit.fall = 0;
    },
  };
  return visit;
}
