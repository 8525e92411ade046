import type { NodeEffect } from '@transaction-guardian/contracts/feedback.ts';
import { thresholdShift, fadeOf } from './false-alarm-odds.ts';
import { groupKey, type JudgedRows } from '../series/node-key.ts';
import { patternFactor } from './pattern-factor.ts';
import type { VerdictEntry } from './verdict-entry.ts';

/** What the verdicts do to the threshold of some rows. */
export interface ThresholdEffect extends JudgedRows {
  /** Faded numbers of verdicts. */
  noise: number;
  useful: number;
  /** Nats; up (less is reported) is positive. */
  shift: number;
}

/** What all verdicts in force do. */
export interface FeedbackEffect {
  readonly thresholds: readonly ThresholdEffect[];
  readonly patternFactor: number;
}

/** Effect of the verdicts at an hour (hours since the epoch): a function of the two alone, so that taking a verdict back
 *  leaves no trace. `entries`: in order of their numbers. */
export function effectOf(entries: readonly VerdictEntry[], hour: number): FeedbackEffect {
  const thresholds = new Map<string, ThresholdEffect>();
  for (const { kind, id, family, verdict, minute } of entries) {
    if (verdict === 'accept_level') continue;
    const key = `${groupKey({ kind, id })} ${family}`;
    const effect = thresholds.get(key) ?? { kind, id, family, noise: 0, useful: 0, shift: 0 };
    effect[verdict] += fadeOf(hour - Math.floor(minute / 60));
    thresholds.set(key, effect);
  }
  for (const effect of thresholds.values()) effect.shift = thresholdShift(effect.noise, effect.useful);
  return { thresholds: [...thresholds.values()], patternFactor: patternFactor(entries, hour) };
}

/** The effects as people read them, the largest first. */
export function shownEffects({ thresholds }: FeedbackEffect): NodeEffect[] {
  const round = (value: number) => Number(value.toFixed(3));
  return thresholds
    .map(({ kind, id, family, noise, useful, shift }) => ({
      node: groupKey({ kind, id }),
      family,
      noise: round(noise),
      useful: round(useful),
      threshold_shift_nats: round(shift),
    }))
    .sort((a, b) => Math.abs(b.threshold_shift_nats) - Math.abs(a.threshold_shift_nats) || a.node.localeCompare(b.node));
}

/** Numbers about the verdicts in force. */
export interface FeedbackSummary {
  readonly useful: number;
  readonly noise: number;
  /** Thresholds that verdicts shift by a tenth of a nat or more. */
  readonly thresholdsShifted: number;
  readonly patternFactor: number;
}

/** Counts the verdicts in force. */
export function summaryOf(entries: readonly Pick<VerdictEntry, 'verdict'>[], effect: FeedbackEffect): FeedbackSummary {
  const count = (wanted: VerdictEntry['verdict']) => entries.filter(({ verdict }) => verdict === wanted).length;
  const thresholdsShifted = effect.thresholds.filter(({ shift }) => Math.abs(shift) >= 0.1).length;
  return { useful: count('useful'), noise: count('noise'), thresholdsShifted, patternFactor: effect.patternFactor };
}
