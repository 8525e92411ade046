import type { AnomalyEvent, AnomalyType } from '@transaction-guardian/contracts/anomaly.ts';
import { adopt, firstOf, isCommonSoon, isInPlaceOf, partsOf, partsTelling } from './common-cause.ts';
import { describe, refresh, type LifeMinute } from './describe.ts';
import { acceptLevels, lostNow, memberOf, resetScope, restoreLevels, scopeOf, watchMember, type Episode } from './episode.ts';
import { countZ } from './evidence.ts';
import { isCurveUnknown, loosenVolumes } from './fleet-trend.ts';
import { newLevel, QUESTION } from './feedback/new-level.ts';
import { newAnomaly, startedAt } from './new-anomaly.ts';
import { dataFor, hasDataAgain } from './data-again.ts';
import { fallName } from './rename.ts';
import { tailNats } from './normal.ts';
import {
  at,
  atU8,
  EXPECTED,
  GROUP_ROWS,
  kindOfGroup,
  NATS,
  nodeKey,
  RING,
  rowOf,
  type SeriesStore,
  SPREAD,
  statusOfRow,
  valueOf,
} from './series-store.ts';
import { SETTINGS } from './settings.ts';
import { directionOf, emptyRun, familyOfRow, recent, runOf, signalOfRow, troubleType, type Family, type Signal } from './signal.ts';

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
/** Part of the bar from which trouble goes along with a fall of the volume. */
const COMPANION_SHARE = 0.4;

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
  open.some(({ scope, members }) => scope === 0 && members.some(({ sign }) => sign < 0));

type Tell = (event: AnomalyEvent['event'], episode: Episode) => void;

const barOf = (store: SeriesStore, row: number, minute: LifeMinute): number => at(minute.bars, atU8(store.kinds, scopeOf(store, row)));

/** Growth of the volume is told only when it is extreme. */
function isWorthTelling(store: SeriesStore, signal: Signal): boolean {
  return signal.family !== 'spike' || at(store.counts, signal.row) >= SETTINGS.spikeRatio * valueOf(store, signal.row, EXPECTED) + 20;
}

/** Takes the minute into an episode; true while it goes on. As long as the daily curve is not known, a volume that trouble took
 *  away may be low for another reason once the trouble is over. */
function isLoud(store: SeriesStore, episode: Episode, bar: number, isNew: boolean): boolean {
  const isUnknown = isNew && episode.scope === 0;
  const isTrouble = directionOf(episode.family) > 0;
  let loud = false;
  for (const member of episode.members)
    if (watchMember(store, member, bar, isUnknown) && !(isUnknown && isTrouble && member.sign < 0)) loud = true;
  return loud;
}

