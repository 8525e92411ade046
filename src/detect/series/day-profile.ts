const DAY_MS = 86_400_000;
const WEEK_DAYS = 7;
const SLOT_MS = 300_000;
/** Days that the profile of a slot remembers, and days that its usual excursions do. */
const MEMORY_DAYS = 7;
const EXCURSION_DAYS = 3;
/** From the third day on, a day moves its slot by at most this many deviations and usual swings of the series. */
const MOST_DEVIATIONS = 5;
const MOST_SWINGS = 3;
const WEEK_GAIN = 0.5;

/** What is known of a time of day. `mean` and `week` (the same time of the same weekday) are NaN before they were seen. */
export interface Slot {
  days: number;
  mean: number;
  deviation: number;
  weeks: number;
  week: number;
  /** Usual largest error upwards (>= 0) and downwards (<= 0), here or in the slots beside it: jobs that run every day. */
  rise: number;
  fall: number;
}

/** A slot of which nothing is known. */
export const UNKNOWN_SLOT: Readonly<Slot> = { days: 0, mean: Number.NaN, deviation: 0, weeks: 0, week: Number.NaN, rise: 0, fall: 0 };

export interface DayProfile {
  /** The slot of a time; what was learnt in the slot before is filed when a time enters another one. The object is reused. */
  enter(timeMs: number): Readonly<Slot>;
  /** Takes in a value of the slot that was entered last, with its error. `scale`, `swing`: usual sizes of errors and of the
   *  whole movement of the series. */
  learn(value: number, error: number, scale: number, swing: number): void;
}

/** Daily and weekly shape of a series (days of UTC), in slots of five minutes or of the cadence when that is longer. */
export function createDayProfile(cadenceMs: number): DayProfile {
  const slots = Math.max(1, Math.round(DAY_MS / Math.max(cadenceMs, SLOT_MS)));
  const [means, deviations, rises, falls] = Array.from({ length: 4 }, () => new Float64Array(slots)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const weekMeans = new Float64Array(WEEK_DAYS * slots);
  const days = new Uint16Array(slots);
  const weeks = new Uint16Array(WEEK_DAYS * slots);
  const slot: Slot = { ...UNKNOWN_SLOT };
  const visit = createVisit();
  let at = -1;
  let weekAt = -1;

  function file(): void {
    if (at < 0 || visit.values === 0) return;
    const before = days[at] ?? 0;
    const mean = visit.sum / visit.values;
    const gain = Math.max(1 / MEMORY_DAYS, 1 / (before + 1));
    const most =
      before < 2 ? Number.POSITIVE_INFINITY : MOST_DEVIATIONS * Math.max(deviations[at] ?? 0, visit.scale) + MOST_SWINGS * visit.swing;
    means[at] = (means[at] ?? 0) + gain * Math.max(-most, Math.min(most, mean - (means[at] ?? 0)));
    deviations[at] = (deviations[at] ?? 0) + gain * (visit.deviation / visit.values - (deviations[at] ?? 0));
    const excursionGain = Math.max(1 / EXCURSION_DAYS, 1 / (before + 1));
    rises[at] = (rises[at] ?? 0) + excursionGain * (visit.rise - (rises[at] ?? 0));
    falls[at] = (falls[at] ?? 0) + excursionGain * (visit.fall - (falls[at] ?? 0));
    days[at] = Math.min(before + 1, 65_535);
    const known = weeks[weekAt] ?? 0;
    weekMeans[weekAt] = known === 0 ? mean : (weekMeans[weekAt] ?? 0) + WEEK_GAIN * (mean - (weekMeans[weekAt] ?? 0));
    weeks[weekAt] = Math.min(known + 1, 65_535);
    visit.clear();
  }

  function describe(): void {
    slot.days = days[at] ?? 0;
    slot.mean = slot.days > 0 ? (means[at] ?? 0) : Number.NaN;
    slot.deviation = deviations[at] ?? 0;
    slot.weeks = weeks[weekAt] ?? 0;
    slot.week = slot.weeks > 0 ? (weekMeans[weekAt] ?? 0) : Number.NaN;
    const [before, after] = [(at + slots - 1) % slots, (at + 1) % slots];
    slot.rise = Math.max(0, rises[before] ?? 0, rises[at] ?? 0, rises[after] ?? 0);
    slot.fall = Math.min(0, falls[before] ?? 0, falls[at] ?? 0, falls[after] ?? 0);
  }

  return {
    enter: (timeMs) => {
      const day = Math.floor(timeMs / DAY_MS);
      const entered = Math.min(slots - 1, Math.floor(((timeMs - day * DAY_MS) / DAY_MS) * slots));
      const weekday = ((day % WEEK_DAYS) + WEEK_DAYS) % WEEK_DAYS;
      if (entered !== at || weekday * slots + entered !== weekAt) {
        file();
        at = entered;
        weekAt = weekday * slots + entered;
        describe();
      }
      return slot;
    },
    learn: (value, error, scale, swing) => visit.add(value, error, scale, swing),
  };
}

/** Sums of the values of one visit of a slot. */
function createVisit() {
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
