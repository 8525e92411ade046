import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { TransactionRecord } from '@transaction-guardian/contracts/transaction.ts';
import { encodeTransaction } from '../ingest/record.ts';
import { JSON_HEADERS } from '../topic/record-headers.ts';
import { createTransactionReader } from './read-transaction.ts';
import { at, heartbeat, transaction } from './test-records.ts';

const read = createTransactionReader();
const readText = (text: string): TransactionRecord | undefined => read(Buffer.from(text));
const parsed = (value: Uint8Array): TransactionRecord => JSON.parse(Buffer.from(value).toString()) as TransactionRecord;
/** Without the fields that are undefined. */
const plain = (record: TransactionRecord | undefined): unknown => (record === undefined ? undefined : JSON.parse(JSON.stringify(record)));

const printed = fc.string({ unit: fc.constantFrom(...'abzAZ019 _-.:/#{},[]'.split('')), minLength: 1, maxLength: 40 });
const anyText = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((text) => text.isWellFormed());
const money = fc.oneof(
  fc.nat().map((cents) => cents / 100),
  fc.double({ min: 0, max: 1e15, noNaN: true }),
  fc.nat({ max: 2 ** 31 - 1 }),
);
const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
const encoded = (text: fc.Arbitrary<string>) =>
  fc
    .tuple(
      fc.record({
        id: fc.constant(undefined),
        occurred_at: fc.option(fc.integer({ min: 0, max: 8.64e15 })),
        status: fc.constantFrom('approved' as const, 'denied' as const, '' as const),
        count: fc.nat({ max: 1e9 }),
        amount: optional(money),
        currency: optional(fc.constant('BRL')),
        merchant_id: optional(text),
        auth_code: optional(fc.constant('51')),
        card_bin: optional(fc.constant('411111')),
        acquirer: optional(text),
        payment_method: optional(text),
        customer_id: optional(text),
      }),
      text,
      text,
      fc.boolean(),
    )
    .map(
      ([content, id, source, flag]) =>
        encodeTransaction(
          content,
          { id, clientId: flag, contentHash: '0123456789abcdef', source, backfill: !flag, headers: JSON_HEADERS },
          1_795_947_804_603,
        ).value,
    );

test('what ingestion writes in printed ASCII is read, with the values that JSON has', () => {
  fc.assert(
    fc.property(encoded(printed), (value) => {
      const record = read(value);
      const expected = parsed(value);
      if (Number.isSafeInteger(expected.occurred_at) && expected.occurred_at < 1e15 && /^[\d.]{0,15}$/.test(String(expected.amount ?? '')))
        assert.ok(record !== undefined);
      if (record !== undefined) assert.deepEqual(plain(record), expected);
    }),
    { numRuns: 2000 },
  );
});

test('what it writes in any other text is read the same or left to JSON', () => {
  fc.assert(
    fc.property(encoded(anyText), (value) => {
      const record = read(value);
      if (record !== undefined) assert.deepEqual(plain(record), parsed(value));
    }),
    { numRuns: 1000 },
  );
});

test('a byte that is changed, lost or added never makes a record that JSON does not have', () => {
  const change = fc.record({ where: fc.nat(), by: fc.integer({ min: 0, max: 255 }), kind: fc.constantFrom('set', 'remove', 'insert') });
  fc.assert(
    fc.property(encoded(printed), change, (value, { where, by, kind }) => {
      const place = where % value.length;
      const rest = value.subarray(kind === 'insert' ? place : place + 1);
      const changed = Buffer.concat([value.subarray(0, place), ...(kind === 'remove' ? [] : [Uint8Array.of(by)]), rest]);
      const record = read(changed);
      if (record !== undefined) assert.deepEqual(plain(record), parsed(changed));
    }),
    { numRuns: 5000 },
  );
});

test('a value is read to its own end, whatever follows it in the buffer', () => {
  const text = JSON.stringify(transaction(at(0)));
  const buffer = Buffer.from(`xx${text}${text}`);
  const view = (from: number, to: number): Uint8Array => new Uint8Array(buffer.buffer, buffer.byteOffset + from, to - from);
  assert.equal(read(view(2, 2 + text.length))?.status, 'approved');
  assert.equal(read(view(2, 1 + text.length)), undefined);
  assert.equal(read(view(2, 3 + text.length)), undefined);
});

test('what breaks a rule, and what is no transaction, is left to JSON', () => {
  const text = JSON.stringify(transaction(at(0)));
  assert.ok(readText(text) !== undefined);
  assert.equal(readText(JSON.stringify(heartbeat(at(0)))), undefined);
  assert.equal(readText(text.replace('"approved"', '"lost"')), undefined);
  assert.equal(readText(text.replace('"count":1', '"count":1000000001')), undefined);
  assert.equal(readText(text.replace('"count":1', '"count":01')), undefined);
  assert.equal(readText(text.replace('"v":1', '"v":2')), undefined);
  assert.equal(readText(text.replace(/"id":"[^"]*"/, '"id":""')), undefined);
});
