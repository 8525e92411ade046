import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { appendRecord, decodeBlock, openBlock, packBlock, stampBlock } from './block.ts';
import { partitionOf } from './partitioner.ts';

const records = fc.array(fc.record({ key: fc.string({ unit: 'grapheme', maxLength: 90 }), value: fc.uint8Array({ maxLength: 400 }) }), {
  maxLength: 50,
});

function encode(list: readonly { key: string; value: Uint8Array }[]): Uint8Array<ArrayBuffer> {
  const block = openBlock(16);
  for (const { key, value } of list) appendRecord(block, { key, value });
  const bytes = block.bytes.subarray(0, block.used);
  stampBlock(bytes);
  return bytes;
}

describe('block of records', () => {
  it('gives back any keys and values', () => {
    fc.assert(
      fc.property(records, (list) => {
        const decoded = decodeBlock(encode(list), { firstOffset: 40, count: list.length, publishedAt: 7 });
        assert.deepEqual(
          decoded.map(({ key }) => key),
          list.map(({ key }) => key),
        );
        decoded.forEach((record, index) => {
          assert.deepEqual([...record.value], [...(list[index]?.value ?? [])]);
          assert.equal(record.offset, 40 + index);
        });
      }),
      { numRuns: 200 },
    );
  });

  it('reads a block of the format without headers', () => {
    // Format 1: key length, value length, key, value.
    const bytes = Uint8Array.from([1, 0, 0, 0, 0, 0, 0, 0, 1, 2, 107, 104, 105, 0, 1, 120]);
    stampBlock(bytes);
    const decoded = decodeBlock(bytes, { firstOffset: 4, count: 2, publishedAt: 7 });
    assert.deepEqual(
      decoded.map(({ offset, key, value, headers }) => [offset, key, Buffer.from(value).toString(), { ...headers }]),
      [
        [4, 'k', 'hi', {}],
        [5, '', 'x', {}],
      ],
    );
  });

  it('keeps headers that many records share once', () => {
    const headers = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
    const block = openBlock(16);
    for (let index = 0; index < 100; index += 1) appendRecord(block, { value: Buffer.from('x'), headers });
    assert.ok(block.used < 100 * 4 + 100, `${block.used} bytes`);
    const bytes = block.bytes.subarray(0, block.used);
    stampBlock(bytes);
    const decoded = decodeBlock(bytes, { firstOffset: 0, count: 100, publishedAt: 7 });
    assert.ok(decoded.every((record) => record.headers['traceparent'] === headers.traceparent));
  });

  it('notices every changed byte, and every cut', () => {
    const bytes = encode([
      { key: 'm-1', value: Buffer.from('{"v":1}') },
      { key: '', value: Buffer.from('x') },
    ]);
    const facts = { firstOffset: 0, count: 2, publishedAt: 0 };
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      assert.throws(() => decodeBlock(changed, facts), RangeError, `byte ${at}`);
      assert.throws(() => decodeBlock(Uint8Array.from(bytes.subarray(0, at)), facts), RangeError, `cut at ${at}`);
    }
    assert.throws(() => decodeBlock(bytes, { ...facts, count: 3 }), RangeError);
    assert.throws(() => decodeBlock(bytes, { ...facts, count: 1 }), RangeError);
  });
});

describe('compressed block', () => {
  const repeated = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ key: `m-${n % 7}`, value: Buffer.from(`{"v":1,"n":${n}}`) }));
  const pack = (list: readonly { key: string; value: Uint8Array }[]): Uint8Array<ArrayBuffer> => {
    const bytes = packBlock(encode(list));
    stampBlock(bytes);
    return bytes;
  };

  it('takes a fraction of the room, and gives the same records back', () => {
    const list = repeated(2000);
    const bytes = pack(list);
    assert.ok(bytes.byteLength * 4 < encode(list).byteLength, `${bytes.byteLength} bytes`);
    assert.equal(packBlock(bytes), bytes, 'it is not compressed twice, as by a repair');
    const facts = { firstOffset: 7, count: 2000, publishedAt: 7 };
    assert.deepEqual(decodeBlock(bytes, facts), decodeBlock(encode(list), facts));
  });

  it('is left as it is when it is small, or when nothing repeats', () => {
    const small = encode(repeated(10));
    assert.equal(packBlock(small), small);
    const noise = encode([{ key: '', value: randomBytes(5000) }]);
    assert.equal(packBlock(noise), noise);
  });

  it('notices every changed bit, and every cut', () => {
    const bytes = pack(repeated(300));
    const facts = { firstOffset: 0, count: 300, publishedAt: 0 };
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      assert.throws(() => decodeBlock(changed, facts), RangeError, `byte ${at}`);
      assert.throws(() => decodeBlock(Uint8Array.from(bytes.subarray(0, at)), facts), RangeError, `cut at ${at}`);
    }
  });
});

describe('partition of a key', () => {
  it('never changes: these values are those of every log that exists', () => {
    const keys = ['', 'm-0042', 'http', 'padaria São João', '12345'];
    assert.deepEqual(
      keys.map((key) => partitionOf(key, 64)),
      [11, 15, 44, 37, 59],
    );
  });

  it('spreads similar keys evenly', () => {
    const counts = new Array<number>(8).fill(0);
    for (let index = 0; index < 8000; index += 1) {
      const partition = partitionOf(`m-${index}`, 8);
      counts[partition] = (counts[partition] ?? 0) + 1;
    }
    assert.ok(
      counts.every((count) => count > 850 && count < 1150),
      counts.join(' '),
    );
  });
});
