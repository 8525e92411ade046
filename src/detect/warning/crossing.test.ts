import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crossingOf, DRIFT_MINUTES } from './crossing.ts';

const shares = (share: (minute: number) => number): Float64Array =>
  Float64Array.from({ length: DRIFT_MINUTES }, (_, minute) => share(minute));
const last = DRIFT_MINUTES - 1;

test('a steady rise is reported with the minutes that it needs to the threshold', () => {
  const crossing = crossingOf(
    shares((minute) => 0.7 - 0.02 * (last - minute)),
    0,
  );
  assert.equal(Math.round(crossing?.minutes ?? 0), 15);
  assert.equal(Math.round((crossing?.share ?? 0) * 100), 70);
});

test('what slows down is reported with its later pace, or not at all', () => {
  const slowing = crossingOf(
    shares((minute) => 0.75 - 0.02 * Math.max(0, 15 - minute) - 0.01 * (last - Math.max(15, minute))),
    0,
  );
  assert.ok(slowing !== null && slowing.minutes > 20, String(slowing?.minutes));
  assert.equal(
    crossingOf(
      shares((minute) => 0.8 - 0.02 * Math.max(0, 14 - minute)),
      0,
    ),
    null,
  );
});

test('a jump, noise, evidence that is low or was away, and a crossing that is near or far are no warning', () => {
  assert.equal(
    crossingOf(
      shares((minute) => (minute < 23 ? 0.1 : 0.8)),
      0,
    ),
    null,
  );
  assert.equal(
    crossingOf(
      shares((minute) => 0.75 + 0.15 * Math.sin(minute * 5)),
      0,
    ),
    null,
  );
  assert.equal(
    crossingOf(
      shares((minute) => 0.6 - 0.01 * (last - minute)),
      0,
    ),
    null,
  );
  assert.equal(
    crossingOf(
      shares((minute) => (minute === 3 ? 0 : 0.8 - 0.02 * (last - minute))),
      0,
    ),
    null,
  );
  assert.equal(
    crossingOf(
      shares((minute) => 0.95 - 0.03 * (last - minute)),
      0,
    ),
    null,
  );
  assert.equal(
    crossingOf(
      shares((minute) => 0.75 - 0.004 * (last - minute)),
      0,
    ),
    null,
  );
});
