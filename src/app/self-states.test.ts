import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diskStates, standstillOf } from './self-states.ts';

const HANGS = { code: 'self_hang', params: {} } as const;

test('a standstill is reported unless every receiver knows that detection is behind, and its end is in any case', () => {
  const pipeline = { still: true, told: false, proven: true };
  const state = () =>
    standstillOf({
      standstill: () => (pipeline.still ? { forMs: 60_000, reason: HANGS } : undefined),
      isProven: () => pipeline.proven,
      isBehindNotified: () => pipeline.told,
    });
  assert.deepEqual(state(), HANGS);
  pipeline.told = true;
  assert.equal(state(), null, 'one cause, one page');
  pipeline.still = false;
  assert.equal(state(), undefined);
  pipeline.proven = false;
  assert.equal(state(), null);
});

test('a disk is full or fills up, not both', () => {
  const reason = { code: 'self_disk_low', params: { free: 9 } } as const;
  const full = diskStates({ problem: () => ({ kind: 'full', reason }) });
  assert.deepEqual([full.disk_full(), full.disk_low()], [reason, { worse: 'disk_full' }]);
  const low = diskStates({ problem: () => ({ kind: 'low', reason }) });
  assert.deepEqual([low.disk_full(), low.disk_low()], [undefined, reason]);
  const well = diskStates({ problem: () => undefined });
  assert.deepEqual([well.disk_full(), well.disk_low()], [undefined, undefined]);
});
