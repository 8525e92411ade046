import type { AlertState, PersonName } from '@transaction-guardian/contracts/alert-state.ts';
import { SEVERITIES, type Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import { matchesAll, type Labels, type Matcher } from '../../match/matcher.ts';

/** An acknowledgement or a snooze in force. Times are epoch milliseconds, wall clock. */
export interface AlertResponse {
  readonly id: number;
  readonly kind: 'acknowledge' | 'snooze';
  readonly anomalyId: string;
  /** How bad it was when somebody responded. */
  readonly severity: Severity;
  readonly by: PersonName;
  readonly at: number;
  /** Null: without a timeout. */
  readonly until: number | null;
}

/** A silence that is in force now. */
export interface ActiveSilence {
  readonly id: string;
  readonly matchers: readonly Matcher[];
  /** The worst severity that it hides. */
  readonly maxSeverity: Severity;
}

/** What decides on an alert. */
export interface HoldableAlert {
  readonly anomalyId: string;
  readonly severity: Severity;
  readonly labels: Labels;
}

/** What keeps an alert from notifying people. `responses` and `silences`: those in force; `inhibitedBy`: see `createInhibit`. Pure. */
export function alertStateOf(
  alert: HoldableAlert,
  {
    responses,
    silences,
    inhibitedBy,
  }: {
    readonly responses: readonly AlertResponse[];
    readonly silences: readonly ActiveSilence[];
    readonly inhibitedBy: readonly string[];
  },
): AlertState {
  const own = responses.filter((response) => response.anomalyId === alert.anomalyId && !isWorse(alert.severity, response.severity));
  const acknowledged = own.find(({ kind }) => kind === 'acknowledge');
  const snoozed = own.find(({ kind }) => kind === 'snooze');
  return {
    acknowledged_by: acknowledged?.by ?? null,
    acknowledged_at: iso(acknowledged?.at),
    acknowledged_until: iso(acknowledged?.until),
    snoozed_by: snoozed?.by ?? null,
    snoozed_until: iso(snoozed?.until),
    silenced_by: silences
      .filter((silence) => hides(silence, alert))
      .map(({ id }) => id)
      .toSorted(),
    inhibited_by: [...inhibitedBy],
  };
}

/** True when a silence hides an alert: it matches, and it is no worse than what the silence names. Pure. */
export function hides(
  { matchers, maxSeverity }: Omit<ActiveSilence, 'id'>,
  { severity, labels }: Pick<HoldableAlert, 'severity' | 'labels'>,
): boolean {
  return !isWorse(severity, maxSeverity) && matchesAll(matchers, labels);
}

/** How an alert is held back. `hidden`: it is not in messages; `acknowledged`: it is in messages, and causes none; null: it notifies. Pure. */
export function holdOf(state: AlertState): 'hidden' | 'acknowledged' | null {
  if (state.snoozed_until !== null || state.silenced_by.length > 0 || state.inhibited_by.length > 0) return 'hidden';
  return state.acknowledged_by === null ? null : 'acknowledged';
}

/** Why a response ends; null while it counts. `alerts`: those of its anomaly, resolved ones too. Without one it is not known yet: a
 *  database that is rebuilt gets its alerts after what people did. `now`: epoch milliseconds. Pure. */
export function endOf(
  { severity, until }: Pick<AlertResponse, 'severity' | 'until'>,
  alerts: { readonly firing: readonly Pick<HoldableAlert, 'severity'>[]; readonly hasResolved: boolean },
  now: number,
): 'resolved' | 'worse' | 'timeout' | null {
  if (alerts.firing.length === 0 && alerts.hasResolved) return 'resolved';
  if (alerts.firing.some((alert) => isWorse(alert.severity, severity))) return 'worse';
  return until !== null && until <= now ? 'timeout' : null;
}

/** True when `severity` is worse than `limit`. */
export function isWorse(severity: Severity, limit: Severity): boolean {
  return SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(limit);
}

const iso = (ms: number | null | undefined): string | null => (ms === null || ms === undefined ? null : new Date(ms).toISOString());
