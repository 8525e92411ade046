import type { AnomalyEvent, AnomalyType, Reason } from '@transaction-guardian/contracts/anomaly.ts';
import { absentMinutes, isAbsence, isAbsent } from './absence.ts';
import { adopt, firstOf, isCommonSoon, isInPlaceOf, partsOf, partsTelling } from './common-cause.ts';
import { firstTolls, followToll, sharesLoss } from './damage.ts';
import { describe, describeEnd, raiseSeverity, refresh, type LifeMinute } from './describe.ts';
import { followPeriod } from './period.ts';
import { acceptLevels, lostNow, memberOf, resetAround, resetScope, restoreLevels, scopeOf, watchMember, type Episode } from './episode.ts';
import { countedElsewhere, hostOf, isDrift, isExplained, isRisingBelow, rowsApart, statusOfSignal, watcherOf } from './explained.ts';
import { isCurveUnknown, loosenVolumes } from './fleet-trend.ts';
import { newLevel } from './feedback/new-level.ts';
import { companions, leadOf } from './lead.ts';
import { ownerOf } from './owner.ts';
import { newAnomaly, startedAt } from './new-anomaly.ts';
import { dataFor, hasDataAgain } from './data-again.ts';
import { fallName, rename } from './rename.ts';
import { at, atU8, EXPECTED, NATS, nodeKey, RING, rowOf, type SeriesStore, statusOfRow, valueOf } from './series-store.ts';
import { SETTINGS } from './settings.ts';
import { directionOf, recent, signalOfRow, troubleType, type Family, type Signal } from './signal.ts';

/** Versions that every anomaly is stamped with. */
export interface Stamp {
  readonly detector_version: string;
  readonly model_version: string;
  readonly config_hash: string;
}

/** Open anomalies and the ones that closed a short while ago. Plain data. */
export interface Life {
  readonly open: Episode[];
  closed: { readonly scope: number; readonly family: Family; readonly minute: number }[];
  /** Recent discoveries by kind of group, fading. */
  readonly discoveries: number[];
}

/** A folded signal is already known: its near sums need not be long. */
const FOLDED_MEMORY = 5;

export const createLife = (): Life => ({ open: [], closed: [], discoveries: [0, 0, 0, 0] });

/** Follows the open anomalies through a minute and opens new ones. Returns the events in order: resolved and updated
 *  ones first, in order of opening. */
export function liveMinute(store: SeriesStore, life: Life, minute: LifeMinute, stamp: Stamp): AnomalyEvent[] {
  const events: AnomalyEvent[] = [];
  const tell = (event: AnomalyEvent['event'], episode: Episode) =>
    events.push({ v: 1, event, sequence: minute.window.sequence, anomaly: { ...episode.anomaly } });
  const before = life.open.slice();
  for (const episode of before) followEpisode(store, life, episode, minute, tell);
  life.closed = life.closed.filter((closed) => minute.number - closed.minute < 15);
  const byScope = new Map<number, Signal[]>();
  for (const row of minute.hot) {
    const signal = signalOfRow(store, row, barOf(store, row, minute));
    if (!isWorthTelling(store, signal)) continue;
    const scope = scopeOf(store, row);
    const list = byScope.get(scope);
    if (list === undefined) byScope.set(scope, [signal]);
    else list.push(signal);
  }
  for (const [scope, signals] of [...byScope].sort(([a], [b]) => a - b)) placeSignals(store, life, scope, signals, minute, stamp, tell);
  return events;
}

/** True while a volume takes part in what is open of the fleet. */
export const isFleetFallen = ({ open }: Life): boolean =>
  open.some(({ scope, isWide, members }) => (scope === 0 || isWide === true) && members.some(({ sign }) => sign < 0));

type Tell = (event: AnomalyEvent['event'], episode: Episode) => void;

const barOf = (store: SeriesStore, row: number, minute: LifeMinute): number => at(minute.bars, atU8(store.kinds, scopeOf(store, row)));

/** Growth of the volume is told only when it is extreme. */
function isWorthTelling(store: SeriesStore, signal: Signal): boolean {
  return signal.family !== 'spike' || at(store.counts, signal.row) >= SETTINGS.spikeRatio * valueOf(store, signal.row, EXPECTED) + 20;
}

/** Takes the minute into an episode; true while it goes on. A volume that trouble took away may be low for another reason once the
 *  trouble is over: as long as the daily curve is not known, and while something else is open in the scope. */
function isLoud(store: SeriesStore, life: Life, episode: Episode, bar: number, isNew: boolean): boolean {
  const isUnknown = isNew && episode.scope === 0;
  const isTrouble = directionOf(episode.family) > 0;
  let loud = false;
  for (const member of episode.members) {
    const elsewhere = life.open.length > 1 ? countedElsewhere(store, life.open, episode, member.row) : 0;
    if (!watchMember(store, member, bar, { isUnknown, elsewhere })) continue;
    if (!((isUnknown || isBeside(life, episode)) && isTrouble && member.sign < 0)) loud = true;
  }
  return loud;
}