function followEpisode(store: SeriesStore, life: Life, episode: Episode, minute: LifeMinute, tell: Tell): void {
  const bar = barOf(store, episode.row, minute);
  const deviates = isLoud(store, episode, bar, isCurveUnknown(minute.trust));
  // An absence of data ends with the data, whatever these show.
  const loud = deviates && !hasDataAgain(episode);
  episode.quiet = loud ? 0 : episode.quiet + 1;
  episode.lost += lostNow(store, episode.scope);
  refresh(store, episode, minute);
  countDiscovery(store, life, episode, bar);
  const level = loud ? newLevel(store, episode, minute.number) : 'wait';
  if (level === 'accept') {
    acceptLevels(store, episode);
    episode.anomaly.reasons = [...episode.anomaly.reasons, { code: 'accepted', params: { minutes: minute.number - episode.opened } }];
  }
  if (level === 'accept' || episode.quiet >= (store.parts.hysteresis ? SETTINGS.closeMinutes : 1)) {
    if (episode.scope === 0 && isCurveUnknown(minute.trust) && !hasDataAgain(episode))
      loosenVolumes(store, (1 - minute.trust) * (minute.number - episode.opened));
    closeEpisode(store, life, episode, minute.number, tell);
    return;
  }
  if (level === 'ask') episode.askedAt = minute.number;
  const isWorse = directionOf(episode.family) * episode.anomaly.z_score > 1.5 * episode.toldZ;
  if (isWorse || level === 'ask' || minute.number - episode.toldAt >= SETTINGS.updateMinutes) {
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
  const kind = atU8(store.kinds, episode.scope);
  life.discoveries[kind] = (life.discoveries[kind] ?? 0) + 1;
}

/** Lets discoveries fade by a minute. */
export function fadeDiscoveries({ discoveries }: Life): void {
  for (let kind = 0; kind < discoveries.length; kind++)
    discoveries[kind] = (discoveries[kind] ?? 0) * 0.5 ** (1 / SETTINGS.discoveryHalfLife);
}

/** Ends an open anomaly in the minute `minute` (minutes since the epoch) and tells so. */
export function closeEpisode(store: SeriesStore, life: Life, episode: Episode, minute: number, tell: Tell): void {
  const { anomaly } = episode;
  anomaly.status = 'resolved';
  anomaly.resolved_at = anomaly.updated_at;
  anomaly.reasons = anomaly.reasons.filter(({ code }) => code !== QUESTION);
  endEpisode(store, life, episode, minute);
  tell('resolved', episode);
}

function endEpisode(store: SeriesStore, life: Life, episode: Episode, minute: number): void {
  life.open.splice(life.open.indexOf(episode), 1);
  if (life.open.every((other) => other.scope !== episode.scope)) store.frozen[episode.scope] = 0;
  // What was gathered since the data came back is about the data.
  if (hasDataAgain(episode)) return;
  life.closed.push({ scope: episode.scope, family: episode.family, minute });
  resetScope(store, episode.scope);
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
  const left: Signal[] = [];
  const hosts = life.open.filter((episode) => !hasDataAgain(episode) && (store.parts.hierarchy || episode.scope === scope));
  const found = signals.find((signal) => isAbsence(store, signal, barOf(store, signal.row, minute), minute.number));
  const absence =
    found === undefined ? undefined : { ...found, run: Math.min(absentMinutes(store, found, minute.number), dataFor(life, scope)) };
  for (const signal of signals.map((each) => (each === found && absence !== undefined ? absence : each))) {
    if (scope !== 0 && store.parts.hierarchy && isCommonSoon(store, signal, minute.number, at(minute.bars, 0))) continue;
    const host = hosts.find((episode) =>
      signal === absence ? isAbsent(episode, scope, minute) : belongsTo(episode, scope, signal, minute.number),
    );
    if (host === undefined) left.push(signal);
    else if (host.scope === scope && host.members.every((member) => member.row !== signal.row))
      host.members.push(memberOf(store, signal, minute.number, FOLDED_MEMORY));
  }
  const news = left.filter((signal) => isNews(store, life, scope, signal, barOf(store, signal.row, minute), minute.number));
  if (news.length === 0) return;
  // Nothing that came before explains why nothing comes any more.
  const isAlone = absence !== undefined && left.includes(absence);
  const all = isAlone ? [absence] : [...left, ...companions(store, scope, left, barOf(store, scope * GROUP_ROWS, minute))];
  const lead = leadOf(store, all);
  if (lead === undefined) return;
  restoreLevels(store, scope, lead, all);
  const parts = scope === 0 || !store.parts.hierarchy ? [] : partsTelling(life.open, lead.family, minute.number);
  if (parts.length + 1 >= SETTINGS.manyParts) {
    openCommon(store, life, lead, parts, minute, stamp, tell);
    return;
  }
  const episode = openEpisode(store, scope, lead, all, minute, stamp);
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

/** Ends what is open in the scope of an absence: without data nothing more can be said about it. A part of the fleet
 *  that had stopped before goes on. */
function endTrouble(store: SeriesStore, life: Life, absence: Episode, minute: LifeMinute, tell: Tell): void {
  for (const episode of life.open.slice()) {
    const isInside = episode.scope === absence.scope || (absence.scope === 0 && episode.family !== 'volume');
    if (episode === absence || !isInside) continue;
    episode.anomaly.reasons = [...episode.anomaly.reasons, { code: 'data_ended', params: { at: absence.anomaly.started_at } }];
    closeEpisode(store, life, episode, minute.number, tell);
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
  const common = openEpisode(store, 0, signal, [signal, lead], minute, stamp);
  // A part that is far worse than everybody has a cause of its own, and goes on.
  const like = partsOf(store, life.open, common, minute.number, parts);
  common.members.push(...like.flatMap((part) => part.members));
  startEpisode(store, life, common, like, minute, tell);
}

/** Opens an episode, or lets it go on as the first of the parts that it explains; the other parts end. */
function startEpisode(store: SeriesStore, life: Life, episode: Episode, parts: readonly Episode[], minute: LifeMinute, tell: Tell): void {
  const { scope } = episode;
  const first = firstOf(store, parts, episode);
  for (const part of parts) {
    if (part === first) continue;
    part.anomaly.reasons = [...part.anomaly.reasons, { code: 'part_of', params: {} }];
    closeEpisode(store, life, part, minute.number, tell);
  }
  if (first !== undefined) {
    endEpisode(store, life, first, minute.number);
    adopt(episode, first);
    describe(store, episode, minute);
  }
  life.open.push(episode);
  store.frozen[scope] = 1;
  countDiscovery(store, life, episode, barOf(store, episode.row, minute));
  tell(first === undefined ? 'opened' : 'updated', episode);
}

/** Same cause: the same family, the volume that trouble takes away, or anything that began together with it. */
function belongsTo(episode: Episode, scope: number, signal: Signal, minute: number): boolean {
  if (episode.scope !== scope && episode.scope !== 0) return false;
  if (episode.members.some((member) => member.row === signal.row)) return true;
  if (episode.family === signal.family || signal.family === 'volume') return true;
  return episode.scope === scope && minute - episode.opened <= SETTINGS.sameCauseMinutes;
}

/** A total at nothing for so many minutes that these alone are evidence over the bar. */
function isAbsence(store: SeriesStore, signal: Signal, bar: number, minute: number): boolean {
  if (signal.family !== 'volume' || signal.row % GROUP_ROWS !== 0) return false;
  const run = emptyRun(store, signal.row, minute);
  const z = countZ(0, run * valueOf(store, signal.row, EXPECTED), valueOf(store, signal.row, SPREAD));
  return run > 1 && tailNats(Math.abs(z)) >= bar;
}

/** Minutes of an absence: those without a count, where the ring reaches back to its start. */
function absentMinutes(store: SeriesStore, signal: Signal, minute: number): number {
  const run = emptyRun(store, signal.row, minute);
  return run < RING ? run : Math.max(run, signal.run);
}

/** An open anomaly that an absence is already told by: nothing at all, or (while the source is alive) a fall. */
function isAbsent(episode: Episode, scope: number, minute: LifeMinute): boolean {
  if (episode.scope !== scope && episode.scope !== 0) return false;
  if (minute.window.state !== 'silent') return episode.family === 'volume';
  return episode.family === 'volume' && episode.row % GROUP_ROWS === 0 && episode.anomaly.type !== 'low_volume';
}

/** Trouble of the same scope that is not over the bar yet, but on its way: a status names a cause better than the
 *  volume or a single code does. */
function companions(store: SeriesStore, scope: number, signals: readonly Signal[], bar: number): Signal[] {
  if (signals.every((signal) => signal.family === 'spike')) return [];
  const found: Signal[] = [];
  for (let row = scope * GROUP_ROWS + 2; row < (scope + 1) * GROUP_ROWS; row++) {
    const nats = valueOf(store, row, NATS);
    const family = familyOfRow(store, row);
    if (signals.some((signal) => signal.row === row)) continue;
    if (atU8(store.seen, row) === 1 && nats >= COMPANION_SHARE * bar) found.push({ row, family, nats, run: runOf(store, row, family) });
  }
  return found;
}

/** A second alert shortly after the first needs clearly more evidence. */
function isNews(store: SeriesStore, life: Life, scope: number, signal: Signal, bar: number, minute: number): boolean {
  const again = life.closed.some((closed) => closed.scope === scope && closed.family === signal.family && minute - closed.minute < 15);
  return signal.nats >= (again && store.parts.novelty ? 1.5 * bar : bar);
}

/** The signal that names the anomaly: trouble before volume, statuses before codes, then the strongest. */
function leadOf(store: SeriesStore, signals: readonly Signal[]): Signal | undefined {
  const rank = (signal: Signal): number => {
    if (signal.family === 'spike') return 0;
    if (signal.family === 'volume') return 1;
    return kindOfGroup(store, Math.floor(signal.row / 8)) === 'auth_code' ? 2 : 3;
  };
  return [...signals].sort((a, b) => rank(b) - rank(a) || b.nats - a.nats || a.row - b.row)[0];
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
  scope: number,
  lead: Signal,
  signals: readonly Signal[],
  minute: LifeMinute,
  stamp: Stamp,
): Episode {
  const { row, type } = typeOf(store, scope, lead, minute);
  const key = `${nodeKey(store, row)}|${type}|${startedAt(minute.number, lead.run)}`;
  const past = recent(store, rowOf(scope, 'approved'), minute.number, lead.run);
  const episode: Episode = {
    scope,
    family: lead.family,
    row,
    opened: minute.number,
    members: signals.map((signal) => memberOf(store, signal, minute.number)),
    quiet: 0,
    lost: past.expected - past.observed,
    toldAt: minute.number,
    toldZ: 0,
    anomaly: newAnomaly(store, { key, row, type, slice: { share: 1 }, minutes: lead.run }, minute, stamp),
  };
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
