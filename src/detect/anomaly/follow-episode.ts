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
import { type Life, type LifeContext, thresholdOf } from './open-anomalies.ts';
import { followPeriod } from './period.ts';
import { rename } from './rename.ts';
import type { SeriesStore } from '../series/series-store.ts';
import { SETTINGS } from '../series/settings.ts';
import { directionOf } from '../series/signal.ts';

/** Takes the minute into an episode; true while it goes on. A volume that trouble took away may be low for another reason once the
 *  trouble is over: as long as the daily curve is not known, and while something else is open in the scope. */
function isLoud(store: SeriesStore, life: Life, episode: Episode, threshold: number, isNew: boolean): boolean {
  const isUnknown = isNew && episode.scope === 0;
  const isTrouble = directionOf(episode.family) > 0;
  let loud = false;
  for (const member of episode.members) {
    const elsewhere = life.open.length > 1 ? countedElsewhere(store, life.open, episode, member.row) : 0;
    if (!watchMember(store, member, threshold, { isUnknown, elsewhere })) continue;
    if (!((isUnknown || isBeside(life, episode)) && isTrouble && member.sign < 0)) loud = true;
  }
  return loud;
}

/** Something else is open in the scope of an episode. */
const isBeside = ({ open }: Life, episode: Episode): boolean => open.some((other) => other !== episode && other.scope === episode.scope);

/** True when the minutes of an anomaly of the fleet say nothing about its place: what began later in a part is in them as well, or what
 *  they were put right for is over. */
const isSpoiled = ({ open, closed }: Life, episode: Episode): boolean =>
  open.some((other) => other.scope !== 0 && startOf(other) > startOf(episode) + SETTINGS.sameCauseMinutes) ||
  (episode.apart === undefined && closed.some(({ scope }) => scope !== 0));

export function followEpisode(context: LifeContext, episode: Episode): void {
  const { store, life, minute, tell } = context;
  const threshold = thresholdOf(store, episode.row, minute);
  const apart = rowsApart(store, life.open, episode, episode.row);
  if (apart.length > 0) episode.apart = apart;
  else delete episode.apart;
  if (episode.scope === 0 && isSpoiled(life, episode)) episode.isSettled = true;
  else delete episode.isSettled;
  const deviates = isLoud(store, life, episode, threshold, isCurveUnknown(minute.trust));
  // An absence of data ends with the data, whatever these show.
  const loud = deviates && !hasDataAgain(episode);
  episode.quiet = loud ? 0 : episode.quiet + 1;
  episode.lost += lostNow(store, episode, sharesLoss(life.open, episode));
  followToll(store, life.open, episode, minute.number);
  followPeriod(store, episode, minute.window.state === 'silent');
  refresh(store, episode, minute);
  countDiscovery(store, life, episode, threshold);
  const level = loud ? newLevel(store, episode, minute.number) : 'wait';
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
    tell('updated', episode);
  }
}
