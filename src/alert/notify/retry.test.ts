import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffMs, waitAfter, outcomeOf, retryAfterMs } from './retry.ts';

test('2xx arrived, 408, 429 and 5xx are retried, everything else is a refusal', () => {
  const kinds = [200, 202, 204, 301, 400, 401, 404, 408, 422, 429, 500, 503].map((status) => [status, outcomeOf(status, null, 0).kind]);
  assert.deepEqual(Object.fromEntries(kinds), {
    200: 'delivered',
    202: 'delivered',
    204: 'delivered',
    301: 'refused',
    400: 'refused',
    401: 'refused',
    404: 'refused',
    408: 'retry',
    422: 'refused',
    429: 'retry',
    500: 'retry',
    503: 'retry',
  });
});

test('Retry-After is honoured as seconds and as a date, within an hour', () => {
  const now = Date.parse('2026-11-22T03:00:00Z');
  assert.equal(retryAfterMs('120', now), 120_000);
  assert.equal(retryAfterMs('Sun, 22 Nov 2026 03:00:30 GMT', now), 30_000);
  assert.equal(retryAfterMs('Sun, 22 Nov 2026 02:00:00 GMT', now), 0);
  assert.equal(retryAfterMs('999999', now), 3_600_000);
  assert.equal(retryAfterMs('soon', now), 0);
  assert.equal(retryAfterMs(null, now), 0);
});

test('the wait doubles up to a minute, and jitter takes at most half of it', () => {
  assert.deepEqual(
    [1, 2, 3, 7, 100].map((attempts) => backoffMs(attempts, 0)),
    [1000, 2000, 4000, 60_000, 60_000],
  );
  assert.equal(backoffMs(1, 0.5), 750);
  assert.ok(backoffMs(1, 0.999) >= 500);
});

test('no answer makes a page wait longer than the group interval; one that asks for a pause gets it up to the repeat interval', () => {
  const times = { groupIntervalMs: 20_000, repeatIntervalMs: 90_000 };
  const refused = { kind: 'refused', error: 'HTTP 404' } as const;
  const asked = (afterMs: number) => ({ kind: 'retry', error: 'HTTP 429', afterMs }) as const;
  assert.equal(waitAfter(refused, 4000, times), 4000);
  assert.equal(waitAfter(refused, 60_000, times), 20_000);
  assert.equal(waitAfter(asked(30_000), 60_000, times), 30_000);
  assert.equal(waitAfter(asked(3_600_000), 1000, times), 90_000);
  assert.equal(waitAfter(refused, 1000, { ...times, groupIntervalMs: 100 }), 1000);
});
