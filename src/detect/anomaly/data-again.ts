import type { MinuteState } from '@transaction-guardian/contracts/window.ts';
import { resetScope, type Episode } from './episode.ts';
import { isCurveUnknown, loosenVolumes } from '../expect/fleet-trend.ts';
import type { OpenAnomalies } from './open-anomalies.ts';
import { clearAllZ } from '../evidence/row-minute.ts';
import type { SeriesStore } from '../series/series-store.ts';

/** True while data come again although an absence of data is still open: it waits for as many minutes with data as close an
 *  anomaly, since a feed that comes back stumbles. It explains nothing that these data show. */
export const hasDataAgain = ({ dataFor = 0 }: Episode): boolean => dataFor > 0;

/** Minutes with data since an absence of data in a group that is still open; without one, no bound. */
export const dataFor = ({ open }: OpenAnomalies, scope: number): number =>
  open.find((episode) => episode.scope === scope && hasDataAgain(episode))?.dataFor ?? Number.POSITIVE_INFINITY;

/** Takes note of the data of a minute that is about to be judged in every absence of data that is open. In the first minute with
 *  data all start even: what the absence gathered says nothing about them. `trust`: how far the daily curve is known, 0..1. */
export function followData(store: SeriesStore, anomalies: OpenAnomalies, minute: { state: MinuteState; trust: number }): void {
  for (const episode of anomalies.open) {
    if (episode.anomaly.type !== 'no_data') continue;
    if (minute.state === 'silent') {
      episode.silentFor = hasDataAgain(episode) ? 1 : (episode.silentFor ?? 1) + 1;
      episode.dataFor = 0;
      continue;
    }
    if (!hasDataAgain(episode)) startEven(store, episode, minute.trust);
    episode.dataFor = (episode.dataFor ?? 0) + 1;
  }
}

function startEven(store: SeriesStore, { scope, silentFor = 1 }: Episode, trust: number): void {
  resetScope(store, scope);
  clearAllZ(store);
  // Where the curve took the volume meanwhile is not known.
  if (isCurveUnknown(trust)) loosenVolumes(store, (1 - trust) * silentFor);
}
