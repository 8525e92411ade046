import type { Reason } from '@transaction-guardian/contracts/anomaly.ts';
import { countedElsewhere, rowsApart } from './apart.ts';
import { hasDataAgain } from './data-again.ts';
import { followToll, sharesLoss } from './damage.ts';
import { describe, raiseSeverity, refresh } from './describe.ts';
import { countDiscovery } from './discoveries.ts';
import { closeEpisode } from './end-episode.ts';
import { acceptLevels, lostNow, startOf, watchMember, type Episode } from './episode.ts';
import { newLevel } from './new-level.ts';
import { isCurveUnknown, loosenVolumes } from '../expect/fleet-trend.ts';
import { type OpenAnomalies, type LifecycleContext, thresholdOf } from './open-anomalies.ts';
import { followPeriod } from './period.ts';
import { rename } from './rename.ts';
import type { SeriesStore } from '../series/series-store.ts';
import { SETTINGS } from '../series/settings.ts';
import { directionOf } from '../series/signal.ts';

/** Takes the minute into an episode; true while it goes on. A volume that an adverse status took away may be low for another reason once
 *  that one is over: as long as the daily curve is not known, and while something else is open in the scope. */
function isDeviating(store: SeriesStore, anomalies: OpenAnomalies, episode: Episode, threshold: number, isNew: boolean): boolean {
  const isUnknown = isNew && episode.scope === 0;
  const isAdverse = directionOf(episode.family) > 0;
  let deviates = false;
  for (const member of episode.members) {
    const elsewhere = anomalies.open.length > 1 ? countedElsewhere(store, anomalies.open, episode, member.row) : 0;
    if (!watchMember(store, member, threshold, { isUnknown, elsewhere })) continue;
    if (!((isUnknown || isBeside(anomalies, episode)) && isAdverse && member.sign < 0)) deviates = true;
  }
  return deviates;
}

/** Something else is open in the scope of an episode. */
const isBeside = ({ open }: OpenAnomalies, episode: Episode): boolean =>
  open.some((other) => other !== episode && other.scope === episode.scope);

/** True when the minutes of an anomaly of the fleet say nothing about its place: what began later in a part is in them as well, or what
 *  they were put right for is over. */
const isSpoiled = ({ open, closed }: OpenAnomalies, episode: Episode): boolean =>
  open.some((other) => other.scope !== 0 && startOf(other) > startOf(episode) + SETTINGS.sameCauseMinutes) ||
  (episode.apart === undefined && closed.some(({ scope }) => scope !== 0));

export function followEpisode(context: LifecycleContext, episode: Episode): void {
  const { store, anomalies, minute, report } = context;
  const threshold = thresholdOf(store, episode.row, minute);
  const apart = rowsApart(store, anomalies.open, episode, episode.row);
  if (apart.length > 0) episode.apart = apart;
  else delete episode.apart;
  if (episode.scope === 0 && isSpoiled(anomalies, episode)) episode.isSettled = true;
  else delete episode.isSettled;
  const deviates = isDeviating(store, anomalies, episode, threshold, isCurveUnknown(minute.trust));
  // An absence of data ends with the data, whatever these show.
  const isStillOut = deviates && !hasDataAgain(episode);
  episode.quiet = isStillOut ? 0 : episode.quiet + 1;
  episode.lost += lostNow(store, episode, sharesLoss(anomalies.open, episode));
  followToll(store, anomalies.open, episode, minute.number);
  followPeriod(store, episode, minute.window.state === 'silent');
  refresh(store, episode, minute);
  countDiscovery(store, anomalies, episode, threshold);
  const level = isStillOut ? newLevel(store, episode, minute.number) : 'wait';
  const why: Reason[] = level === 'accept' ? [{ code: 'accepted', params: { minutes: minute.number - episode.opened } }] : [];
  if (level === 'accept') acceptLevels(store, episode);
  if (level === 'accept' || episode.quiet >= (store.parts.hysteresis ? SETTINGS.closeMinutes : 1)) {
    if ((episode.scope === 0 || episode.isWide === true) && isCurveUnknown(minute.trust) && !hasDataAgain(episode))
      loosenVolumes(store, (1 - minute.trust) * (minute.number - episode.opened));
    closeEpisode(context, episode, minute.number, why);
    return;
  }
  if (level === 'ask') episode.askedAt = minute.number;
  const isRenamed = rename(store, episode, minute);
  if (isRenamed) refresh(store, episode, minute);
  const isWorse = directionOf(episode.family) * episode.anomaly.z_score > 1.5 * episode.toldZ;
  const isMoreSevere = raiseSeverity(store, episode, minute);
  if (isRenamed || isWorse || isMoreSevere || level === 'ask' || minute.number - episode.toldAt >= SETTINGS.updateMinutes) {
    describe(store, episode, minute);
    episode.toldAt = minute.number;
    episode.toldZ = Math.max(episode.toldZ, Math.abs(episode.anomaly.z_score));
    report('updated', episode);
  }
}
