import { signTest } from './statistics.ts';

/** What a detector said of one trial of a study: an incident, or a stretch in which nothing is wrong. */
export interface Outcome {
  /** Minutes until the incident was reported, all of it when it was missed; 0 without an incident. */
  readonly late: number;
  /** Anomalies that opened when nothing was wrong, and in the incident. */
  readonly falseOnes: number;
  readonly told: number;
}
export type OutcomeKey = keyof Outcome;

/** Two detectors on the same trials: sums, trials in which the second one did worse and better (more of it), and the chance of
 *  as clear a difference between equals (two-sided sign test). */
export interface Pairing {
  readonly whole: number;
  readonly without: number;
  readonly worse: number;
  readonly better: number;
  readonly p: number;
}

/** A difference less likely than this between equals is taken to be real. */
export const SURE = 0.01;

/** Compares the outcomes of the same trials, in the same order. */
export function pair(whole: readonly Outcome[], without: readonly Outcome[], key: OutcomeKey): Pairing {
  const differences = whole.map((outcome, index) => (without[index]?.[key] ?? 0) - outcome[key]);
  const worse = differences.filter((difference) => difference > 0).length;
  const better = differences.filter((difference) => difference < 0).length;
  const sum = (list: readonly Outcome[]): number => list.reduce((total, outcome) => total + outcome[key], 0);
  return { whole: sum(whole), without: sum(without), worse, better, p: signTest(worse, better) };
}
