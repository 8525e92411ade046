import type { AnomalyType } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Question } from './grammar/command.ts';

/** How long a conversation is remembered after its last message. */
export const TALK_MS = 2 * 3_600_000;

/** One entry of a list that was shown: what `1a` or "detalhes do 1" means. */
export interface ShownItem {
  readonly anomalyId: string;
  /** Null for an anomaly that is not known to have an alert. */
  readonly fingerprint: string | null;
  readonly type: AnomalyType;
}

/** An entry that only Alertmanager has. */
export interface ShownElsewhere {
  readonly fingerprint: string;
  /** Alert name. */
  readonly elsewhere: string;
}

/** A question that can be asked again about something else. */
export type Repeatable = Extract<Question, { verb: 'metric' | 'anomalies' | 'alerts' | 'incident_figures' }>;

/** What one person talks about in one conversation. */
export interface Talk {
  /** The list that was shown last. */
  readonly list: readonly (ShownItem | ShownElsewhere)[];
  /** Place in the list, from 1, that was talked about last: "dele". */
  readonly focus: number | null;
  /** Ids of the silences that were listed last; `other <fingerprint>` for what Alertmanager alone has. */
  readonly silences: readonly string[];
  readonly question: Repeatable | null;
  /** The run that was started or shown last: "andamento". */
  readonly run: string | null;
  /** What did not fit: `mais`. */
  readonly rest: string;
}

export const NO_TALK: Talk = { list: [], focus: null, silences: [], question: null, run: null, rest: '' };

/** A stored talk; an older form of it counts for what it still says. */
export function talkOf(stored: unknown): Talk {
  return typeof stored === 'object' && stored !== null ? { ...NO_TALK, ...stored } : NO_TALK;
}
