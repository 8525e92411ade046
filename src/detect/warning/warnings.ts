import type { Anomaly, AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import type { LifecycleMinute } from '../anomaly/lifecycle-minute.ts';
import type { OpenAnomalies, MinuteContext, Stamp } from '../anomaly/open-anomalies.ts';
import { kindOfGroup, rowOf, type SeriesStore } from '../series/series-store.ts';
import { familyOfStatus } from '../series/signal.ts';
import type { Family } from '../series/status-table.ts';
import type { Crossing } from './crossing.ts';
import { createShares, crossingNow, findDrift, noteShares, strengthNow, WATCHED_FAMILIES } from './drift.ts';
import { endWarning, openWarning, refreshWarning } from './warning-anomaly.ts';

/** A warning that stands. Plain data. */
export interface OpenWarning {
  /** Minute number of the opening, and what the drift was worth then. */
  readonly opened: number;
  readonly strength: number;
  /** Minute number in which it is expected to cross, as it was last known. */
  crosses: number;
  readonly anomaly: Anomaly;
}

/** What the warnings of a detector remember: the shares of `noteShares`; what stands, at most one of each family; and the
 *  minute up to which a family rests. */
export interface Warnings {
  readonly shares: Float64Array;
  open: OpenWarning[];
  rests: Partial<Record<Family, number>>;
}

/** What the warnings work with in one minute. `stamp`: of what opens in it. */
interface WarningContext extends MinuteContext {
  readonly warnings: Warnings;
  readonly stamp: Stamp;
}

/** Part of the strength at the opening below which the drift has stopped. */
const STOPPED = 0.6;
/** A warning that nothing followed ends after so many minutes. */
const LONGEST_MINUTES = 90;
/** After a warning, or an anomaly above the merchants, no other one is given for so long. */
const REST_MINUTES = 30;
const UPDATE_MINUTES = 5;
const FLEET = 0;

export const createWarnings = (): Warnings => ({ shares: createShares(), open: [], rests: {} });

/** Follows slow falls of the fleet's volume and sustained rises of an adverse status in the fleet and its acquirers through a minute: warns when
 *  one will reach its threshold soon, and withdraws the warning when it stops or an anomaly opens. Changes nothing else. */
export function followWarnings(
  warnings: Warnings,
  store: SeriesStore,
  anomalies: OpenAnomalies,
  minute: LifecycleMinute,
  stamp: Stamp,
): AnomalyEvent[] {
  const context: WarningContext = { warnings, store, anomalies, minute, stamp };
  noteShares(warnings.shares, store, minute);
  for (const family of WATCHED_FAMILIES) if (isBroken(store, anomalies, family)) rest(warnings, family, minute);
  const told = warnings.open.slice().flatMap((warning) => followOne(context, warning) ?? []);
  if (minute.window.state !== 'silent') told.push(...WATCHED_FAMILIES.flatMap((family) => warn(context, family) ?? []));
  return told.map(({ kind, anomaly }) => ({ v: 1, event: kind, sequence: minute.window.sequence, anomaly: structuredClone(anomaly) }));
}

interface ReportedWarning {
  readonly kind: AnomalyEvent['event'];
  readonly anomaly: Anomaly;
}

/** Anything that is wrong with the fleet, and an adverse status of the family with an acquirer. */
function isBroken(store: SeriesStore, anomalies: OpenAnomalies, family: Family): boolean {
  return anomalies.open.some(
    (episode) => episode.scope === FLEET || (episode.family === family && kindOfGroup(store, episode.scope) === 'acquirer'),
  );
}

function rest(warnings: Warnings, family: Family, { number }: LifecycleMinute): void {
  warnings.rests[family] = number + REST_MINUTES;
}

const familyOf = ({ node }: Anomaly): Family => familyOfStatus(node.status ?? '');

/** Group that a warning is about; undefined when its acquirer is not watched any more. */
const groupOf = (store: SeriesStore, { node }: Anomaly): number | undefined =>
  node.acquirer === undefined ? FLEET : store.index.acquirer.get(node.acquirer);

function followOne(context: WarningContext, warning: OpenWarning): ReportedWarning | null {
  const { warnings, store, anomalies, minute } = context;
  const { anomaly, opened } = warning;
  const group = groupOf(store, anomaly);
  const family = familyOf(anomaly);
  const isConfirmed = anomalies.open.some((episode) => episode.family === family && isWithin(store, episode.scope, group));
  const isOver = isConfirmed || anomalies.open.some(({ scope }) => scope === FLEET);
  if (group === undefined || isOver || hasStopped(context, warning, group)) {
    endWarning(anomaly, minute, isConfirmed ? 'drift_opened' : 'drift_stopped');
    warnings.open.splice(warnings.open.indexOf(warning), 1);
    rest(warnings, family, minute);
    return { kind: 'resolved', anomaly };
  }
  if ((minute.number - opened) % UPDATE_MINUTES !== 0) return null;
  const row = rowOf(group, anomaly.node.status ?? '');
  const crossing = crossingNow(warnings.shares, store, row, minute);
  if (crossing !== null) warning.crosses = crossesIn(crossing, minute);
  refreshWarning(anomaly, store, row, crossing, minute);
  return { kind: 'updated', anomaly };
}

/** What opens in the fleet confirms a warning of a part, and what opens at an acquirer one of the fleet. */
const isWithin = (store: SeriesStore, scope: number, group: number | undefined): boolean =>
  scope === FLEET || scope === group || (group === FLEET && kindOfGroup(store, scope) === 'acquirer');

const crossesIn = ({ minutes }: Crossing, { number }: LifecycleMinute): number => number + Math.round(minutes);

function hasStopped({ warnings, store, minute }: WarningContext, warning: OpenWarning, group: number): boolean {
  if (minute.number - warning.opened >= LONGEST_MINUTES) return true;
  const row = rowOf(group, warning.anomaly.node.status ?? '');
  return strengthNow(warnings.shares, store, row, minute) < STOPPED * warning.strength;
}

/** Warns of the strongest drift of a family, unless it rests, one is warned of, or an adverse status of the family is reported for a part. */
function warn({ warnings, store, anomalies, minute, stamp }: WarningContext, family: Family): ReportedWarning | null {
  if (minute.number < (warnings.rests[family] ?? 0) || anomalies.open.some((episode) => episode.family === family)) return null;
  if (warnings.open.some(({ anomaly }) => familyOf(anomaly) === family)) return null;
  const drift = findDrift(warnings.shares, store, family, minute);
  if (drift === null) return null;
  const anomaly = openWarning(store, drift.row, drift.crossing, minute, stamp);
  const { strength } = drift.crossing;
  warnings.open.push({ opened: minute.number, strength, crosses: crossesIn(drift.crossing, minute), anomaly });
  return { kind: 'opened', anomaly };
}
