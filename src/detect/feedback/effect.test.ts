import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effectOf, shownEffects } from './effect.ts';
import { thresholdShift } from './false-alarm-odds.ts';
import { patternFactor } from './pattern-factor.ts';
import type { VerdictEntry } from './verdict-entry.ts';

const DAY = 24;
const entry = (number: number, changes: Partial<VerdictEntry> = {}): VerdictEntry => ({
  number,
  anomaly: `an_${number}`,
  minute: 0,
  verdict: 'noise',
  kind: 'merchant',
  id: 'm-1',
  family: 'denial',
  mlScore: 0.99,
  quiet: null,
  moved: [],
  ...changes,
});
const many = (count: number, changes: Partial<VerdictEntry> = {}) => Array.from({ length: count }, (_, n) => entry(n + 1, changes));

test('the threshold follows the odds of a false alarm, within its bounds', () => {
  assert.equal(thresholdShift(0, 0), 0);
  assert.equal(thresholdShift(1, 0), Math.log(2));
  assert.equal(thresholdShift(3, 3), 0);
  assert.equal(thresholdShift(1000, 0), Math.log(20));
  assert.equal(thresholdShift(0, 1000), -1);
});

test('verdicts move the threshold of their own group and family only, and fade by half in thirty days', () => {
  const entries = [...many(3), entry(9, { kind: 'fleet', id: '', family: 'volume', verdict: 'useful' })];
  const [merchant, fleet] = shownEffects(effectOf(entries, 0));
  assert.deepEqual(merchant, { node: 'merchant:m-1', family: 'denial', noise: 3, useful: 0, threshold_shift_nats: 1.386 });
  assert.deepEqual(fleet, { node: 'fleet', family: 'volume', noise: 0, useful: 1, threshold_shift_nats: Number((-Math.LN2).toFixed(3)) });
  assert.equal(shownEffects(effectOf(entries, 30 * DAY))[0]?.noise, 1.5);
});

test('an accepted level says nothing about the threshold or the forest', () => {
  assert.deepEqual(effectOf(many(5, { verdict: 'accept_level' }), 0), { thresholds: [], patternFactor: 1 });
});

test('the forest loses weight where it was sure of noise and gains where it was sure of incidents, between 0 and 2', () => {
  const sure = { mlScore: 0.9999 };
  assert.ok(patternFactor(many(1, sure), 0) < 1);
  assert.ok(patternFactor(many(1, { ...sure, verdict: 'useful' }), 0) > 1);
  assert.equal(patternFactor(many(100, { mlScore: 0.5 }), 0), 1, 'a score that is common said nothing');
  const least = patternFactor(many(500, sure), 0);
  const most = patternFactor(many(500, { ...sure, verdict: 'useful' }), 0);
  assert.ok(least >= 0 && least < 0.2 && most <= 2 && most > 1.5, `${least} ${most}`);
  assert.ok(Math.abs(patternFactor(many(500, sure), 365 * DAY) - 1) < 0.01, 'it is forgotten');
});
