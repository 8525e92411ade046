import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { createByteWriter } from './byte-writer.ts';
import { contentHash, type TransactionContent } from './content-hash.ts';

const writer = createByteWriter();
const written = (write: () => void): string => {
  writer.begin();
  write();
  return Buffer.from(writer.toBytes()).toString();
};
const anyText = fc.string({ unit: 'grapheme', maxLength: 300 }).filter((text) => text.isWellFormed());
const numbers = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true }),
  fc.double({ min: 0, max: 1e15, noNaN: true }),
  fc.integer({ min: 0, max: 1e15 }).map((cents) => cents / 100),
  fc.constantFrom(0, -0, 0.1, 0.05, 1e-7, 10_000_000, 9_999_999, 1e15, 999_999_999_999_999, 1e21, 4.35, 1.005),
);

test('a number is written as String writes it', () => {
  fc.assert(
    fc.property(numbers, (value) => {
      assert.equal(
        written(() => writer.number(value)),
        String(value),
      );
    }),
    { numRuns: 3000 },
  );
});

test('any text is written as UTF-8, and inside of a JSON string as JSON writes it', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      assert.equal(
        written(() => writer.text(text)),
        text,
      );
      assert.equal(
        written(() => writer.jsonText(text)),
        JSON.stringify(text).slice(1, -1),
      );
    }),
  );
});

test('what was handed out stays as it is, over as many texts as fill several slabs', () => {
  const texts = Array.from({ length: 3000 }, (_, index) => `${index}:${'x'.repeat(index % 300)}`);
  const kept = texts.map((text) => {
    writer.begin();
    writer.text('forgotten');
    writer.forget();
    writer.begin();
    writer.text(text);
    return writer.toBytes();
  });
  assert.deepEqual(
    kept.map((bytes) => Buffer.from(bytes).toString()),
    texts,
  );
});

test('the fingerprint of a content is that of its fields as one text, as it has always been', () => {
  const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
  const content: fc.Arbitrary<TransactionContent> = fc.record({
    occurred_at: fc.option(fc.maxSafeInteger()),
    status: fc.constantFrom('approved', ''),
    count: fc.nat(),
    amount: optional(fc.double({ min: 0, max: 1e15, noNaN: true })),
    currency: optional(fc.constant('BRL')),
    merchant_id: optional(anyText),
    auth_code: optional(fc.constant('51')),
    card_bin: optional(fc.constant('411111')),
    acquirer: optional(anyText),
    payment_method: optional(anyText),
    customer_id: optional(anyText),
  });
  fc.assert(
    fc.property(content, (of) => {
      const { occurred_at, status, count, amount, currency, merchant_id, auth_code, card_bin, acquirer, payment_method, customer_id } = of;
      const fields = [
        occurred_at,
        status,
        count,
        amount,
        currency,
        merchant_id,
        auth_code,
        card_bin,
        acquirer,
        payment_method,
        customer_id,
      ];
      const text = fields.map((field) => field ?? '').join('\u001f');
      assert.equal(contentHash(of), hash('sha256', text, 'hex').slice(0, 16));
    }),
  );
});
