import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createForeignRecords } from './foreign-records.ts';

const NOW = Date.UTC(2026, 0, 5, 12);
const OPTIONS = { timeZone: 'America/Sao_Paulo', maxFutureMs: 300_000, maxAgeMs: 86_400_000 };

function read(value: object, publishedAt = NOW - 1000) {
  const foreign = createForeignRecords(OPTIONS, { now: () => NOW });
  const source = { offset: 7, key: 'm-1', value: Buffer.from(JSON.stringify(value)), headers: {}, publishedAt };
  const stamped = foreign.stamp(value, source, 2);
  return typeof stamped === 'string' ? stamped : (JSON.parse(Buffer.from(stamped).toString()) as Record<string, unknown>);
}

/** Why a value is refused; '' when it is not. */
function refusalOf(value: object, publishedAt?: number): string {
  const answer = read(value, publishedAt);
  return typeof answer === 'string' ? answer : '';
}

test('a transaction of another program is stamped as one that HTTP accepts, and the same one always alike', () => {
  const value = { status: 'approved', merchant_id: 'm-1', timestamp: '2026-01-05T08:30:00' };
  const stamped = read(value);
  assert.deepEqual(stamped, read(value));
  assert.deepEqual(stamped, {
    ...{ v: 1, kind: 'transaction', id: `kafka-2-7-${(NOW - 1000).toString(36)}`, client_id: false },
    ...{ content_hash: (stamped as Record<string, unknown>)['content_hash'], occurred_at: Date.UTC(2026, 0, 5, 11, 30) },
    ...{ ingested_at: NOW - 1000, status: 'approved', count: 1, merchant_id: 'm-1', source: 'kafka', backfill: false },
  });
  assert.equal((read({ id: 'mine', status: 'denied' }) as Record<string, unknown>)['client_id'], true);
});

test('every broken rule is named, and no value', () => {
  assert.match(refusalOf({ status: 'lost', amount: -1 }), /^status: .*; amount: /);
  assert.match(refusalOf({ status: 'approved', customer_id: '4111111111111111' }), /^customer_id: (?!.*4111)/);
});

test('a producer whose clock is ahead does not move the stream ahead', () => {
  const stamped = read({ status: 'approved' }, NOW + 3_600_000) as Record<string, unknown>;
  assert.equal(stamped['occurred_at'], NOW);
  assert.match(refusalOf({ status: 'approved', timestamp: '2026-01-05T16:00:00Z' }, NOW + 14_400_000), /^timestamp: /);
});

test('a dead letter keeps no card number', () => {
  const foreign = createForeignRecords(OPTIONS, { now: () => NOW });
  const source = { offset: 0, key: '4111111111111111', value: Buffer.from('{"pan":"4111111111111111"'), headers: {}, publishedAt: NOW };
  const masked = foreign.mask(source);
  assert.doesNotMatch(masked.key + Buffer.from(masked.value).toString(), /4111111111111111/);
});
