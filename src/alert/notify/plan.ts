import { createHash } from 'node:crypto';
import type { Alert } from '@transaction-guardian/contracts/alert.ts';
import { SEVERITIES, type Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { NotifyGroup, NotifiedAlerts } from '../../store/verbs/notification/notify-groups.ts';
import { placesOf } from '../cause.ts';

/** Filter of a receiver: which alerts it is notified of. */
export interface Audience {
  /** Only alerts that have, or were once sent with, one of these severities; all if undefined. */
  readonly severities?: readonly Severity[] | undefined;
  readonly send_resolved: boolean;
  /** Whether the routes give an alert with these labels to the receiver; `named`: by its type or severity. Default: all of them. */
  readonly routed?: (labels: Alert['labels']) => 'named' | 'yes' | 'no';
  /** Firings (`occurrenceOf`) that it hears of in the place of another receiver. */
  readonly passedOn?: ReadonlySet<string>;
}

/** Milliseconds; the meaning is Alertmanager's. */
export interface PlanTimes {
  readonly groupIntervalMs: number;
  readonly repeatIntervalMs: number;
}

/** What to do about a group that is due. `flushAt`: when to look again; null: when its alerts change. */
export type MessagePlan =
  | { readonly kind: 'quiet'; readonly told: NotifiedAlerts; readonly withheld: readonly string[]; readonly flushAt: number | null }
  | {
      readonly kind: 'send';
      readonly firing: readonly Alert[];
      readonly resolved: readonly Alert[];
      /** What the receiver knows afterwards. */
      readonly notified: NotifiedAlerts;
      readonly withholds: readonly string[];
      /** Equal for messages that say the same about the same alerts. */
      readonly contentHash: string;
      readonly flushAt: number | null;
    };

/** What a plan is made of. `alerts`: the newest one of each fingerprint that fires or that the receiver knows. `now`: epoch
 *  milliseconds, wall clock. `isPending`: a message is on its way. */
export interface PlanInput {
  readonly group: NotifyGroup;
  readonly alerts: readonly Alert[];
  /** What holds alerts back, by fingerprint; default nothing. */
  readonly holds?: ReadonlyMap<string, 'hidden' | 'acknowledged'>;
  readonly audience: Audience;
  readonly times: PlanTimes;
  readonly now: number;
  readonly isPending?: boolean;
}

/** Decides whether a receiver is notified of a group now, by the rules of Alertmanager: when an alert fires that it does
 *  not know, or that names a place that it does not know; when one resolved that it knows or may know, since a message about it was sent and not
 *  answered with success; again after `repeatIntervalMs`; and, with `isPending`, whenever there is something to say, since
 *  a message is on its way. An alert that resolved before any message about it is not sent.
 *
 *  A hidden alert is in no message until it resolves or is held back no more; an acknowledged one is in messages and causes none.
 *  That a known alert resolved is reported however it is held back. Pure. */
export function planMessage({ group, alerts, holds = new Map(), audience, times, now, isPending = false }: PlanInput): MessagePlan {
  const offered = new Set(Object.keys(group.offered));
  const known = new Set([...Object.keys(group.told), ...group.withheld]);
  const isKnown = (alert: Alert) => known.has(alert.fingerprint) || offered.has(occurrenceOf(alert));
  const concerned = alerts.filter((alert) => alert.status === 'firing' && concerns(alert, known, audience));
  const isAcknowledged = ({ fingerprint }: Alert) => holds.get(fingerprint) === 'acknowledged';
  const firing = concerned.filter(({ fingerprint }) => holds.get(fingerprint) !== 'hidden');
  const active = firing.filter((alert) => !isAcknowledged(alert));
  const ended = alerts.filter((alert) => alert.status === 'resolved' && isKnown(alert));
  const resolved = ended.filter((alert) => audience.send_resolved || handedOverTo(alert, audience) !== null);
  const withheld = concerned.filter((alert) => !firing.includes(alert) && isKnown(alert)).map(({ fingerprint }) => fingerprint);
  const notifiedOf = (told: readonly Alert[]): NotifiedAlerts =>
    Object.fromEntries(told.map((alert) => [alert.fingerprint, placesOf(alert.slice)]));

  const isNews = active.some((alert) => isUnknown(alert, group.told[alert.fingerprint])) || resolved.length > 0;
  const repeatAt = (group.queuedAt ?? now) + times.repeatIntervalMs;
  const isRepeat = active.length > 0 && (isPending || (group.queuedAt !== null && now >= repeatAt));
  if (isNews || isRepeat) {
    const flushAt = active.length > 0 ? now + times.repeatIntervalMs : null;
    return {
      kind: 'send',
      firing,
      resolved,
      notified: notifiedOf(firing),
      withholds: withheld,
      contentHash: hashOf(firing, resolved),
      flushAt,
    };
  }
  // What was acknowledged before any message about it is not known to the receiver.
  const told = notifiedOf(firing.filter((alert) => !isAcknowledged(alert) || group.told[alert.fingerprint] !== undefined));
  const unsaid = firing.filter((alert) => isAcknowledged(alert) && group.told[alert.fingerprint] === undefined && isKnown(alert));
  const held = [...withheld, ...unsaid.map(({ fingerprint }) => fingerprint)];
  return { kind: 'quiet', told, withheld: held, flushAt: active.length > 0 ? Math.max(repeatAt, now + times.groupIntervalMs) : null };
}

/** The severity to which an alert that ended has escalated, where the audience does not hear of it, by its list or by the routes: then
 *  its end is news, since it is none. Null for anything else. */
export function handedOverTo(alert: Alert, { severities, routed }: Pick<Audience, 'severities' | 'routed'>): Severity | null {
  const severity = SEVERITIES.find((one) => one === alert.annotations['escalated_to']);
  if (severity === undefined) return null;
  const isListed = severities === undefined || severities.includes(severity);
  const isRouted = routed === undefined || routed({ ...alert.labels, severity }) !== 'no';
  return isListed && isRouted ? null : severity;
}

/** Key of one firing of an alert, as in `NotifyGroup.offered`. */
export function occurrenceOf(alert: Pick<Alert, 'fingerprint' | 'starts_at'>): string {
  return `${alert.fingerprint} ${alert.starts_at}`;
}

/** A warning goes only to those who ask for information by name: it must wake nobody. */
function concerns(alert: Alert, known: ReadonlySet<string>, { severities, routed, passedOn }: Audience): boolean {
  if (passedOn?.has(occurrenceOf(alert)) === true) return true;
  const route = routed?.(alert.labels) ?? 'yes';
  if (route === 'no') return known.has(alert.fingerprint);
  if (severities === undefined) return route === 'named' || alert.type !== 'drift_warning';
  return severities.includes(alert.severity) || known.has(alert.fingerprint);
}

/** True for an alert that the receiver does not know, or that names a place that it was not notified of. */
function isUnknown(alert: Alert, known: readonly string[] | undefined): boolean {
  return known === undefined || placesOf(alert.slice).some((place) => !known.includes(place));
}

function hashOf(firing: readonly Alert[], resolved: readonly Alert[]): string {
  const content = [...firing, ...resolved].map(
    (alert) => `${alert.fingerprint} ${alert.starts_at} ${alert.status} ${placesOf(alert.slice).join(' ')}`,
  );
  return createHash('sha256').update(content.join('\n')).digest('hex').slice(0, 16);
}
