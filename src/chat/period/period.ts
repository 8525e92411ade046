/** Parts of a day, local time. `night` goes on until the next morning. */
export const DAY_PARTS = ['dawn', 'morning', 'afternoon', 'evening', 'night'] as const;
export type DayPart = (typeof DAY_PARTS)[number];

export const PERIOD_UNITS = ['minute', 'hour', 'day', 'week'] as const;
export type PeriodUnit = (typeof PERIOD_UNITS)[number];

/** A period as it was said. `back`: days before today; `from`, `to`, `at`: minutes of the day, local time. */
export type Period =
  | { readonly kind: 'last'; readonly amount: number; readonly unit: PeriodUnit }
  | { readonly kind: 'day'; readonly back: number }
  | { readonly kind: 'week'; readonly back: number }
  | { readonly kind: 'part'; readonly part: DayPart; readonly back: number }
  | { readonly kind: 'since'; readonly at: number; readonly back: number | null }
  | { readonly kind: 'between'; readonly from: number; readonly to: number; readonly back: number | null }
  /** `isPast`: not today, "segunda passada". */
  | { readonly kind: 'weekday'; readonly weekday: number; readonly isPast?: boolean }
  /** `month` null: the newest such day of a month, "dia 28". */
  | { readonly kind: 'date'; readonly day: number; readonly month: number | null; readonly year: number | null }
  /** "desde ontem": from where another period begins until now. */
  | { readonly kind: 'from'; readonly of: Period };

/** From `from` up to `to`, epoch milliseconds. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** Longest period that is answered, days: what counts are kept for is a setting, what anybody reads in a chat is less. */
export const MAX_PERIOD_DAYS = 400;
