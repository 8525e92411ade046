import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import type { FeedbackNotice, JudgedAnomaly } from '@transaction-guardian/contracts/feedback.ts';
import { MINUTE_MS } from '../../clock.ts';
import { acceptLevels, type Episode } from '../anomaly/episode.ts';
import { closeEpisode } from '../anomaly/end-episode.ts';
import type { OpenAnomalies, Report } from '../anomaly/open-anomalies.ts';
import type { FeedbackState } from './feedback-state.ts';
import { scaleLevels } from '../series/level.ts';
import { LEVEL_A, LEVEL_B, STRIDE, at, type SeriesStore, valueOf } from '../series/series-store.ts';
import { SETTINGS } from '../series/settings.ts';
import { isAbsenceType } from '../series/node-key.ts';
import { suppressedRowsOf, suppressedRowsOfEnded } from './suppressed-rows.ts';
import { verdictEntryOf, type SuppressedCause, type VerdictEntry } from './verdict-entry.ts';

/** The parts of a detector that verdicts act on. `lastMinute`: epoch milliseconds, NaN before the first. */
export interface FeedbackTarget {
  readonly store: SeriesStore;
  readonly anomalies: OpenAnomalies;
  readonly feedback: FeedbackState;
  readonly lastSequence: number;
  readonly lastMinute: number;
}

/** Brings a notice into force: ends verdicts, begins one, and does at once what it says about an anomaly that is open.
 *  Returns the events of anomalies that end by it. `thresholds`: by kind of group. */
export function takeNotice(state: FeedbackTarget, notice: FeedbackNotice, thresholds: Float64Array): AnomalyEvent[] {
  const { feedback } = state;
  const ends = new Set(notice.ends);
  const now = notice.minute / MINUTE_MS;
  for (const entry of feedback.entries) if (ends.has(entry.number)) undo(state, entry, now);
  const entry = verdictEntryOf(notice);
  const kept = feedback.entries.filter(({ number }) => !ends.has(number));
  feedback.entries = (entry === null ? kept : [...kept, entry]).slice(-SETTINGS.feedback.verdictsMost);
  if (entry === null || notice.given === null) return [];
  return actOn(state, entry, notice.given.anomaly, thresholds);
}

function actOn(state: FeedbackTarget, entry: VerdictEntry, anomaly: JudgedAnomaly, thresholds: Float64Array): AnomalyEvent[] {
  const { store, anomalies } = state;
  const episode = anomalies.open.find((open) => open.anomaly.id === anomaly.id);
  // What has stopped coming altogether stays open until it comes again, whatever anybody says.
  if (isAbsenceType(episode?.anomaly.type ?? anomaly.type) && entry.verdict === 'noise') return [];
  if (episode === undefined) {
    if (entry.verdict === 'noise') {
      const rows = suppressedRowsOfEnded(store, anomaly, entry);
      const { minute: last } = entry;
      entry.quiet = { rows, since: last, last, isJudged: false, minutes: anomaly.duration_minutes };
    }
    return [];
  }
  switch (entry.verdict) {
    case 'useful':
      episode.isReal = true;
      return [];
    case 'noise':
      entry.quiet = judgedCause(store, episode, entry.minute, thresholds);
      return end(state, episode, entry.minute, 'marked_noise');
    case 'accept_level':
      entry.moved = moveLevels(state, episode);
      return end(state, episode, entry.minute, 'accepted_by_person');
  }
}

/** The cause of an anomaly that is still open. */
function judgedCause(store: SeriesStore, episode: Episode, minute: number, thresholds: Float64Array): SuppressedCause {
  const minutes = episode.anomaly.duration_minutes;
  return { rows: suppressedRowsOf(store, episode, thresholds), since: minute - minutes + 1, last: minute, isJudged: true, minutes };
}

/** Ends an open anomaly by the word of a person. */
function end(state: FeedbackTarget, episode: Episode, minute: number, code: string): AnomalyEvent[] {
  const events: AnomalyEvent[] = [];
  const report: Report = (event, { anomaly }) => events.push({ v: 1, event, sequence: state.lastSequence, anomaly: { ...anomaly } });
  closeEpisode({ store: state.store, anomalies: state.anomalies, report }, episode, minute, [{ code, params: {} }]);
  return events;
}

function moveLevels({ store }: FeedbackTarget, episode: Episode): VerdictEntry['moved'] {
  const before = episode.members.map(({ row }) => ({ row, level: valueOf(store, row, LEVEL_B) }));
  acceptLevels(store, episode);
  // A part that is gone was forgotten: it has no level to go back to.
  const kept = before.filter(({ row }) => valueOf(store, row, LEVEL_B) > 0);
  return kept.map(({ row, level }) => ({ row, ratio: level / valueOf(store, row, LEVEL_B) }));
}

/** Takes a verdict back. A level that was accepted goes back where it was, unless by now the stream alone would have
 *  made it normal. */
function undo({ store, anomalies }: FeedbackTarget, entry: VerdictEntry, now: number): void {
  for (const episode of anomalies.open) if (episode.anomaly.id === entry.anomaly) delete episode.isReal;
  if (now - entry.minute > SETTINGS.acceptUnansweredMinutes) return;
  for (const { row, ratio } of entry.moved) {
    const o = row * STRIDE;
    if (at(store.values, o + LEVEL_A) <= 0) continue;
    scaleLevels(store.values, o, 1 / ratio);
  }
}
