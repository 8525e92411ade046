import type { Anomaly, Peak } from './anomaly.ts';

/** What says how bad an anomaly is: counts a minute, or shares of all transactions, of one minute with its band; or means a minute of the
 *  period that its first sentence names. */
export type ShownFigures =
  | { readonly of: 'minute'; readonly figures: Peak }
  | { readonly of: 'period'; readonly observed: number; readonly expected: number; readonly z: number };

/** The figures to show of a minute of an anomaly. Where the minute by itself is as expected, as one that has recovered already or one of
 *  several that were each a little low, its z-score is the evidence of the whole period, whose means belong beside it. Pure. */
export function measureOf({ reasons }: Pick<Anomaly, 'reasons'>, figures: Peak): ShownFigures {
  const { observed, expected, z } = reasons[0]?.params ?? {};
  const isUsual = figures.observed >= figures.expected_low && figures.observed <= figures.expected_high;
  if (!isUsual || typeof observed !== 'number' || typeof expected !== 'number' || typeof z !== 'number') return { of: 'minute', figures };
  return { of: 'period', observed, expected, z };
}
