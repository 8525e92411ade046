import { SETTINGS } from '../series/settings.ts';
import { fadeOf } from './false-alarm-odds.ts';
import type { VerdictEntry } from './verdict-entry.ts';

const { patternStep, patternMost } = SETTINGS.feedback;
/** A score of 0.95 is common and adds no evidence, one of 0.9999 or more adds all that it can. */
const COMMON = Math.log(20);
const RARE = Math.log(10_000);

/** Factor on the weight of the Isolation Forest, 0..2, 1 without verdicts: online logistic regression of "useful" on the
 *  forest's score, one projected gradient step a verdict (Zinkevich 2003), fading back to 1. `entries`: in order;
 *  `hour`: hours since the epoch. */
export function patternFactor(entries: readonly VerdictEntry[], hour: number): number {
  let factor = 1;
  let before = hour;
  for (const { verdict, mlScore, minute } of entries) {
    if (verdict === 'accept_level') continue;
    const at = Math.floor(minute / 60);
    factor = 1 + (factor - 1) * fadeOf(at - before);
    before = at;
    const x = strangeness(mlScore);
    const usefulChance = 1 / (1 + Math.exp(-factor * (2 * x - 1)));
    const error = (verdict === 'useful' ? 1 : 0) - usefulChance;
    factor = Math.min(patternMost, Math.max(0, factor + patternStep * error * x));
  }
  return 1 + (factor - 1) * fadeOf(hour - before);
}

/** What the forest had to say, 0..1. */
function strangeness(mlScore: number): number {
  const nats = -Math.log(Math.max(1e-9, 1 - mlScore));
  return Math.min(1, Math.max(0, (nats - COMMON) / (RARE - COMMON)));
}
