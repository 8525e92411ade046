import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isGuardianError } from '../../errors.ts';
import { readJsonArray, readNdjson } from './read-json.ts';
import type { StreamItem } from '../../check/stream-item.ts';

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

interface Read {
  readonly items: StreamItem[];
  readonly broken?: { readonly index: unknown; readonly position: unknown };
}

async function readAll(read: typeof readJsonArray, text: string | Buffer, size = 7, maxBytes = 1000): Promise<Read> {
  const items: StreamItem[] = [];
  try {
    for await (const group of read(inChunks(Buffer.from(text), size), maxBytes)) items.push(...group);
  } catch (error) {
    if (!isGuardianError(error, 'INGEST_JSON')) throw error;
    return { items, broken: { index: error.data['index'], position: error.data['position'] } };
  }
  return { items };
}

const valuesOf = ({ items }: Read): unknown[] => items.map((item) => (item.kind === 'item' ? item.value : item.findings[0]?.rule));

test('any JSON array, cut anywhere, gives its items', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.jsonValue()),
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom(undefined, 2),
      async (value, size, space) => {
        const read = await readAll(readJsonArray, JSON.stringify(value, null, space), size, 100_000);
        assert.equal(read.broken, undefined);
        assert.deepEqual(valuesOf(read), JSON.parse(JSON.stringify(value)));
      },
    ),
    { numRuns: 200 },
  );
});

test('a break is reported with its item and byte, and the items before it are given out', async () => {
  const cases: [string, unknown[], number, number][] = [
    ['', [], 0, 0],
    ['{"a":1}', [], 0, 0],
    ['[1,2', [1], 1, 4],
    ['[{"a":1},{"b":', [{ a: 1 }], 1, 14],
    ['[{"a":1} {"b":2}]', [{ a: 1 }], 1, 9],
    ['[{"a":1},{"b":nope},{"c":3}]', [{ a: 1 }], 1, 9],
    ['[1,,2]', [1], 1, 3],
    ['[1,]', [1], 1, 3],
    ['[1]x', [1], 1, 3],
    ['["abc', [], 0, 5],
  ];
  for (const [text, values, index, position] of cases) {
    for (const size of [1, 3, 100]) {
      const read = await readAll(readJsonArray, text, size);
      assert.deepEqual(valuesOf(read), values, `${text} in chunks of ${size}`);
      assert.deepEqual(read.broken, { index, position }, `${text} in chunks of ${size}`);
    }
  }
});

test('blanks and a byte order mark around an array are fine', async () => {
  assert.deepEqual(valuesOf(await readAll(readJsonArray, '\ufeff \n[ 1 ,\t2 ]\r\n ')), [1, 2]);
});

test('an item that is too long or not UTF-8 is reported, and the others go on', async () => {
  const long = JSON.stringify({ text: 'x'.repeat(2000) });
  assert.deepEqual(valuesOf(await readAll(readJsonArray, `[1,${long},3]`)), [1, 'too_long', 3]);
  assert.deepEqual(valuesOf(await readAll(readJsonArray, Buffer.concat([Buffer.from('[1,"'), Buffer.from([0xff]), Buffer.from('",3]')]))), [
    1,
    'encoding',
    3,
  ]);
});

test('a wrong line does not stop the others', async () => {
  const text = `\ufeff{"a":1}\r\n\r\nnope\n${JSON.stringify('x'.repeat(2000))}\n{"b":2}`;
  const read = await readAll(readNdjson, text);
  assert.deepEqual(valuesOf(read), [{ a: 1 }, 'json', 'too_long', { b: 2 }]);
  assert.deepEqual(
    read.items.map(({ at }) => at),
    [1, 3, 4, 5],
  );
});

test('any lines, cut anywhere, in ASCII or not, give what each says alone', async () => {
  const line = fc.oneof(
    fc.jsonValue().map((value) => JSON.stringify(value)),
    fc.constantFrom('', ' \t', '{"a":', 'nope', '"maçã €"', `"${'x'.repeat(60)}"`, `"${'ç'.repeat(30)}"`, '{"a":1} '),
  );
  const maxBytes = 50;
  const alone = (text: string, index: number): object[] => {
    if (text.trim() === '') return [];
    if (Buffer.byteLength(text) > maxBytes) return [{ at: index + 1, rule: 'too_long' }];
    try {
      return [{ at: index + 1, value: JSON.parse(text) as unknown }];
    } catch {
      return [{ at: index + 1, rule: 'json' }];
    }
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 12 }),
      fc.integer({ min: 1, max: 200 }),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      async (lines, size, end, endsWhole) => {
        const text = lines.join(end) + (endsWhole ? end : '');
        const { items } = await readAll(readNdjson, text, size, maxBytes);
        const read = items.map((item) =>
          item.kind === 'item' ? { at: item.at, value: item.value } : { at: item.at, rule: item.findings[0]?.rule },
        );
        const expected = text.split('\n').flatMap(alone);
        assert.deepEqual(read, expected);
      },
    ),
    { numRuns: 500 },
  );
});
