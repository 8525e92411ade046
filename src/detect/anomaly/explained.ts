import { emptied } from './apart.ts';
import type { Episode } from './episode.ts';
import { isRateOnly } from './host.ts';
import { ownPlace, shareInside, INSIDE_SHARE } from './inside-share.ts';
import type { MinuteContext } from './open-anomalies.ts';
import { isWorseThan } from './own-cause.ts';
import { at, EXPECTED, groupNamed, kindOfGroup, rowOf, type SeriesStore, statusOfRow, valueOf } from '../series/series-store.ts';
import { directionOf, isAkin, type Signal } from '../series/signal.ts';
import { dimensionsOfSlice } from '../slices/slice-key.ts';
import { isReported } from './reported.ts';

/** Of a volume that did not fall the approved part is compared: an adverse status adds to the total. */
function approvedOf(store: SeriesStore, scope: number, signal: Signal, minute: number): Signal {
  if (signal.family !== 'volume' || !isRateOnly(store, scope, signal, minute)) return signal;
  return { ...signal, row: rowOf(scope, 'approved') };
}

/** True when open anomalies of other scopes explain a signal: a wider one that it goes along with, or narrower ones without which
 *  nothing over the threshold is left of it. */
export function isExplained(context: MinuteContext, scope: number, signal: Signal, threshold: number): boolean {
  const missing = approvedOf(context.store, scope, signal, context.minute.number);
  if (scope !== 0 && context.anomalies.open.some((episode) => episode.scope === 0 && coversPart(context, episode, scope, signal)))
    return true;
  return isReported(context, scope, missing, threshold);
}

function coversPart({ store, anomalies, minute }: MinuteContext, episode: Episode, scope: number, signal: Signal): boolean {
  const isVolume = signal.family === 'volume';
  if (signal.family === 'spike') return episode.family === 'spike';
  if (!isVolume && !isAkin(store, episode.row, signal.row)) return false;
  // What shows nothing in this minute was gathered while the wider one was at its worst, and would outlast it.
  if (directionOf(signal.family) > 0 && at(store.counts, signal.row) <= valueOf(store, signal.row, EXPECTED)) return true;
  if (isVolume && directionOf(episode.family) > 0 && isRateOnly(store, scope, signal, minute.number)) return true;
  const place = placeOf(episode);
  if (place.length > 0) {
    const own = ownPlace(store, scope);
    if (place.includes(own)) return true;
    const share = shareInside(store, minute, scope, signal, place);
    if (share !== null) return share >= INSIDE_SHARE;
    const group = groupOfPlace(store, place);
    if (group !== undefined) {
      if (kindOfGroup(store, group) === kindOfGroup(store, scope)) return false;
      return !isWorseThan(store, signal, rowOf(group, statusOfRow(signal.row)), minute.number);
    }
  }
  return !isWorseThan(store, signal, rowOf(0, statusOfRow(signal.row)), minute.number, {
    episode,
    without: emptied(store, anomalies.open, scope),
  });
}

/** Dimensions (without codes) of the place that an anomaly names. */
function placeOf({ anomaly: { node, slice } }: Episode): string[] {
  return dimensionsOfSlice({ ...slice, ...node }).filter((dimension) => !dimension.startsWith('c='));
}

/** The merchant or else the acquirer of a place. */
function groupOfPlace(store: SeriesStore, place: readonly string[]): number | undefined {
  const idOf = (letter: string): string | undefined => place.find((dimension) => dimension.startsWith(`${letter}=`))?.slice(2);
  return groupNamed(store, 'merchant', idOf('m')) ?? groupNamed(store, 'acquirer', idOf('a'));
}
