import type { Episode } from './episode.ts';
import type { OpenAnomalies } from './open-anomalies.ts';
import { atU8, NATS, type SeriesStore, valueOf } from '../series/series-store.ts';
import { SETTINGS } from '../series/settings.ts';

/** Counts an anomaly as a discovery once its evidence is beyond doubt. One that is wrong seldom gets there: its excess over the
 *  threshold is about exponential with a mean of one nat, so that it does not pay for the next wrong one. */
export function countDiscovery(store: SeriesStore, anomalies: OpenAnomalies, episode: Episode, threshold: number): void {
  if (episode.isCounted === true) return;
  if (episode.members.every(({ row }) => valueOf(store, row, NATS) < SETTINGS.discoveryThresholds * threshold)) return;
  episode.isCounted = true;
  const kind = episode.isWide === true ? 0 : atU8(store.kinds, episode.scope);
  anomalies.discoveries[kind] = (anomalies.discoveries[kind] ?? 0) + 1;
}

/** Lets discoveries fade by a minute. */
export function fadeDiscoveries({ discoveries }: OpenAnomalies): void {
  for (let kind = 0; kind < discoveries.length; kind++)
    discoveries[kind] = (discoveries[kind] ?? 0) * 0.5 ** (1 / SETTINGS.discoveryHalfLife);
}
