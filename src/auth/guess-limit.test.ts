import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGuessLimit } from './guess-limit.ts';

const WINDOW_MS = 10 * 60_000;

function make() {
  const clock = { at: 0, monotonic: () => clock.at };
  return { clock, limit: createGuessLimit(clock) };
}

test('ten wrong guesses of an address stop it for ten minutes, and no other', () => {
  const { clock, limit } = make();
  for (let count = 0; count < 10; count++) {
    assert.ok(limit.allows('a'));
    limit.note('a');
    clock.at += 1000;
  }
  assert.ok(!limit.allows('a'));
  assert.ok(limit.allows('b'));
  clock.at = WINDOW_MS;
  assert.ok(limit.allows('a'), 'the first one is forgotten');
});

test('a thousand addresses together have a hundred guesses', () => {
  const { clock, limit } = make();
  const allowed = Array.from({ length: 1000 }, (_, at) => {
    const may = limit.allows(`a${at}`);
    if (may) limit.note(`a${at}`);
    return may;
  });
  assert.equal(allowed.filter(Boolean).length, 100);
  clock.at = WINDOW_MS + 1;
  assert.ok(limit.allows('a0'));
});

test('a guess that was right is taken back', () => {
  const { limit } = make();
  for (let count = 0; count < 50; count++) {
    assert.ok(limit.allows(null));
    limit.note(null)();
  }
});
