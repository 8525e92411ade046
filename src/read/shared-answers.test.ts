import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedAnswersConformance } from './shared-answers.conformance.ts';
import { createSharedAnswers, shareAnswer } from './shared-answers.ts';

const clock = { monotonic: () => performance.now() };

sharedAnswersConformance('memory', async () => {
  const answers = createSharedAnswers(clock);
  return [answers, answers];
});

test('two processes compute an answer once, and each for itself while the shared answers are away', async () => {
  const answers = createSharedAnswers(clock);
  let reads = 0;
  const read = async () => ({ reads: ++reads });
  const [one, other] = [answers, answers].map((shared) => shareAnswer(shared, { name: 'q', forMs: 60_000 }, read));
  assert.deepEqual([await one?.(), await other?.()], [{ reads: 1 }, { reads: 1 }]);
  const away = { get: () => Promise.reject(new Error('away')), put: () => Promise.reject(new Error('away')) };
  assert.deepEqual(await shareAnswer(away, { name: 'q', forMs: 60_000 }, read)(), { reads: 2 });
});
