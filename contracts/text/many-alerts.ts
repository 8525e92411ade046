import { ANOMALY_TYPES, SEVERITIES, type Severity } from '../anomaly-type.ts';
import type { TextParams } from './render-text.ts';

/** An alert of a message, as far as it is counted. */
export interface CountedAlert {
  readonly status: 'firing' | 'resolved';
  readonly severity: Severity;
  readonly labels: Readonly<Record<string, string | undefined>>;
  readonly annotations: Readonly<Record<string, string | undefined>>;
}

/** Texts of this file in one language. */
export type SayMany = (
  key: 'notify.more' | 'notify.more.kind' | 'notify.more.over' | 'notify.more_kinds' | KindKey,
  params?: TextParams,
) => string;
type KindKey = `anomaly.type.${(typeof ANOMALY_TYPES)[number]}`;

/** More alerts than this are not all listed, but so many of the worst, and how many there are of each kind. */
const MANY = 8;
const FEW = 5;
const KINDS = 4;

/** Alerts as people read them: firing before resolved, the most severe first, of equal ones first what has lost the most. Pure. */
export function worstAlertsFirst<Alert extends CountedAlert>(alerts: readonly Alert[]): Alert[] {
  const lost = ({ annotations }: Alert): number => Number(annotations['lost_transactions'] ?? 0) || 0;
  return alerts.toSorted(
    (a, b) =>
      Number(a.status === 'resolved') - Number(b.status === 'resolved') ||
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
      lost(b) - lost(a),
  );
}

/** How many alerts from the top a message lists: all of a few; of many the worst few, and every critical one that fires. The rule of all
 *  channels: a phone at night shows a burst on one screen. Pure. */
export function listedOf(alerts: readonly CountedAlert[]): number {
  const critical = alerts.filter(({ status, severity }) => status === 'firing' && severity === 'critical').length;
  return alerts.length <= MANY ? alerts.length : Math.max(FEW, critical);
}

/** E.g. `e mais 26 alertas: 25 × Volume baixo, 1 × Negadas acima do normal`. `unread`: further ones, of which only the number is known. Pure. */
export function moreLine(alerts: readonly CountedAlert[], say: SayMany, unread = 0): string {
  const words = alertKinds(alerts, say)
    .slice(0, KINDS)
    .map(({ kind, alerts: same }) => say('notify.more.kind', { n: same.length, kind }));
  const n = alerts.length + unread;
  return words.length === 0 ? say('notify.more', { n }) : say('notify.more_kinds', { n, kinds: words.join(', ') });
}

/** Alerts by what they are, the largest number first: the type in words, and that they are over. Those of others have no type. Pure. */
export function alertKinds<Alert extends CountedAlert>(
  alerts: readonly Alert[],
  say: SayMany,
): { readonly kind: string; readonly alerts: readonly Alert[] }[] {
  const byKind = Map.groupBy(alerts, ({ labels, status }) => {
    const type = ANOMALY_TYPES.find((one) => one === labels['type']);
    const kind = type === undefined ? '' : say(`anomaly.type.${type}`);
    return kind !== '' && status === 'resolved' ? say('notify.more.over', { kind }) : kind;
  });
  return [...byKind]
    .filter(([kind]) => kind !== '')
    .map(([kind, same]) => ({ kind, alerts: same }))
    .toSorted((a, b) => b.alerts.length - a.alerts.length);
}