/** Something else is open in the scope of an episode. */
const isBeside = ({ open }: Life, episode: Episode): boolean => open.some((other) => other !== episode && other.scope === episode.scope);

function followEpisode(store: SeriesStore, life: Life, episode: Episode, minute: LifeMinute, tell: Tell): void {
  const bar = barOf(store, episode.row, minute);
  const apart = rowsApart(store, life.open, episode, episode.row);
  if (apart.length > 0) episode.apart = apart;
  else delete episode.apart;
  // Minutes that something else spoiled, and no longer does, say nothing about the place.
  if (episode.scope === 0 && apart.length === 0 && life.closed.some(({ scope }) => scope !== 0)) episode.isSettled = true;
  else delete episode.isSettled;
  const deviates = isLoud(store, life, episode, bar, isCurveUnknown(minute.trust));
  // An absence of data ends with the data, whatever these show.
  const loud = deviates && !hasDataAgain(episode);
  episode.quiet = loud ? 0 : episode.quiet + 1;
  episode.lost += lostNow(store, episode, sharesLoss(life.open, episode));
  followToll(store, life.open, episode, minute.number);
  followPeriod(store, episode, minute.window.state === 'silent');
  refresh(store, episode, minute);
  countDiscovery(store, life, episode, bar);
  const level = loud ? newLevel(store, episode, minute.number) : 'wait';
  const why: Reason[] = level === 'accept' ? [{ code: 'accepted', params: { minutes: minute.number - episode.opened } }] : [];
  if (level === 'accept') acceptLevels(store, episode);
  if (level === 'accept' || episode.quiet >= (store.parts.hysteresis ? SETTINGS.closeMinutes : 1)) {
    if ((episode.scope === 0 || episode.isWide === true) && isCurveUnknown(minute.trust) && !hasDataAgain(episode))
      loosenVolumes(store, (1 - minute.trust) * (minute.number - episode.opened));
    closeEpisode(store, life, episode, minute.number, tell, why);
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

/** Counts an anomaly as a discovery once its evidence is beyond doubt. One that is wrong seldom gets there: its excess over the
 *  bar is about exponential with a mean of one nat, so that it does not pay for the next wrong one. */
function countDiscovery(store: SeriesStore, life: Life, episode: Episode, bar: number): void {
  if (episode.isCounted === true) return;
  if (episode.members.every(({ row }) => valueOf(store, row, NATS) < SETTINGS.discoveryBars * bar)) return;
  episode.isCounted = true;
  const kind = episode.isWide === true ? 0 : atU8(store.kinds, episode.scope);
  life.discoveries[kind] = (life.discoveries[kind] ?? 0) + 1;
}

/** Lets discoveries fade by a minute. */
export function fadeDiscoveries({ discoveries }: Life): void {
  for (let kind = 0; kind < discoveries.length; kind++)
    discoveries[kind] = (discoveries[kind] ?? 0) * 0.5 ** (1 / SETTINGS.discoveryHalfLife);
}

/** Ends an open anomaly in the minute `minute` (minutes since the epoch) and says so. `why`: what ended it, where the traffic did not. */
export function closeEpisode(
  store: SeriesStore,
  life: Life,
  episode: Episode,
  minute: number,
  tell: Tell,
  why: readonly Reason[] = [],
): void {
  describeEnd(store, episode, minute, why);
  endEpisode(store, life, episode, minute);
  tell('resolved', episode);
}

/** Groups that learn nothing while an episode is open. */
const frozenBy = ({ scope, isWide }: Episode): number[] => (isWide === true ? [0, scope] : [scope]);

function endEpisode(store: SeriesStore, life: Life, episode: Episode, minute: number): void {
  life.open.splice(life.open.indexOf(episode), 1);
  for (const group of frozenBy(episode)) if (life.open.every((other) => !frozenBy(other).includes(group))) store.frozen[group] = 0;
  // What was gathered since the data came back is about the data.
  if (hasDataAgain(episode)) return;
  life.closed.push({ scope: episode.scope, family: episode.family, minute });
  if (episode.isWide === true) life.closed.push({ scope: 0, family: episode.family, minute });
  resetScope(store, episode.isWide === true ? 0 : episode.scope);
  if (episode.scope !== 0) resetAround(store, episode, new Set(life.open.flatMap(({ members }) => members.map(({ row }) => row))));
}

/** Folds signals into what is open, or opens one anomaly for them. */
function placeSignals(
  store: SeriesStore,
  life: Life,
  scope: number,
  signals: readonly Signal[],
  minute: LifeMinute,
  stamp: Stamp,
  tell: Tell,
): void {
  // What was gathered before the anomaly of this minute closed is void.
  if (life.closed.some((closed) => (closed.scope === scope || closed.scope === 0) && closed.minute === minute.number)) return;
  const found = signals.find((signal) => isAbsence(store, signal, barOf(store, signal.row, minute), minute.number));
  const absence =
    found === undefined ? undefined : { ...found, run: Math.min(absentMinutes(store, found, minute.number), dataFor(life, scope)) };
  const active: Life = { ...life, open: life.open.filter((episode) => !hasDataAgain(episode)) };
  const left: Signal[] = [];
  for (const signal of signals.map((each) => (each === found && absence !== undefined ? absence : each))) {
    if (
      signal === absence ? active.open.some((episode) => isAbsent(episode, scope, minute)) : isPlaced(store, active, scope, signal, minute)
    )
      continue;
    left.push(signal);
  }
  const news = left.filter((signal) => isNews(store, life, scope, signal, barOf(store, signal.row, minute), minute.number));
  if (news.length === 0) return;
  // Nothing that came before explains why nothing comes any more.
  const isAlone = absence !== undefined && left.includes(absence);
  const all = isAlone ? [absence] : [...left, ...companions(store, life, scope, left, minute)];
  const lead = leadOf(store, all);
  if (lead === undefined) return;
  if (scope === 0 && !isAlone && store.parts.hierarchy) {
    const part = ownerOf(store, lead, minute);
    if (part !== null && openPart(store, life, part, lead, minute, stamp, tell)) {
      const rest = left.filter(({ row }) => row !== lead.row);
      if (rest.length > 0) placeSignals(store, life, scope, rest, minute, stamp, tell);
      return;
    }
  }
  restoreLevels(store, scope, lead, all);
  const isCommon = life.open.some((episode) => episode.scope === 0 && episode.family === lead.family);
  const parts = scope === 0 || !store.parts.hierarchy || isCommon ? [] : partsTelling(store, life.open, scope, lead, minute.number);
  if (parts.length + 1 >= SETTINGS.manyParts) {
    openCommon(store, life, lead, parts, minute, stamp, tell);
    return;
  }
  const episode = openEpisode(store, life, scope, lead, all, minute, stamp);
  if (store.parts.hierarchy && (isToldBelow(life, episode) || isToldAbove(life, episode))) return;
  startEpisode(store, life, episode, store.parts.hierarchy ? partsOf(store, life.open, episode, minute.number) : [], minute, tell);
  if (lead.family === 'volume') endAbsence(store, life, scope, minute, tell);
  if (isAlone) endTrouble(store, life, episode, minute, tell);
}

/** Ends an absence of data whose data are back: what they show is told by itself. */
function endAbsence(store: SeriesStore, life: Life, scope: number, minute: LifeMinute, tell: Tell): void {
  for (const episode of life.open.filter((open) => open.scope === scope && hasDataAgain(open)))
    closeEpisode(store, life, episode, minute.number, tell);
}

/** True when a signal needs no anomaly of its own: it is another sign of what is open in its scope, which watches it from now on,
 *  or what is open elsewhere explains it, or will in a moment. */
function isPlaced(store: SeriesStore, life: Life, scope: number, signal: Signal, minute: LifeMinute): boolean {
  const { open } = life;
  if (scope !== 0 && store.parts.hierarchy && isCommonSoon(store, life, signal, minute)) return true;
  if (watcherOf(open, scope, signal) !== undefined) return true;
  if (store.parts.hierarchy && isExplained(store, life, scope, signal, minute, barOf(store, signal.row, minute))) return true;
  const host = hostOf(store, open, scope, signal, minute);
  if (host !== undefined) {
    host.members.push(memberOf(store, signal, minute.number, FOLDED_MEMORY));
    return true;
  }
  if (isDrift(store, open, scope, signal, minute)) return true;
  if (!store.parts.hierarchy) return false;
  return scope === 0 && signal.run <= RING && isRisingBelow(store, life, signal, minute);
}

/** Opens the anomaly of the merchant or acquirer in which a signal of the fleet lies. */
function openPart(store: SeriesStore, life: Life, part: number, of: Signal, minute: LifeMinute, stamp: Stamp, tell: Tell): boolean {
  const lead: Signal = { ...of, row: rowOf(part, statusOfSignal(store, of)) };
  if (hostOf(store, life.open, part, lead, minute) !== undefined) return false;
  const all = [lead, ...companions(store, life, part, [lead], minute)];
  restoreLevels(store, 0, of, [of]);
  restoreLevels(store, part, lead, all);
  const episode = openEpisode(store, life, part, lead, all, minute, stamp, true);
  startEpisode(store, life, episode, partsOf(store, life.open, episode, minute.number), minute, tell);
  return true;
}

/** Ends what is open in the scope of an absence: without data nothing more can be said about it. A part of the fleet
 *  that had stopped before goes on. */
function endTrouble(store: SeriesStore, life: Life, absence: Episode, minute: LifeMinute, tell: Tell): void {
  for (const episode of life.open.slice()) {
    const isInside = episode.scope === absence.scope || (absence.scope === 0 && episode.family !== 'volume');
    if (episode === absence || !isInside) continue;
    const why = [{ code: 'data_ended', params: { at: absence.anomaly.started_at } }];
    closeEpisode(store, life, episode, minute.number, tell, why);
  }
}

/** Makes one anomaly of the fleet out of many of its parts: the first goes on as it, the others end, and it watches their rows. */
function openCommon(
  store: SeriesStore,
  life: Life,
  lead: Signal,
  parts: readonly Episode[],
  minute: LifeMinute,
  stamp: Stamp,
  tell: Tell,
): void {
  const row = lead.family === 'volume' ? 0 : rowOf(0, statusOfRow(lead.row));
  const signal: Signal = { ...lead, row };
  restoreLevels(store, 0, signal, [signal, lead]);
  const common = openEpisode(store, life, 0, signal, [signal, lead], minute, stamp);
  // A part that is far worse than everybody has a cause of its own, and goes on.
  const like = partsOf(store, life.open, common, minute.number, parts);
  common.members.push(...like.flatMap((part) => part.members));
  startEpisode(store, life, common, like, minute, tell);
}

/** Opens an episode, or lets it go on as the first of the parts that it explains; the other parts end. */
function startEpisode(store: SeriesStore, life: Life, episode: Episode, parts: readonly Episode[], minute: LifeMinute, tell: Tell): void {
  const first = firstOf(store, parts, episode);
  for (const part of parts) {
    if (part === first) continue;
    closeEpisode(store, life, part, minute.number, tell, [{ code: 'part_of', params: {} }]);
  }
  if (first !== undefined) {
    endEpisode(store, life, first, minute.number);
    adopt(episode, first);
    describe(store, episode, minute);
  }
  life.open.push(episode);
  for (const group of frozenBy(episode)) store.frozen[group] = 1;
  countDiscovery(store, life, episode, barOf(store, episode.row, minute));
  tell(first === undefined ? 'opened' : 'updated', episode);
}

/** A second alert shortly after the first needs clearly more evidence. */
function isNews(store: SeriesStore, life: Life, scope: number, signal: Signal, bar: number, minute: number): boolean {
  const again = life.closed.some((closed) => closed.scope === scope && closed.family === signal.family && minute - closed.minute < 15);
  return signal.nats >= (again && store.parts.novelty ? 1.5 * bar : bar);
}

/** A fleet anomaly that one already told merchant or acquirer explains is not told again. */
function isToldBelow(life: Life, episode: Episode): boolean {
  const { slice } = episode.anomaly;
  return life.open.some(
    (open) =>
      open.scope !== 0 &&
      open.family === episode.family &&
      ((slice.merchant_id !== undefined && open.anomaly.node.merchant_id === slice.merchant_id) ||
        (slice.acquirer !== undefined && open.anomaly.node.acquirer === slice.acquirer)),
  );
}

/** The anomaly of a merchant that an already told acquirer explains is not told again. */
function isToldAbove(life: Life, episode: Episode): boolean {
  return life.open.some((open) => open.family === episode.family && isInPlaceOf(episode, open));
}

function openEpisode(
  store: SeriesStore,
  { open }: Life,
  scope: number,
  lead: Signal,
  signals: readonly Signal[],
  minute: LifeMinute,
  stamp: Stamp,
  isWide = false,
): Episode {
  const { row, type } = typeOf(store, scope, lead, minute);
  const key = `${nodeKey(store, row)}|${type}|${startedAt(minute.number, lead.run)}`;
  const episode: Episode = {
    scope,
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
  const tolls = firstTolls(store, open, { ...episode, apart: rowsApart(store, open, episode, row) }, minute.number, lead.run);
  for (const toll of tolls) {
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
function typeOf(store: SeriesStore, scope: number, lead: Signal, minute: LifeMinute): { row: number; type: AnomalyType } {
  const total = rowOf(scope, '');
  if (lead.family === 'spike') return { row: total, type: 'spike' };
  if (lead.family !== 'volume') return { row: lead.row, type: troubleType(store, lead.row) };
  if (minute.window.state === 'silent') return { row: total, type: 'no_data' };
  if (recent(store, total, minute.number, 2).observed === 0) return { row: total, type: 'zero_transactions' };
  const approved = rowOf(scope, 'approved');
  const good = recent(store, approved, minute.number, lead.run);
  if (recent(store, approved, minute.number, 2).observed === 0 && good.expected >= 2) return { row: approved, type: 'zero_transactions' };
  return fallName(store, scope, minute.number, lead.run);
}
