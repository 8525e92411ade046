import { createZoneOffset } from '../check/zone-offset.ts';
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const SLOT_MINUTES = 5;
const SLOTS = 288;

/** Kinds of business by when they sell. */
export const BUSINESS_PROFILES = ['retail', 'food', 'online', 'fuel'] as const;
export type BusinessProfile = (typeof BUSINESS_PROFILES)[number];

interface Hill {
  /** Local hour of the top, and width in hours. */
  readonly at: number;
  readonly width: number;
  readonly height: number;
}
interface Shape {
  readonly floor: number;
  readonly hills: readonly Hill[];
  /** Factor of the whole day, Sunday to Saturday. */
  readonly days: readonly number[];
}

const SHAPES: Readonly<Record<BusinessProfile, Shape>> = {
  retail: {
    floor: 0.03,
    hills: [
      { at: 12, width: 2.6, height: 1 },
      { at: 17.5, width: 2.4, height: 1.2 },
    ],
    days: [0.55, 0.9, 0.92, 0.95, 1, 1.2, 1.3],
  },
  food: {
    floor: 0.04,
    hills: [
      { at: 12.5, width: 1.3, height: 1.5 },
      { at: 20, width: 1.7, height: 1.7 },
    ],
    days: [1.15, 0.8, 0.85, 0.9, 1, 1.25, 1.3],
  },
  online: {
    floor: 0.22,
    hills: [
      { at: 13, width: 4, height: 0.6 },
      { at: 21, width: 2.4, height: 1 },
    ],
    days: [0.95, 1.05, 1.05, 1, 1, 0.95, 0.9],
  },
  fuel: {
    floor: 0.2,
    hills: [
      { at: 7.5, width: 1.6, height: 0.9 },
      { at: 18, width: 1.9, height: 1.1 },
    ],
    days: [0.8, 1, 1, 1, 1.05, 1.15, 1.05],
  },
};

function slotTable(shape: Shape): Float64Array {
  const table = new Float64Array(SLOTS);
  let sum = 0;
  for (let slot = 0; slot < SLOTS; slot++) {
    const hour = slot / (60 / SLOT_MINUTES);
    let value = shape.floor;
    for (const hill of shape.hills) {
      const away = Math.min(Math.abs(hour - hill.at), 24 - Math.abs(hour - hill.at));
      value += hill.height * Math.exp(-0.5 * (away / hill.width) ** 2);
    }
    table[slot] = value;
    sum += value;
  }
  return table.map((value) => (value * SLOTS) / sum);
}

/** How busy each kind of business is in one minute. */
export interface Curve {
  /** Factor of the mean rate at an instant (epoch milliseconds); its mean over an ordinary week is 1. */
  factor(profile: BusinessProfile, timeMs: number): number;
}

/** Daily and weekly curves in local time of an IANA zone, over clock changes too. `holidays`: local dates (`YYYY-MM-DD`) that
 *  are lived like Sundays. Throws RangeError for an unknown zone. */
export function createCurve(timeZone: string, holidays: readonly string[] = []): Curve {
  const zoneOffset = createZoneOffset(timeZone);
  const offsets = new Map<number, number>();
  const tables = new Map(BUSINESS_PROFILES.map((profile) => [profile, slotTable(SHAPES[profile])]));
  const scales = new Map(BUSINESS_PROFILES.map((profile) => [profile, 7 / SHAPES[profile].days.reduce((sum, day) => sum + day, 0)]));
  const sundays = new Set(holidays.map((date) => Date.parse(`${date}T00:00Z`) / DAY_MS));
  const offsetAt = (timeMs: number): number => {
    const hour = Math.floor(timeMs / HOUR_MS);
    let offset = offsets.get(hour);
    if (offset === undefined) {
      offset = zoneOffset(hour * HOUR_MS);
      if (offsets.size > 50_000) offsets.clear();
      offsets.set(hour, offset);
    }
    return offset;
  };
  return {
    factor: (profile, timeMs) => {
      const local = timeMs + offsetAt(timeMs);
      const day = Math.floor(local / DAY_MS);
      const position = (local - day * DAY_MS) / (SLOT_MINUTES * 60_000);
      const slot = Math.floor(position);
      const table = tables.get(profile) ?? new Float64Array(SLOTS);
      const here = table[slot] ?? 0;
      const there = table[(slot + 1) % SLOTS] ?? 0;
      const weekday = sundays.has(day) ? 0 : (((day + 4) % 7) + 7) % 7;
      return (here + (there - here) * (position - slot)) * (SHAPES[profile].days[weekday] ?? 1) * (scales.get(profile) ?? 1);
    },
  };
}
