import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createJsonBytes } from './json-bytes.ts';

test('every text is the JSON that JSON.stringify makes of it, whatever came before', () => {
  const json = createJsonBytes();
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 5 }), (texts) => {
      json.raw('[');
      for (const [index, text] of texts.entries()) {
        if (index > 0) json.raw(',');
        json.text(text);
      }
      json.raw(']');
      assert.equal(json.take().toString('utf8'), JSON.stringify(texts));
    }),
    { numRuns: 2000 },
  );
});

test('what was given out stays as it is, also across the end of the memory', () => {
  const json = createJsonBytes();
  const taken: Buffer[] = [];
  for (let index = 0; index < 5000; index += 1) {
    json.text(`text ${index} ${'é'.repeat(index % 50)}`);
    taken.push(json.take());
  }
  json.text('x'.repeat(200_000));
  assert.equal(json.take().length, 200_002);
  for (const [index, bytes] of taken.entries()) assert.equal(JSON.parse(bytes.toString()), `text ${index} ${'é'.repeat(index % 50)}`);
});
