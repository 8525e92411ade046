/** One figure of the scorecard. `id` is stable; `goal` and `best` (the best known elsewhere) may be absent. */
export interface Figure {
  readonly id: string;
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  readonly goal?: number;
  readonly best?: string;
  /** Facts that explain the figure. */
  readonly note?: string;
}

/** A block of the scorecard: what it is, its figures, and tables with what stands behind them (first row is the head). */
export interface Section {
  readonly title: string;
  readonly about: string;
  readonly figures: readonly Figure[];
  readonly tables?: readonly { readonly title: string; readonly rows: readonly (readonly string[])[] }[];
}

export interface SectionOptions {
  /** Folder of the data sets; null when there is none. */
  readonly data: string | null;
  /** About ten times the work, for narrower bounds. */
  readonly full: boolean;
}

/** Makes one block of the scorecard, or null when its data are not there. */
export type MakeSection = (options: SectionOptions) => Promise<Section | null>;

/** Whether a figure reaches its goal; a figure without a goal does. */
export function isReached({ value, better, goal }: Figure): boolean {
  if (goal === undefined) return true;
  return better === 'higher' ? value >= goal : value <= goal;
}

/** A number with at most four significant digits, thousands apart; "-" when there is none. */
export function show(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const digits = Math.max(0, 4 - Math.ceil(Math.log10(Math.abs(value) || 1)));
  return value.toLocaleString('en', { maximumFractionDigits: Math.min(digits, 6) });
}

/** A share in percent. */
export const percent = (share: number): string => `${show(100 * share)} %`;
