import type { Status } from '@transaction-guardian/contracts/status.ts';

/** Stylesheet property of each status, from the bottom of the stack to its top: problems stand on the zero line, where
 *  a change of a few a minute can be seen, and the bulk of the approved lies above. */
export const STATUS_COLOUR: Readonly<Record<Status, string>> = {
  failed: '--status-failed',
  denied: '--status-denied',
  reversed: '--status-reversed',
  backend_reversed: '--status-backend-reversed',
  refunded: '--status-refunded',
  processing: '--status-processing',
  approved: '--status-approved',
};

export const STACK_ORDER = Object.keys(STATUS_COLOUR) as readonly Status[];

/** Colour of what has no status: a breakdown by auth code does not say one. */
export const OTHER_COLOUR = '--accent';

/** Statuses that are present in any of the points, in the order of the stack. */
export function presentStatuses(points: readonly { readonly by_status: Readonly<Record<string, number>> }[]): readonly Status[] {
  return STACK_ORDER.filter((status) => points.some((point) => (point.by_status[status] ?? 0) > 0));
}
