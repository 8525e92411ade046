import type { IncidentChange } from '@transaction-guardian/contracts/incident.ts';
import type { Verdict } from '@transaction-guardian/contracts/verdict.ts';
import type { Period } from '../period/period.ts';
import type { MetricId } from './metric-names.ts';

/** What a line points at. `numbers`: places in the list that was shown last; `it`: what was talked about last; `all`: everything
 *  that was shown; `id`: an anomaly or an alert by name. */
export type Reference =
  | { readonly kind: 'numbers'; readonly numbers: readonly number[] }
  | { readonly kind: 'it' }
  | { readonly kind: 'all' }
  | { readonly kind: 'id'; readonly id: string };

/** A part of the traffic, by a name as it was written. */
export interface NamedSlice {
  readonly of: 'merchant_id' | 'acquirer' | 'auth_code';
  readonly name: string;
}

/** What a question is about besides its verb. */
export interface QuestionTopic {
  readonly slice?: NamedSlice;
  readonly period?: Period;
}

/** How long: minutes, until a time of day (minutes of it, local time), or until the end of the shift. */
export type Length = { readonly minutes: number } | { readonly until: number } | 'shift';

/** Questions: they change nothing. */
export type Question =
  | { readonly verb: 'status' }
  | ({ readonly verb: 'alerts' } & QuestionTopic)
  | ({ readonly verb: 'anomalies' } & QuestionTopic)
  | ({ readonly verb: 'metric'; readonly metric: MetricId } & QuestionTopic)
  | { readonly verb: 'metrics' }
  /** "e a do lojista X?", "e ontem?": the question before, about something else. */
  | ({ readonly verb: 'follow'; readonly metric?: MetricId } & QuestionTopic)
  | { readonly verb: 'details'; readonly of: Reference }
  | { readonly verb: 'why'; readonly of: Reference }
  | { readonly verb: 'runbooks' }
  /** How the run is that was started last. */
  | { readonly verb: 'progress' }
  | { readonly verb: 'incidents' }
  /** MTTD, MTTA, MTTR and MTBF of the incidents of a period. */
  | { readonly verb: 'incident_figures'; readonly period?: Period }
  | { readonly verb: 'incident_details'; readonly number: number }
  /** A number, and words that say nothing that can be done: asked back. */
  | { readonly verb: 'incident_unclear'; readonly number: number }
  | { readonly verb: 'briefing' }
  | { readonly verb: 'silences' }
  | { readonly verb: 'oncall' }
  | { readonly verb: 'help' }
  | { readonly verb: 'more' };

/** What acts. Never guessed: only read from words that are written right. */
export type ActCommand =
  | { readonly verb: 'ack'; readonly of: Reference }
  | { readonly verb: 'snooze'; readonly of: Reference; readonly length: Length | null }
  | { readonly verb: 'silence'; readonly scope: string; readonly length: Length | null }
  | { readonly verb: 'escalate'; readonly of: Reference }
  /** Takes back what holds an alert. */
  | { readonly verb: 'undo'; readonly what: 'acknowledge' | 'snooze'; readonly of: Reference }
  /** `of`: a place in the list of silences, or the id of one. */
  | { readonly verb: 'end_silence'; readonly of: Reference }
  | { readonly verb: 'awake' }
  | { readonly verb: 'verdict'; readonly verdict: Verdict; readonly of: Reference }
  /** `name` null: the runbook of what `of` points at. */
  | { readonly verb: 'runbook'; readonly name: string | null; readonly of: Reference; readonly args: readonly string[] }
  | { readonly verb: 'confirm'; readonly nonce: string | null }
  /** `run`: the name of a runbook, or the id of a run; null: the run that was talked about last. */
  | { readonly verb: 'cancel_run' | 'resume_run'; readonly run: string | null }
  | { readonly verb: 'incident'; readonly text: string }
  /** `of` null: to the first page. */
  | { readonly verb: 'link'; readonly of: Reference | null }
  | { readonly verb: 'incident_change'; readonly number: number; readonly change: IncidentChange }
  | { readonly verb: 'incident_note'; readonly number: number; readonly text: string }
  /** `cause`: eight hexadecimal digits of a briefing. */
  | { readonly verb: 'demote'; readonly cause: string }
  /** `id` null: the latest briefing. */
  | { readonly verb: 'accept'; readonly id: string | null };

export type Command = Question | ActCommand;

export const ACTS: ReadonlySet<Command['verb']> = new Set<ActCommand['verb']>([
  'ack',
  'snooze',
  'silence',
  'escalate',
  'undo',
  'end_silence',
  'awake',
  'verdict',
  'runbook',
  'confirm',
  'cancel_run',
  'resume_run',
  'incident',
  'link',
  'incident_change',
  'incident_note',
  'accept',
  'demote',
]);
