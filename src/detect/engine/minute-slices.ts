import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { kindOfGroup } from '../series/series-store.ts';
import type { DetectorState } from './state.ts';

/** Slices of a window: of a minute without transactions there are none; undefined where it does not say. */
export const slicesOf = ({ slices, state }: ClosedWindow): ClosedWindow['slices'] => slices ?? (state === 'zero' ? [] : undefined);

/** Transactions of a window; a breakdown by code counts them once more. */
export const totalOf = ({ cells }: ClosedWindow): number => cells.reduce((sum, { status, count }) => sum + (status === '' ? 0 : count), 0);

/** Says of a slice, by its dimensions, whether it lies in an acquirer or merchant with an open anomaly: what it shows now is not
 *  usual. */
export function frozenSlices({ store, anomalies }: Pick<DetectorState, 'store' | 'anomalies'>): (dimensions: readonly string[]) => boolean {
  const open = new Set(
    anomalies.open.map(({ scope }) => `${kindOfGroup(store, scope) === 'merchant' ? 'm' : 'a'}=${store.ids[scope] ?? ''}`),
  );
  return open.size === 0 ? () => false : (dimensions) => dimensions.some((dimension) => open.has(dimension));
}
