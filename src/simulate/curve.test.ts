import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCurve, BUSINESS_PROFILES } from './curve.ts';

const HOUR = 3_600_000;

test('the curve follows local time, also over a clock change', () => {
  const saoPaulo = createCurve('America/Sao_Paulo');
  const utc = createCurve('UTC');
  const at = Date.UTC(2026, 10, 18, 15);
  assert.equal(saoPaulo.factor('food', at), utc.factor('food', at - 3 * HOUR));
  const newYork = createCurve('America/New_York');
  const before = Date.UTC(2026, 2, 5, 17);
  const after = Date.UTC(2026, 2, 12, 16);
  assert.ok(Math.abs(newYork.factor('retail', before) - newYork.factor('retail', after)) < 1e-9);
});

test('the mean over a week is 1 for every profile, and there is no jump at midnight', () => {
  const curve = createCurve('UTC');
  const sunday = Date.UTC(2026, 10, 15);
  for (const profile of BUSINESS_PROFILES) {
    let sum = 0;
    for (let minute = 0; minute < 10_080; minute++) sum += curve.factor(profile, sunday + minute * 60_000);
    assert.ok(Math.abs(sum / 10_080 - 1) < 0.01, `${profile}: ${sum / 10_080}`);
  }
  const midnight = sunday + 24 * HOUR;
  assert.ok(Math.abs(curve.factor('retail', midnight) / curve.factor('retail', midnight - 60_000) - 1) < 0.8);
});

test('an unknown zone is refused', () => assert.throws(() => createCurve('Mars/Base'), RangeError));
