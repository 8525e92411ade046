import type { LifecycleMinute } from './lifecycle-minute.ts';
import { MINUTE_MS } from '../../clock.ts';
import { SEVERITIES } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Anomaly, Reason, Slice } from '@transaction-guardian/contracts/anomaly.ts';
import { damageOf } from './damage.ts';
import type { Episode } from './episode.ts';
import { figuresOf, takeFigures, takePeak } from './figures.ts';
import { isAsked, QUESTION } from './new-level.ts';
import { reasonsOf } from './reasons.ts';
import { explainRow } from './explain.ts';
import { meanOf } from './period.ts';
import { adverseMembers } from './rename.ts';
import { rowOf, statusOfRow, type SeriesStore } from '../series/series-store.ts';
import { SETTINGS } from '../series/settings.ts';
import { NO_LOSS, severityOf } from './severity.ts';
import { familyOfRow, recent } from '../series/signal.ts';
import { lossOf } from '../slices/lost-amount.ts';

/** Part of the missing approved ones that an adverse status must account for to be named. */
const ADVERSE_SHARE = 0.4;

/** Brings the numbers of an anomaly to this minute. */
export function refresh(store: SeriesStore, episode: Episode, minute: LifecycleMinute): void {
  const { anomaly } = episode;
  anomaly.lost_transactions = Math.max(0, Math.round(episode.lost));
  Object.assign(anomaly, lossOf(minute.slices, anomaly));
  anomaly.updated_at = new Date(minute.window.minute).toISOString();
  anomaly.duration_minutes = Math.max(1, Math.round((minute.window.minute - Date.parse(anomaly.started_at)) / MINUTE_MS) + 1);
  // Of a silent minute only the absence is known: the last minute with data goes on to stand.
  if (minute.window.state === 'silent' && anomaly.type !== 'no_data' && anomaly.type !== 'zero_transactions') return;
  takeFigures(episode, figuresOf(store, episode, minute));
}

/** Brings slice, severity and reasons to this minute; the severity never falls while the anomaly is open. */
export function describe(store: SeriesStore, episode: Episode, minute: LifecycleMinute): void {
  const { anomaly } = episode;
  if (episode.isSettled !== true) anomaly.slice = sliceOf(store, episode, minute);
  Object.assign(anomaly, lossOf(minute.slices, anomaly));
  raiseSeverity(store, episode, minute);
  anomaly.reasons = sentencesOf(store, episode, minute.number);
}

/** Says how an anomaly ends: its figures are those of its worst minute, its sentences those of its whole time. `why`: what ended it, where
 *  that was not the traffic; `minute`: minutes since the epoch. */
export function describeEnd(store: SeriesStore, episode: Episode, minute: number, why: readonly Reason[]): void {
  const { anomaly } = episode;
  anomaly.status = 'resolved';
  anomaly.resolved_at = anomaly.updated_at;
  takePeak(anomaly);
  // The hours of a sustained rise have been reported; its last minutes say nothing of them.
  const isSustainedRise = anomaly.reasons.some(({ code }) => code === 'slow_burn');
  const sentences = isSustainedRise ? anomaly.reasons.filter(({ code }) => code !== QUESTION) : sentencesOf(store, episode, minute);
  anomaly.reasons = [...sentences, ...why];
}

function sentencesOf(store: SeriesStore, episode: Episode, minute: number): Reason[] {
  const { anomaly, row } = episode;
  const reasons: Reason[] = reasonsOf(store, anomaly, row, minute, meanOf(store, episode, minute));
  if (anomaly.status === 'open' && isAsked(store, episode, minute))
    reasons.push({ code: QUESTION, params: { minutes: minute - episode.opened } });
  if (episode.members.length > 1) reasons.push({ code: 'folded', params: { count: episode.members.length - 1 } });
  if (episode.formerly !== undefined) reasons.push(formerlyReason(episode.formerly));
  return reasons;
}

/** Raises the severity where the damage asks for it, with the reason; true when it rose. It never falls while the anomaly is open. */
export function raiseSeverity(store: SeriesStore, episode: Episode, minute: LifecycleMinute): boolean {
  const { anomaly } = episode;
  const damage = damageOf(store, episode, minute);
  const { severity, reason } = damage === null ? NO_LOSS : severityOf(damage, minute.limits);
  const rise = SEVERITIES.indexOf(anomaly.severity) - SEVERITIES.indexOf(severity);
  // Below all limits there is nothing that decided once and for all: the figures of now say so.
  if (rise > 0 || (rise === 0 && (severity === 'info' || anomaly.severity_reason === undefined))) anomaly.severity_reason = reason;
  if (rise > 0) anomaly.severity = severity;
  return rise > 0;
}

function formerlyReason({ type, node }: Pick<Anomaly, 'type' | 'node'>): Reason {
  const part = node.merchant_id ?? node.acquirer;
  return part === undefined ? { code: 'renamed', params: { was: type } } : { code: 'renamed_part', params: { was: type, part } };
}

/** Slice of an episode: a fall that an adverse status explains is named by it. */
function sliceOf(store: SeriesStore, episode: Episode, { number: minute, slices }: LifecycleMinute): Anomaly['slice'] {
  const run = episode.anomaly.duration_minutes;
  const { row, family, apart } = episode;
  const own =
    wideSlice(store, episode, { number: minute, slices }) ??
    explainRow(store, slices, { row, family, minute, run, ...(apart === undefined ? {} : { apart }) });
  if (episode.family !== 'volume') return own;
  const past = recent(store, rowOf(episode.scope, 'approved'), minute, run);
  let best: Anomaly['slice'] | null = null;
  for (const member of adverseMembers(store, episode)) {
    const trouble = recent(store, member.row, minute, run);
    const share = (trouble.observed - trouble.expected) / Math.max(1, past.expected - past.observed);
    if (share < ADVERSE_SHARE || (best !== null && share <= best.share)) continue;
    const named = explainRow(store, slices, { row: member.row, family: familyOfRow(store, member.row), minute, run });
    best = { ...named, share: round(Math.min(1, share), 3) };
  }
  return best ?? own;
}

/** What the fleet shows of an anomaly that its rows reported: a part alone knows less of where in it the excess is. Null where the fleet
 *  shows something else by now. */
function wideSlice(
  store: SeriesStore,
  { isWide, row, family, anomaly }: Episode,
  { number: minute, slices }: Pick<LifecycleMinute, 'number' | 'slices'>,
): (Slice & { share: number }) | null {
  if (isWide !== true) return null;
  const slice = explainRow(store, slices, { row: rowOf(0, statusOfRow(row)), family, minute, run: anomaly.duration_minutes });
  const { acquirer, merchant_id: merchant } = anomaly.node;
  const isSame = merchant === undefined ? slice.acquirer === acquirer && slice.merchant_id === undefined : slice.merchant_id === merchant;
  return isSame && slice.share >= SETTINGS.nameShare ? slice : null;
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
