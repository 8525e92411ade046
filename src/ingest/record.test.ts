import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JSON_HEADERS } from '../topic/record-headers.ts';
import { encodeTransaction } from './record.ts';

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((value) => value.isWellFormed());
const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });

test('every record is read back as it was written', () => {
  const content = fc.record({
    id: optional(text),
    occurred_at: fc.option(fc.integer()),
    status: fc.constantFrom('approved' as const, '' as const),
    count: fc.nat(),
    amount: optional(fc.double({ min: 0, max: 1e15, noNaN: true })),
    currency: optional(fc.constant('BRL')),
    merchant_id: optional(text),
    auth_code: optional(fc.constant('51')),
    card_bin: optional(fc.constant('411111')),
    acquirer: optional(text),
    payment_method: optional(text),
    customer_id: optional(text),
  });
  fc.assert(
    fc.property(content, text, text, fc.boolean(), (sent, id, source, flag) => {
      const { key, value } = encodeTransaction(
        sent,
        { id, clientId: flag, contentHash: '0123456789abcdef', source, backfill: !flag, headers: JSON_HEADERS },
        1000,
      );
      const { id: _id, ...rest } = sent;
      const expected = {
        ...rest,
        v: 1,
        kind: 'transaction',
        id,
        client_id: flag,
        content_hash: '0123456789abcdef',
        occurred_at: sent.occurred_at ?? 1000,
        ingested_at: 1000,
        source,
        backfill: !flag,
      };
      assert.deepEqual(JSON.parse(Buffer.from(value).toString('utf8')), JSON.parse(JSON.stringify(expected)));
      assert.equal(key, sent.merchant_id ?? source);
    }),
  );
});
