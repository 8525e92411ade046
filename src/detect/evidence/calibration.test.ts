import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Cell, ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { scoreRow } from './calibration.ts';
import { createProbe, type Probe } from '../engine/create-detector.ts';
import { seededNumbers } from '../forest/random.ts';
import { GROUP_ROWS, rowOf, SKETCH } from '../series/series-store.ts';
import { windowOf, ZONE } from '../engine/test-traffic.ts';

const random = seededNumbers(11);
const cell = (merchant_id: string, status: Cell['status'], mean: number): Cell => ({
  ...{ status, auth_code: '', merchant_id, acquirer: '', amount: 0 },
  count: random.poisson(mean),
});

/** Merchants whose volume jumps from minute to minute by itself, more than counts do. */
const ordinary = (n: number, merchants: readonly string[]): ClosedWindow =>
  windowOf(
    n,
    merchants.flatMap((id) => {
      const jump = Math.exp(0.3 * random.normal());
      return [cell(id, 'approved', 40 * jump), cell(id, 'denied', 3 * jump)];
    }),
    'observed',
  );

function learnt(minutes: number): Probe {
  const probe = createProbe({ timeZone: ZONE });
  for (let n = 1; n <= minutes; n++) probe.step(ordinary(n, ['a', 'b']));
  return probe;
}

suite('calibration', () => {
  test('z-scores and ML scores of fleet, status and merchant keep what they promise on a stream that no count model fits', () => {
    const probe = learnt(1440);
    const { store } = probe.state;
    const merchant = GROUP_ROWS * (store.index.merchant.get('a') ?? 0);
    const rows = [0, rowOf(0, 'denied'), merchant];
    const beyond = rows.map(() => 0);
    const high = [0, 0];
    const minutes = 5000;
    for (let n = 1; n <= minutes; n++) {
      probe.step(ordinary(1440 + n, ['a', 'b']));
      rows.forEach((row, i) => (beyond[i] = (beyond[i] ?? 0) + Number(Math.abs(scoreRow(store, row).z) >= 1.96)));
      [0, merchant / GROUP_ROWS].forEach((group, i) => (high[i] = (high[i] ?? 0) + Number(probe.mlScore(group) >= 0.95)));
    }
    for (const count of [...beyond, ...high]) assert.ok(Math.abs(count / minutes / 0.05 - 1) < 0.25, `${beyond.join()} ${high.join()}`);
  });

  test('an outage is far beyond all that was seen, and finite; what it shows does not become normal', () => {
    const probe = learnt(1440);
    const { store } = probe.state;
    const before = store.sketches.slice(0, SKETCH);
    for (let n = 1; n <= 40; n++) probe.step(windowOf(1440 + n, [], 'zero'));
    const { z, p } = scoreRow(store, 0);
    assert.ok(z < -6 && Number.isFinite(z) && p < 1e-9 && p > 0, `${z} ${p}`);
    const taughtMinutes = (store.sketches[0] ?? 0) - (before[0] ?? 0);
    assert.ok(taughtMinutes <= 3, String(taughtMinutes));
  });

  test('a merchant that is new is scored as merchants of its size are', () => {
    const probe = learnt(2880);
    const { store } = probe.state;
    let beyond = 0;
    for (let n = 1; n <= 240; n++) {
      probe.step(ordinary(2880 + n, ['a', 'b', 'new']));
      if (n > 60) beyond += Number(Math.abs(scoreRow(store, GROUP_ROWS * (store.index.merchant.get('new') ?? 0)).z) >= 1.645);
    }
    assert.ok(beyond >= 4 && beyond <= 36, String(beyond));
  });
});
