import { hasSettled, type Episode } from './episode.ts';
import type { SeriesStore } from '../series/series-store.ts';
import { SETTINGS } from '../series/settings.ts';

/** Reason code of the question. */
export const QUESTION = 'stable_new_level';

/** What to do about a level that has become stable: nothing yet, ask whether it is normal, or take it as normal. */
export type LevelStep = 'wait' | 'ask' | 'accept';

/** Looks at an anomaly that still deviates, in the minute `minute` (minutes since the epoch). A volume that has been stable
 *  for an hour makes the product ask; without an answer for as long again the level is accepted. Somebody who said that the
 *  anomaly is real has answered: it then takes as long as an adverse status does, for which nobody is asked. */
export function newLevel(store: SeriesStore, episode: Episode, minute: number): LevelStep {
  if (!hasSettled(store, episode, minute)) return 'wait';
  const isVolume = episode.family === 'volume' || episode.family === 'spike';
  if (!isVolume) return 'accept';
  if (episode.isReal === true) return minute - episode.opened >= SETTINGS.acceptAdverseMinutes ? 'accept' : 'wait';
  if (episode.askedAt === undefined) return 'ask';
  return minute - episode.askedAt >= SETTINGS.acceptUnansweredMinutes ? 'accept' : 'wait';
}

/** True while the product waits for somebody to say whether the new level of an anomaly is normal. */
export function isAsked(store: SeriesStore, episode: Episode, minute: number): boolean {
  return episode.askedAt !== undefined && episode.isReal !== true && hasSettled(store, episode, minute);
}
