import { SETTINGS } from '../series/settings.ts';

const { verdictHalfLifeDays, thresholdRaiseMost, thresholdLowerMost } = SETTINGS.feedback;

/** What is left of a verdict after so many hours, 0..1. */
export function fadeOf(ageHours: number): number {
  return 0.5 ** (Math.max(0, ageHours) / (24 * verdictHalfLifeDays));
}

/** How far a threshold moves, nats, after so many (faded) verdicts: the growth of the log odds of a false alarm from the prior
 *  Beta(1, 1) to the posterior Beta(1 + noise, 1 + useful) (Gelman et al., Bayesian Data Analysis, 2.4). Excursions of
 *  calibrated evidence are exponential with rate 1, so one nat divides false alarms by e, and the threshold that moves by the log
 *  odds brings false and true ones back to where they stood. Bounded: a node can be made neither deaf nor nervous. */
export function thresholdShift(noise: number, useful: number): number {
  return Math.min(thresholdRaiseMost, Math.max(-thresholdLowerMost, Math.log((1 + noise) / (1 + useful))));
}
