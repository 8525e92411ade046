import type { NodeKind, Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import { PRIORITIES, type Priority } from '@transaction-guardian/contracts/incident-state.ts';

/** What a proposal looks at. The severity already weighs the loss and the share of the traffic. */
export interface PriorityFacts {
  readonly severity: Severity;
  /** null: the anomaly is past its retention. */
  readonly node: NodeKind | null;
}

/** Parts of the traffic that several merchants share. */
const WIDE: ReadonlySet<NodeKind | null> = new Set(['fleet', 'status', 'auth_code']);

/** Priority that the alerts of an incident propose. P1: critical for the whole company, or critical in two places at once. P2: one
 *  critical acquirer or merchant. P3: warnings, and what was reported without an alert. P4: information. */
export function proposePriority(alerts: readonly PriorityFacts[]): Priority {
  if (alerts.length === 0) return 'P3';
  const critical = alerts.filter(({ severity }) => severity === 'critical');
  if (critical.some(({ node }) => WIDE.has(node)) || critical.length > 1) return 'P1';
  if (critical.length === 1) return 'P2';
  return alerts.some(({ severity }) => severity === 'warning') ? 'P3' : 'P4';
}

/** The more urgent of two. */
export const moreUrgent = (a: Priority, b: Priority): Priority => (PRIORITIES.indexOf(a) <= PRIORITIES.indexOf(b) ? a : b);
