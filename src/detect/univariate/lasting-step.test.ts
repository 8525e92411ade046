import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLastingStep } from './lasting-step.ts';

test('a step counts whole from its second value on, one outlier hardly counts', () => {
  const step = createLastingStep();
  const steps = [0, 0, 0, 0, 0, 50, 0, 0, 0, 10, 10, 10].map((error) => step(error, 5));
  assert.ok(
    steps.slice(0, 10).every((size) => Math.abs(size) < 1),
    steps.join(),
  );
  assert.ok(
    steps.slice(10).every((size) => size > 9 && size <= 10),
    steps.join(),
  );
});
