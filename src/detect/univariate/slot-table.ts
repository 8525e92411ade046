/** Days that the profile of a slot remembers, and days that its usual excursions do. */
const MEMORY_DAYS = 7;
const EXCURSION_DAYS = 3;
/** From the third day on, a day moves its slot by at most this many deviations and usual swings of the series. */
const MOST_DEVIATIONS = 5;
const MOST_SWINGS = 3;
const WEEK_GAIN = 0.5;
const MOST_VISITS = 65_535;

/** What the values of one visit of a slot sum up to; `scale` and `swing` are usual sizes of errors and of all movement. */
export interface SlotVisit {
  readonly values: number;
  readonly sum: number;
  readonly deviation: number;
  readonly rise: number;
  readonly fall: number;
  readonly scale: number;
  readonly swing: number;
}

/** What is known of the slots of a day and of a week. */
export interface SlotTable {
  readonly means: Float64Array;
  readonly deviations: Float64Array;
  readonly rises: Float64Array;
  readonly falls: Float64Array;
  readonly days: Uint16Array;
  readonly weekMeans: Float64Array;
  readonly weeks: Uint16Array;
  /** Takes in a visit (of at least one value) of slot `at` of the day and `weekAt` of the week. */
  file(at: number, weekAt: number, visit: SlotVisit): void;
}

/** An empty table of `slots` a day. */
export function createSlotTable(slots: number, weekDays: number): SlotTable {
  const table = {
    means: new Float64Array(slots),
    deviations: new Float64Array(slots),
    rises: new Float64Array(slots),
    falls: new Float64Array(slots),
    days: new Uint16Array(slots),
    weekMeans: new Float64Array(weekDays * slots),
    weeks: new Uint16Array(weekDays * slots),
    file: (at: number, weekAt: number, visit: SlotVisit): void => {
      const before = table.days[at] ?? 0;
      const mean = visit.sum / visit.values;
      const gain = Math.max(1 / MEMORY_DAYS, 1 / (before + 1));
      const usual = MOST_DEVIATIONS * Math.max(table.deviations[at] ?? 0, visit.scale) + MOST_SWINGS * visit.swing;
      approach(table.means, at, mean, gain, before < 2 ? Number.POSITIVE_INFINITY : usual);
      approach(table.deviations, at, visit.deviation / visit.values, gain);
      approach(table.rises, at, visit.rise, Math.max(1 / EXCURSION_DAYS, 1 / (before + 1)));
      approach(table.falls, at, visit.fall, Math.max(1 / EXCURSION_DAYS, 1 / (before + 1)));
      table.days[at] = Math.min(before + 1, MOST_VISITS);
      const weeks = table.weeks[weekAt] ?? 0;
      approach(table.weekMeans, weekAt, mean, weeks === 0 ? 1 : WEEK_GAIN);
      table.weeks[weekAt] = Math.min(weeks + 1, MOST_VISITS);
    },
  };
  return table;
}

/** Moves an entry by a share of the way to a value, which counts at most `most` away. */
function approach(entries: Float64Array, at: number, value: number, gain: number, most = Number.POSITIVE_INFINITY): void {
  const entry = entries[at] ?? 0;
  entries[at] = entry + gain * Math.max(-most, Math.min(most, value - entry));
}
