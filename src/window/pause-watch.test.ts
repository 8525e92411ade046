import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchPauses } from './pause-watch.ts';

test('a pause is reported once, also before the first beat after it; a busy second is none', (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  let now = 0;
  const watch = watchPauses({ monotonic: () => now });
  const pass = (ms: number): void => {
    now += ms;
    context.mock.timers.tick(1000);
  };
  for (let second = 0; second < 600; second++) pass(1000);
  pass(20_000);
  assert.equal(watch.hasPaused(), false);
  now += 540_000;
  assert.deepEqual([watch.hasPaused(), watch.hasPaused()], [true, false]);
  pass(540_000);
  pass(1000);
  assert.deepEqual([watch.hasPaused(), watch.hasPaused()], [true, false]);
  watch.stop();
});
