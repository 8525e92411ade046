import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import { absentMinutes, isAbsence, isAbsent } from './absence.ts';
import { adopt, firstOf, isCommonSoon, isInPlaceOf, partsOf, partsReported } from './common-cause.ts';
import { dataFor, hasDataAgain } from './data-again.ts';
import type { LifecycleMinute } from './lifecycle-minute.ts';
import { describe } from './describe.ts';
import { countDiscovery } from './discoveries.ts';
import { closeEpisode, endEpisode, frozenBy } from './end-episode.ts';
import { memberOf, restoreLevels, scopeOf, type Episode } from './episode.ts';
import { isExplained } from './explained.ts';
import { isFallOfAll, raiseToParts } from './fall-of-all.ts';
import { followEpisode } from './follow-episode.ts';
import { hostOf, isDrift, watcherOf } from './host.ts';
import { companions, leadOf } from './lead.ts';
import { type OpenAnomalies, type LifecycleContext, type MinuteContext, type Stamp, thresholdOf } from './open-anomalies.ts';
import { openEpisode } from './open-episode.ts';
import { ownerOf } from './owner.ts';
import { at, EXPECTED, RING, rowOf, type SeriesStore, statusOfRow, valueOf } from '../series/series-store.ts';
import { SETTINGS } from '../series/settings.ts';
import { signalOfRow, SPIKE_LEAST, type Signal } from '../series/signal.ts';
import { isRisingBelow, statusOfSignal } from './reported.ts';
import { worstFirst } from './worst-first.ts';

/** A folded signal is already known: its near sums need not be long. */
const FOLDED_MEMORY = 5;

/** Follows the open anomalies through a minute and opens new ones. Returns the events in order: resolved and updated
 *  ones first, in order of opening. */
export function followMinute(store: SeriesStore, anomalies: OpenAnomalies, minute: LifecycleMinute, stamp: Stamp): AnomalyEvent[] {
  const events: AnomalyEvent[] = [];
  const report = (event: AnomalyEvent['event'], episode: Episode) =>
    events.push({ v: 1, event, sequence: minute.window.sequence, anomaly: { ...episode.anomaly } });
  const context: LifecycleContext = { store, anomalies, minute, stamp, report };
  for (const episode of anomalies.open.slice()) followEpisode(context, episode);
  anomalies.closed = anomalies.closed.filter((closed) => minute.number - closed.minute < 15);
  const byScope = new Map<number, Signal[]>();
  for (const row of minute.candidates) {
    const signal = signalOfRow(store, row, thresholdOf(store, row, minute));
    if (!isWorthReporting(store, signal)) continue;
    const scope = scopeOf(store, row);
    const list = byScope.get(scope);
    if (list === undefined) byScope.set(scope, [signal]);
    else list.push(signal);
  }
  for (const [scope, signals] of worstFirst(store, byScope, minute.number)) placeSignals(context, scope, signals);
  return events;
}

/** Growth of the volume is reported only when it is extreme. */
function isWorthReporting(store: SeriesStore, signal: Signal): boolean {
  return (
    signal.family !== 'spike' || at(store.counts, signal.row) >= SETTINGS.spikeRatio * valueOf(store, signal.row, EXPECTED) + SPIKE_LEAST
  );
}

