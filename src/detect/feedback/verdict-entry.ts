import type { FeedbackNotice } from '@transaction-guardian/contracts/feedback.ts';
import type { Verdict } from '@transaction-guardian/contracts/verdict.ts';
import { MINUTE_MS } from '../../clock.ts';
import { judgedRows, type JudgedRows } from './feedback-node.ts';

/** A verdict in force, as the detector remembers it. Plain data. */
export interface VerdictEntry extends JudgedRows {
  readonly number: number;
  readonly anomaly: string;
  /** Minutes since the epoch. */
  readonly minute: number;
  readonly verdict: Verdict;
  /** Calibrated score of the forest in the worst minute, 0..1. */
  readonly mlScore: number;
  /** Rows that `noise` keeps quiet for a while, each up to a size |z|. */
  quiet: { readonly row: number; readonly z: number }[];
  /** Rows whose levels `accept_level` moved, with the ratio, so that it can be undone. */
  moved: { readonly row: number; readonly ratio: number }[];
}

/** The entry of a notice; null for one that gives nothing. */
export function entryOf({ number, minute, given }: FeedbackNotice): VerdictEntry | null {
  if (given === null) return null;
  const { anomaly, verdict } = given;
  const place = { number, anomaly: anomaly.id, minute: minute / MINUTE_MS };
  return { ...judgedRows(anomaly), ...place, verdict, mlScore: anomaly.ml_score, quiet: [], moved: [] };
}
