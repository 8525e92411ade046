import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../test-until.ts';
import type { GuessLimit } from './guess-limit.ts';

/** What every engine of the limit keeps to. `open`: a limit without guesses, whose window is `windowMs`. */
export function guessLimitConformance(name: string, open: (windowMs: number) => Promise<GuessLimit>): void {
  const LONG_MS = 600_000;

  test(`${name}: ten wrong guesses of an address stop it, and no other`, async () => {
    const limit = await open(LONG_MS);
    for (let count = 0; count < 10; count++) assert.notEqual(await limit.take('a'), null);
    assert.equal(await limit.take('a'), null);
    assert.notEqual(await limit.take('b'), null);
    assert.notEqual(await limit.take(null), null);
  });

  test(`${name}: guesses that come at once are counted one by one`, async () => {
    const limit = await open(LONG_MS);
    const taken = await Promise.all(Array.from({ length: 25 }, () => limit.take('a')));
    assert.equal(taken.filter((guess) => guess !== null).length, 10);
  });

  test(`${name}: a thousand addresses together have a hundred guesses`, async () => {
    const limit = await open(LONG_MS);
    let allowed = 0;
    for (let at = 0; at < 1000; at++) if ((await limit.take(`a${at}`)) !== null) allowed += 1;
    assert.equal(allowed, 100);
  });

  test(`${name}: a guess that was right is taken back`, async () => {
    const limit = await open(LONG_MS);
    for (let count = 0; count < 50; count++) {
      // What is taken back far away is back a moment later.
      await until(async () => {
        const forgive = await limit.take('a');
        forgive?.();
        return forgive !== null;
      });
    }
  });

  test(`${name}: the window ends`, async () => {
    const limit = await open(300);
    for (let count = 0; count < 10; count++) await limit.take('a');
    await until(async () => (await limit.take('a')) !== null);
  });
}