/** Folds signals into what is open, or opens one anomaly for them. */
function placeSignals(context: LifecycleContext, scope: number, signals: readonly Signal[]): void {
  const { store, anomalies, minute, stamp } = context;
  // What was gathered before the anomaly of this minute closed is void.
  if (anomalies.closed.some((closed) => (closed.scope === scope || closed.scope === 0) && closed.minute === minute.number)) return;
  const found = signals.find((signal) => isAbsence(store, signal, thresholdOf(store, signal.row, minute), minute.number));
  const absence =
    found === undefined ? undefined : { ...found, run: Math.min(absentMinutes(store, found, minute.number), dataFor(anomalies, scope)) };
  const active: OpenAnomalies = { ...anomalies, open: anomalies.open.filter((episode) => !hasDataAgain(episode)) };
  const left: Signal[] = [];
  for (const signal of signals.map((each) => (each === found && absence !== undefined ? absence : each))) {
    if (
      signal === absence
        ? active.open.some((episode) => isAbsent(episode, scope, minute))
        : isPlaced({ store, anomalies: active, minute }, scope, signal)
    )
      continue;
    left.push(signal);
  }
  const news = left.filter((signal) => isNews(context, scope, signal));
  if (news.length === 0) return;
  // Nothing that came before explains why nothing comes any more.
  const isAlone = absence !== undefined && left.includes(absence);
  const all = isAlone ? [absence] : [...left, ...companions(store, anomalies, scope, left, minute)];
  const lead = leadOf(store, all);
  if (lead === undefined) return;
  if (scope === 0 && !isAlone && store.parts.hierarchy) {
    const part = ownerOf(store, anomalies.open, lead, minute);
    if (part !== null && openPart(context, part, lead)) {
      const rest = left.filter(({ row }) => row !== lead.row);
      if (rest.length > 0) placeSignals(context, scope, rest);
      return;
    }
  }
  restoreLevels(store, scope, lead, all);
  const isCommon = anomalies.open.some((episode) => episode.scope === 0 && episode.family === lead.family);
  const parts = scope === 0 || !store.parts.hierarchy || isCommon ? [] : partsReported(store, anomalies.open, scope, lead, minute.number);
  const isAll = scope !== 0 && store.parts.hierarchy && !isAlone && isFallOfAll(store, anomalies.open, scope, lead, minute);
  if (isAll || parts.length + 1 >= SETTINGS.manyParts) {
    if (lead.family === 'volume') raiseToParts(store, minute.number);
    openCommon(context, lead, parts);
    return;
  }
  const episode = openEpisode(store, anomalies.open, { scope, lead, signals: all }, minute, stamp);
  if (store.parts.hierarchy && (isReportedBelow(anomalies, episode) || isReportedAbove(anomalies, episode))) return;
  startEpisode(context, episode, store.parts.hierarchy ? partsOf(store, anomalies.open, episode, minute.number) : []);
  if (lead.family === 'volume') endAbsence(context, scope);
  if (isAlone) endAdverseEpisodes(context, episode);
}

/** Ends an absence of data whose data are back: what they show is reported separately. */
function endAbsence(context: LifecycleContext, scope: number): void {
  const over = context.anomalies.open.filter((episode) => episode.scope === scope && hasDataAgain(episode));
  for (const episode of over) closeEpisode(context, episode, context.minute.number);
}

/** True when a signal needs no anomaly of its own: it is another sign of what is open in its scope, which watches it from now on,
 *  or what is open elsewhere explains it, or will in a moment. */
function isPlaced(context: MinuteContext, scope: number, signal: Signal): boolean {
  const { store, anomalies, minute } = context;
  const { open } = anomalies;
  if (scope !== 0 && store.parts.hierarchy && isCommonSoon(store, anomalies, signal, minute)) return true;
  if (watcherOf(open, scope, signal) !== undefined) return true;
  if (store.parts.hierarchy && isExplained(context, scope, signal, thresholdOf(store, signal.row, minute))) return true;
  const host = hostOf(store, open, scope, signal, minute);
  if (host !== undefined) {
    host.members.push(memberOf(store, signal, minute.number, FOLDED_MEMORY));
    return true;
  }
  if (isDrift(store, open, scope, signal, minute)) return true;
  if (!store.parts.hierarchy) return false;
  return scope === 0 && signal.run <= RING && isRisingBelow(store, anomalies, signal, minute);
}

