import type { FeedbackNotice } from '@transaction-guardian/contracts/feedback.ts';
import type { Verdict } from '@transaction-guardian/contracts/verdict.ts';
import { MINUTE_MS } from '../../clock.ts';
import { judgedRows, type JudgedRows } from '../series/node-key.ts';

/** A cause that a person called noise, and how long it lasts when it comes. Minutes since the epoch. */
export interface SuppressedCause {
  /** Rows, each up to a size |z|. The first is the one that the anomaly was named after. */
  readonly rows: readonly { readonly row: number; readonly z: number }[];
  /** First and last unusual minute of the present or last spell. */
  since: number;
  last: number;
  /** Most that its last minutes deviated, standard deviations. */
  peak?: number;
  /** It is the spell that was judged. */
  isJudged: boolean;
  /** How long that one lasted. */
  minutes: number;
}

/** A verdict in force, as the detector remembers it. Plain data. */
export interface VerdictEntry extends JudgedRows {
  readonly number: number;
  readonly anomaly: string;
  /** Minutes since the epoch. */
  readonly minute: number;
  readonly verdict: Verdict;
  /** Calibrated score of the forest in the worst minute, 0..1. */
  readonly mlScore: number;
  /** What `noise` suppresses for a while. */
  quiet: SuppressedCause | null;
  /** Rows whose levels `accept_level` moved, with the ratio, so that it can be undone. */
  moved: { readonly row: number; readonly ratio: number }[];
}

/** The entry of a notice; null for one that gives nothing. */
export function verdictEntryOf({ number, minute, given }: FeedbackNotice): VerdictEntry | null {
  if (given === null) return null;
  const { anomaly, verdict } = given;
  const place = { number, anomaly: anomaly.id, minute: minute / MINUTE_MS };
  return { ...judgedRows(anomaly), ...place, verdict, mlScore: anomaly.ml_score, quiet: null, moved: [] };
}
