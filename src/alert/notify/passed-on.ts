import type { Alert } from '@transaction-guardian/contracts/alert.ts';
import type { Sql } from '../../store/database.ts';
import type { NotifyGroup } from '../../store/verbs/notification/notify-groups.ts';
import { readPassedOnFrom, readPassedOnTo, type Firing } from '../../store/verbs/proof/passed-on.ts';
import { occurrenceOf } from './plan.ts';

/** What the second channels of receivers change about a group of one of them. A firing of which nothing proves that the first was
 *  notified also concerns the second (`src/proof/pass-on.ts`), which then is notified like any receiver. */
export interface PassedOnGroup {
  /** Without the firings that the other channel has and this receiver has not: their end is for the other one. */
  readonly group: NotifyGroup;
  /** Firings that this receiver hears of in the place of others. */
  readonly hears: ReadonlySet<string>;
  /** Receivers in whose place it hears, or heard, of a firing. */
  readonly insteadOf: ReadonlyMap<string, string>;
  /** Fingerprints of alerts that it is not notified of, since its second channel was; and when that ends, epoch milliseconds. */
  readonly covered: ReadonlySet<string>;
  readonly coveredUntil: number | null;
  /** Fingerprints of alerts that it does not know and need not be notified of: the other channel has them. */
  readonly settled: ReadonlySet<string>;
}

const keyOf = ({ fingerprint, startsAt }: Firing): string => occurrenceOf({ fingerprint, starts_at: new Date(startsAt).toISOString() });

/** Reads what was passed on from and to the receiver of a group. `now`: epoch milliseconds. */
export async function readPassedOn(tx: Sql, group: NotifyGroup, repeatIntervalMs: number, now: number): Promise<PassedOnGroup> {
  const { receiver, groupKey, told } = group;
  const had = (await readPassedOnFrom(tx, receiver, groupKey)).filter(({ isProven }) => isProven);
  const covering = had.filter(({ fingerprint, at }) => told[fingerprint] === undefined && at + repeatIntervalMs > now);
  const taken = await readPassedOnTo(tx, receiver, groupKey, repeatIntervalMs);
  const elsewhere = new Set([...had, ...taken.filter(({ isProven }) => isProven)].map(keyOf));
  const offered = Object.entries(group.offered).filter(([occurrence, state]) => state !== 'failed' || !elsewhere.has(occurrence));
  const hears = taken.filter(({ isProven, at }) => !isProven && at + repeatIntervalMs > now);
  return {
    group: { ...group, offered: Object.fromEntries(offered) },
    hears: new Set(hears.map(keyOf)),
    insteadOf: new Map(taken.map((one) => [keyOf(one), one.receiver])),
    covered: new Set(covering.map(({ fingerprint }) => fingerprint)),
    settled: new Set(
      [...covering, ...taken.filter((one) => !hears.includes(one) && told[one.fingerprint] === undefined)].map(
        ({ fingerprint }) => fingerprint,
      ),
    ),
    coveredUntil: covering.length === 0 ? null : Math.min(...covering.map(({ at }) => at + repeatIntervalMs)),
  };
}

/** Alerts that a receiver was notified of only in the place of another one, which has them now, or is due to be notified again: they
 *  cause no message to it until they end. Pure. */
export function noLongerIts(
  alerts: readonly Alert[],
  { hears, insteadOf }: Pick<PassedOnGroup, 'hears' | 'insteadOf'>,
  isRouted: (alert: Alert) => boolean,
): string[] {
  return alerts
    .filter((alert) => insteadOf.has(occurrenceOf(alert)) && !hears.has(occurrenceOf(alert)) && !isRouted(alert))
    .map(({ fingerprint }) => fingerprint);
}
