import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
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

test('whatever the fraction of the monotonic clock, every time is a whole millisecond', () => {
  const instants = fc.record({
    wall: fc.integer({ min: -7_200_000, max: 7_200_000 }),
    monotonic: fc.double({ min: 0, max: 1e9, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(instants, { minLength: 2 }), (moments) => {
      let moment = moments[0] ?? { wall: 0, monotonic: 0 };
      const clock = { now: () => NOON + moment.wall, monotonic: () => moment.monotonic };
      const steady = createSteadyClock({ clock, log: silentLog }, 600_000);
      for (moment of moments) {
        assert.ok(Number.isInteger(steady.now()));
        steady.hear(NOON + moment.wall);
        assert.ok(Number.isInteger(steady.now()));
      }
    }),
  );
});
