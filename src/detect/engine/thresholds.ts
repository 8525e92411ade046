import { SETTINGS } from '../series/settings.ts';
import type { DetectorState } from './state.ts';

/** Evidence (nats) that opens an anomaly, by kind of group: online control of false discoveries. The expected number of
 *  wrong openings a day stays below the budget times the recent discoveries (at least one, at most five). */
export function thresholdsOf(state: DetectorState): Float64Array {
  const { store, anomalies } = state;
  const codes = store.index.auth_code.size;
  const threshold = (series: number, perDay: number, kind: number) =>
    Math.log(
      (Math.max(1, series) * 1440) / (perDay * Math.min(5, Math.max(1, store.parts.discoveries ? (anomalies.discoveries[kind] ?? 0) : 0))),
    );
  const { falsePerDay } = SETTINGS;
  const merchants = store.index.merchant.size;
  const fleet = threshold(8 + codes, falsePerDay.fleet, 0);
  return Float64Array.of(
    fleet,
    threshold(store.index.acquirer.size * 6, falsePerDay.acquirer, 1),
    threshold(merchants * 6, Math.min(falsePerDay.merchants, SETTINGS.falsePerMerchantDay * Math.max(1, merchants)), 2),
    fleet,
  );
}
