import type { Reason } from '@transaction-guardian/contracts/anomaly.ts';
import { hasDataAgain } from './data-again.ts';
import { resetAround, resetScope, type Episode } from './episode.ts';
import { describeEnd } from './describe.ts';
import type { OpenAnomalies, LifecycleContext } from './open-anomalies.ts';
import type { SeriesStore } from '../series/series-store.ts';

/** Ends an open anomaly in the minute `minute` (minutes since the epoch) and says so. `why`: what ended it, where the traffic did not. */
export function closeEpisode(
  { store, anomalies, report }: Pick<LifecycleContext, 'store' | 'anomalies' | 'report'>,
  episode: Episode,
  minute: number,
  why: readonly Reason[] = [],
): void {
  describeEnd(store, episode, minute, why);
  endEpisode(store, anomalies, episode, minute);
  report('resolved', episode);
}

/** Groups that learn nothing while an episode is open. */
export const frozenBy = ({ scope, isWide }: Episode): number[] => (isWide === true ? [0, scope] : [scope]);

export function endEpisode(store: SeriesStore, anomalies: OpenAnomalies, episode: Episode, minute: number): void {
  anomalies.open.splice(anomalies.open.indexOf(episode), 1);
  for (const group of frozenBy(episode)) if (anomalies.open.every((other) => !frozenBy(other).includes(group))) store.frozen[group] = 0;
  // What was gathered since the data came back is about the data.
  if (hasDataAgain(episode)) return;
  anomalies.closed.push({ scope: episode.scope, family: episode.family, minute });
  if (episode.isWide === true) anomalies.closed.push({ scope: 0, family: episode.family, minute });
  resetScope(store, episode.isWide === true ? 0 : episode.scope);
  if (episode.scope !== 0) resetAround(store, episode, new Set(anomalies.open.flatMap(({ members }) => members.map(({ row }) => row))));
}
