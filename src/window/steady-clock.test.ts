import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../store/test-database.ts';
import { createSteadyClock } from './steady-clock.ts';
import { at, manualClock, NOON } from './test-records.ts';

const HOUR = 3_600_000;
const create = () => {
  const clock = manualClock(NOON);
  return { clock, steady: createSteadyClock({ clock, log: silentLog }, 600_000) };
};

test('a jump is not believed, and is over when the clock is back', () => {
  const { clock, steady } = create();
  clock.set(at(1));
  clock.jump(2 * HOUR);
  assert.equal(steady.now(), at(1));
  clock.set(at(2));
  assert.equal(steady.hear(at(2)), false, 'records speak against it');
  assert.equal(steady.now(), at(2));
  clock.jump(-2 * HOUR);
  assert.equal(steady.now(), at(2));
});

test('a machine that slept: records confirm the new time, and nobody had listened', () => {
  const { clock, steady } = create();
  steady.now();
  clock.jump(2 * HOUR);
  assert.equal(steady.hear(at(121)), true);
  assert.equal(steady.now(), at(120));
});

test('records of long ago confirm nothing', () => {
  const { clock, steady } = create();
  clock.jump(-2 * HOUR);
  assert.equal(steady.hear(at(-100_000)), false);
  assert.equal(steady.now(), NOON);
});

test('small corrections of the clock are followed', () => {
  const { clock, steady } = create();
  for (let step = 0; step < 10; step += 1) {
    clock.jump(30_000);
    steady.now();
  }
  assert.equal(steady.now(), NOON + 300_000);
});
