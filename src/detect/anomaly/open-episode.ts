import type { AnomalyType } from '@transaction-guardian/contracts/anomaly-type.ts';
import { rowsApart } from './apart.ts';
import { firstTolls } from './damage.ts';
import type { LifecycleMinute } from './lifecycle-minute.ts';
import { describe, refresh } from './describe.ts';
import { memberOf, type Episode } from './episode.ts';
import type { Stamp } from './open-anomalies.ts';
import { newAnomaly, startedAt } from './new-anomaly.ts';
import { fallName } from './rename.ts';
import { nodeKey, rowOf, type SeriesStore } from '../series/series-store.ts';
import { recent, adverseType, type Signal } from '../series/signal.ts';

/** What an anomaly opens with: the signal that names it, and all that it watches. `isWide`: the fleet reported it. */
interface Beginning {
  readonly scope: number;
  readonly lead: Signal;
  readonly signals: readonly Signal[];
  readonly isWide?: boolean;
}

/** Opens an anomaly: its figures and its sentences are those of its first minutes. */
export function openEpisode(
  store: SeriesStore,
  open: readonly Episode[],
  { scope, lead, signals, isWide = false }: Beginning,
  minute: LifecycleMinute,
  stamp: Stamp,
): Episode {
  const { row, type } = typeOf(store, scope, lead, minute);
  const key = `${nodeKey(store, row)}|${type}|${startedAt(minute.number, lead.run)}`;
  const apart = rowsApart(store, open, { scope }, row);
  const episode: Episode = {
    scope,
    ...(apart.length > 0 ? { apart } : {}),
    ...(isWide ? { isWide } : {}),
    family: lead.family,
    row,
    opened: minute.number,
    members: signals.map((signal) => memberOf(store, signal, minute.number)),
    quiet: 0,
    lost: 0,
    bad: 0,
    tolls: [],
    toldAt: minute.number,
    toldZ: 0,
    anomaly: newAnomaly(store, { key, row, type, slice: { share: 1 }, minutes: lead.run }, minute, stamp),
  };
  for (const toll of firstTolls(store, open, episode, minute.number, lead.run)) {
    episode.tolls.push(toll);
    episode.lost += toll.lost;
    episode.bad += toll.bad;
  }
  refresh(store, episode, minute);
  describe(store, episode, minute);
  episode.toldZ = Math.abs(episode.anomaly.z_score);
  return episode;
}

/** Node and type that name a signal. A volume without data, at zero, falling as a whole or only in its approved part are
 *  four different things. */
function typeOf(store: SeriesStore, scope: number, lead: Signal, minute: LifecycleMinute): { row: number; type: AnomalyType } {
  const total = rowOf(scope, '');
  if (lead.family === 'spike') return { row: total, type: 'spike' };
  if (lead.family !== 'volume') return { row: lead.row, type: adverseType(store, lead.row) };
  if (minute.window.state === 'silent') return { row: total, type: 'no_data' };
  if (recent(store, total, minute.number, 2).observed === 0) return { row: total, type: 'zero_transactions' };
  const approved = rowOf(scope, 'approved');
  const good = recent(store, approved, minute.number, lead.run);
  if (recent(store, approved, minute.number, 2).observed === 0 && good.expected >= 2) return { row: approved, type: 'zero_transactions' };
  return fallName(store, scope, minute.number, lead.run);
}
