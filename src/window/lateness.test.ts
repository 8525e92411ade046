import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MINUTE_MS } from '../clock.ts';
import { createLateness, type Lateness } from './lateness.ts';

const MOST_MS = 90_000;

/** `minutes` minutes of 120 transactions each, which come `lateMs` after the end of their minute. */
function feed(lateness: Lateness, from: number, minutes: number, lateMs: number): void {
  for (let minute = from; minute < from + minutes; minute += 1) lateness.note(minute * MINUTE_MS, (minute + 1) * MINUTE_MS + lateMs, 120);
}

test('waits as long as it may while little is known', () => {
  const lateness = createLateness();
  assert.equal(lateness.waitMs(MOST_MS), MOST_MS);
  feed(lateness, 0, 9, -30_000);
  assert.equal(lateness.waitMs(MOST_MS), MOST_MS);
});

test('a prompt stream waits two seconds, one that sends whole minutes as long as these take', () => {
  const prompt = createLateness();
  feed(prompt, 0, 20, -30_000);
  assert.equal(prompt.waitMs(MOST_MS), 2000);
  const aggregated = createLateness();
  feed(aggregated, 0, 20, 4000);
  assert.equal(aggregated.waitMs(MOST_MS), 7000);
});

test('one late transaction in a thousand does not hold the others up, more do', () => {
  const few = createLateness();
  feed(few, 0, 100, -1000);
  few.note(99 * MINUTE_MS, 100 * MINUTE_MS + 40_000, 2);
  assert.equal(few.waitMs(MOST_MS), 2000);
  const many = createLateness();
  feed(many, 0, 100, -1000);
  many.note(99 * MINUTE_MS, 100 * MINUTE_MS + 40_000, 200);
  many.note(100 * MINUTE_MS, 100 * MINUTE_MS + 1000, 1);
  assert.equal(many.waitMs(MOST_MS), 47_000);
});

test('a source that becomes slow is waited for, up to the limit; one that becomes prompt again is not for ever', () => {
  const lateness = createLateness();
  feed(lateness, 0, 60, -1000);
  feed(lateness, 60, 5, 200_000);
  assert.equal(lateness.waitMs(MOST_MS), MOST_MS);
  feed(lateness, 65, 400, -1000);
  assert.equal(lateness.waitMs(MOST_MS), 2000);
});

test('what was learnt goes on from where it was stored', () => {
  const lateness = createLateness();
  assert.equal(lateness.saved(), null);
  feed(lateness, 0, 20, 4000);
  const restored = createLateness(JSON.parse(JSON.stringify(lateness.saved())));
  assert.equal(restored.waitMs(MOST_MS), lateness.waitMs(MOST_MS));
  for (const each of [lateness, restored]) feed(each, 20, 60, 20_000);
  assert.deepEqual(restored.saved(), lateness.saved());
});
