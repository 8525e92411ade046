import type { Status } from '@transaction-guardian/contracts/status.ts';
import type { MinutePoint } from '../live/model.ts';

/** What the legend can switch off. */
export type Layer = Status | 'band' | 'forecast';

/** The points without what is switched off. The band is that of the total: beside a part of it, it would say something wrong,
 *  so it goes with the first status that is switched off. Pure. */
export function visiblePoints(points: readonly MinutePoint[], hidden: ReadonlySet<Layer>): readonly MinutePoint[] {
  if (hidden.size === 0) return points;
  const statuses = [...hidden].filter((layer): layer is Status => layer !== 'band' && layer !== 'forecast');
  const isBandOff = statuses.length > 0 || hidden.has('band');
  return points.map((point) => {
    const gone = statuses.reduce((sum, status) => sum + (point.by_status[status] ?? 0), 0);
    const kept = Object.entries(point.by_status).filter(([status]) => !statuses.some((one) => one === status));
    const band = isBandOff ? { expected: null, expected_low: null, expected_high: null } : {};
    return { ...point, ...band, total: point.total - gone, by_status: Object.fromEntries(kept) };
  });
}
