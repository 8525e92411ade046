import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guessLimitConformance } from './guess-limit.conformance.ts';
import { createGuessLimit, GUESS_WINDOW_MS, withLocalLimit, type GuessLimit } from './guess-limit.ts';

guessLimitConformance('memory', async (windowMs) => createGuessLimit(performanceClock, windowMs));

const performanceClock = { monotonic: () => performance.now() };

function make() {
  const clock = { at: 0, monotonic: () => clock.at };
  return { clock, limit: createGuessLimit(clock) };
}

test('a window of ten minutes begins with each guess', async () => {
  const { clock, limit } = make();
  for (let count = 0; count < 10; count++) {
    assert.notEqual(await limit.take('a'), null);
    clock.at += 1000;
  }
  assert.equal(await limit.take('a'), null);
  clock.at = GUESS_WINDOW_MS;
  assert.notEqual(await limit.take('a'), null, 'the first one is forgotten');
});

test('without an answer of the shared limit each process has a limit of its own', async () => {
  const away: GuessLimit = { take: () => Promise.reject(new Error('away')) };
  const limit = withLocalLimit(away, make().limit);
  for (let count = 0; count < 10; count++) assert.notEqual(await limit.take('a'), null);
  assert.equal(await limit.take('a'), null);
});

test('what another process has counted stops an address here', async () => {
  const shared = make().limit;
  const [one, other] = [withLocalLimit(shared, make().limit), withLocalLimit(shared, make().limit)];
  for (let count = 0; count < 5; count++) {
    assert.notEqual(await one.take('a'), null);
    assert.notEqual(await other.take('a'), null);
  }
  assert.deepEqual([await one.take('a'), await other.take('a')], [null, null]);
});
