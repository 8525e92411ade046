import type { SeriesMetric } from '../metric/series.ts';
import type { Turn } from '../turn.ts';
import { numberText } from './figures.ts';

/** A value without its unit. */
export const bare = ({ locale }: Turn, metric: SeriesMetric, value: number): string =>
  numberText(locale, value, metric === 'rate' || (value < 100 && !Number.isInteger(value)) ? 1 : 0);
/** A value with its unit: a minute, or percent. */
export const figure = (turn: Turn, metric: SeriesMetric, value: number): string =>
  `${bare(turn, metric, value)}${metric === 'rate' ? '%' : '/min'}`;
