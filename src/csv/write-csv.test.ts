import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createCsvReader } from './read-csv.ts';
import { CSV_HEADER, csvRow } from './write-csv.ts';

async function readBack(line: string): Promise<unknown> {
  const reader = createCsvReader({ source: 'csv', maxLineBytes: 10_000 });
  const chunks = (async function* () {
    yield Buffer.from(`${CSV_HEADER}\n${line}\n`);
  })();
  for await (const [item] of reader.read(chunks)) return item?.kind === 'item' ? item.value : item?.findings;
  return undefined;
}

test('a row that is written and read again is the same row', async () => {
  const cell = fc
    .string({ minLength: 1, maxLength: 20 })
    .map((text) => text.replaceAll(/[\r\n]/g, ' ').trim())
    .filter((text) => text !== '');
  const row = fc.record(
    {
      merchant_id: cell,
      acquirer: cell,
      auth_code: cell,
      count: fc.integer({ min: 0 }),
      amount: fc.double({ noNaN: true, noDefaultInfinity: true }),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(row, async (fields) => {
      const value = { id: 'a', timestamp: '2025-07-12 13:45:00', ...fields };
      if (value.amount === 0) value.amount = 0;
      assert.deepEqual(await readBack(csvRow(value)), { count: 1, ...value });
    }),
    { numRuns: 300 },
  );
});
