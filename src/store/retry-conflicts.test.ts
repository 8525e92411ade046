import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GuardianError } from '../errors.ts';
import { retryConflicts } from './retry-conflicts.ts';

const conflict = (sqlState: string) => new GuardianError('STORE_UNAVAILABLE', 'x', { retryable: true, data: { sqlState } });

test('deadlocks and serialization failures are tried again until it works', async () => {
  const failures = [conflict('40P01'), conflict('40001')];
  let calls = 0;
  const result = await retryConflicts(async () => {
    calls += 1;
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    return 'done';
  });
  assert.deepEqual([result, calls], ['done', 3]);
});

test('what else fails is not tried again', async () => {
  for (const error of [conflict('57014'), new GuardianError('STORE_REFUSED', 'x', { data: { sqlState: '40001' } }), new Error('x')]) {
    let calls = 0;
    await assert.rejects(
      retryConflicts(async () => {
        calls += 1;
        throw error;
      }),
      error,
    );
    assert.equal(calls, 1);
  }
});

test('at the deadline the last failure comes out', async () => {
  let now = 0;
  let calls = 0;
  const trying = retryConflicts(
    async () => {
      calls += 1;
      now += 400;
      throw conflict('40001');
    },
    { deadlineMs: 1000, monotonic: () => now },
  );
  await assert.rejects(trying, { code: 'STORE_UNAVAILABLE' });
  assert.ok(calls >= 2 && calls <= 3, String(calls));
});
