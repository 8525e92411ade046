import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCadence } from './cadence.ts';

test('the cadence is the commonest step in spite of gaps and repeated times, and is known after some values', () => {
  const cadenceOf = createCadence();
  let timeMs = 0;
  const found = Array.from({ length: 20 }, (_, index) => cadenceOf((timeMs += index === 3 ? 3_600_000 : index === 5 ? 0 : 60_000)));
  assert.equal(found[10], null);
  assert.equal(found[19], 60_000);
});
