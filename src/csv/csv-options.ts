import type { PlaceTime } from '../check/place-time.ts';
import type { LayoutOptions } from './csv-layout.ts';

export interface CsvOptions extends LayoutOptions {
  /** Day (YYYY-MM-DD) of a file whose time column has hours only. */
  readonly date?: string;
  /** Takes a day without a time of day as its midnight (default: such a time is wrong). */
  readonly takesDays?: boolean;
  /** Distinguishes the passes of repeated local times; without it rows keep their times as they are. */
  readonly times?: PlaceTime;
  /** Part of the ids of rows. */
  readonly source: string;
  readonly maxLineBytes: number;
  /** False leaves rows without an id as they are (default true). */
  readonly ids?: boolean;
  /** Rows that are held back at most while a number or a date can be read in two ways: what follows may tell (default 2000). */
  readonly maxHeld?: number;
}