/** Opens the anomaly of the merchant or acquirer in which a signal of the fleet lies. */
function openPart(context: LifecycleContext, part: number, of: Signal): boolean {
  const { store, anomalies, minute, stamp } = context;
  const lead: Signal = { ...of, row: rowOf(part, statusOfSignal(store, of)) };
  if (hostOf(store, anomalies.open, part, lead, minute) !== undefined) return false;
  const all = [lead, ...companions(store, anomalies, part, [lead], minute)];
  restoreLevels(store, 0, of, [of]);
  restoreLevels(store, part, lead, all);
  const episode = openEpisode(store, anomalies.open, { scope: part, lead, signals: all, isWide: true }, minute, stamp);
  startEpisode(context, episode, partsOf(store, anomalies.open, episode, minute.number));
  return true;
}

/** Ends what is open in the scope of an absence: without data nothing more can be said about it. A part of the fleet
 *  that had stopped before goes on. */
function endAdverseEpisodes(context: LifecycleContext, absence: Episode): void {
  for (const episode of context.anomalies.open.slice()) {
    const isInside = episode.scope === absence.scope || (absence.scope === 0 && episode.family !== 'volume');
    if (episode === absence || !isInside) continue;
    const why = [{ code: 'data_ended', params: { at: absence.anomaly.started_at } }];
    closeEpisode(context, episode, context.minute.number, why);
  }
}

/** Makes one anomaly of the fleet out of many of its parts: the first goes on as it, the others end, and it watches their rows. */
function openCommon(context: LifecycleContext, lead: Signal, parts: readonly Episode[]): void {
  const { store, anomalies, minute, stamp } = context;
  const row = lead.family === 'volume' ? 0 : rowOf(0, statusOfRow(lead.row));
  const signal: Signal = { ...lead, row };
  restoreLevels(store, 0, signal, [signal, lead]);
  const common = openEpisode(store, anomalies.open, { scope: 0, lead: signal, signals: [signal, lead] }, minute, stamp);
  // A part that is far worse than everybody has a cause of its own, and goes on.
  const like = partsOf(store, anomalies.open, common, minute.number, parts);
  common.members.push(...like.flatMap((part) => part.members));
  startEpisode(context, common, like);
}

/** Opens an episode, or lets it go on as the first of the parts that it explains; the other parts end. */
function startEpisode(context: LifecycleContext, episode: Episode, parts: readonly Episode[]): void {
  const { store, anomalies, minute, report } = context;
  const first = firstOf(store, parts, episode);
  for (const part of parts) {
    if (part === first) continue;
    closeEpisode(context, part, minute.number, [{ code: 'part_of', params: {} }]);
  }
  if (first !== undefined) {
    endEpisode(store, anomalies, first, minute.number);
    adopt(episode, first);
    describe(store, episode, minute);
  }
  anomalies.open.push(episode);
  for (const group of frozenBy(episode)) store.frozen[group] = 1;
  countDiscovery(store, anomalies, episode, thresholdOf(store, episode.row, minute));
  report(first === undefined ? 'opened' : 'updated', episode);
}

/** A second alert shortly after the first needs clearly more evidence. */
function isNews({ store, anomalies, minute }: MinuteContext, scope: number, signal: Signal): boolean {
  const threshold = thresholdOf(store, signal.row, minute);
  const again = anomalies.closed.some(
    (closed) => closed.scope === scope && closed.family === signal.family && minute.number - closed.minute < 15,
  );
  return signal.nats >= (again && store.parts.novelty ? 1.5 * threshold : threshold);
}

/** A fleet anomaly that one already reported merchant or acquirer explains is not reported again. */
function isReportedBelow(anomalies: OpenAnomalies, episode: Episode): boolean {
  const { slice } = episode.anomaly;
  return anomalies.open.some(
    (open) =>
      open.scope !== 0 &&
      open.family === episode.family &&
      ((slice.merchant_id !== undefined && open.anomaly.node.merchant_id === slice.merchant_id) ||
        (slice.acquirer !== undefined && open.anomaly.node.acquirer === slice.acquirer)),
  );
}

/** The anomaly of a merchant that an already reported acquirer explains is not reported again. */
function isReportedAbove(anomalies: OpenAnomalies, episode: Episode): boolean {
  return anomalies.open.some((open) => open.family === episode.family && isInPlaceOf(episode, open));
}
