import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BusRecord } from '../bus.ts';
import { createAssembler, type AssemblerOptions } from './assemble.ts';
import type { RawRecord } from './fetcher.ts';
import { PART_HEADER, readPart, writePart } from './part.ts';

const plain = (offset: number, text: string): RawRecord => ({
  ...{ offset, key: Buffer.from('k'), value: Buffer.from(text), headers: [], publishedAt: 1 },
});
const part = (
  offset: number,
  text: string,
  [series, index, count, first]: readonly [string, number, number, number | null],
): RawRecord => ({
  ...plain(offset, text),
  headers: [
    [Buffer.from('content-type'), Buffer.from('application/json')],
    [Buffer.from(PART_HEADER), Buffer.from(writePart({ series, index, count, first }))],
  ],
});

async function assemble(start: number, raw: readonly RawRecord[], options: Partial<AssemblerOptions> = {}) {
  const cut: number[] = [];
  const assembler = createAssembler(start, { readAgain: async () => null, onCut: (offset) => void cut.push(offset), ...options });
  const records: BusRecord[] = [];
  // One at a time: parts come in several answers.
  for (const one of raw) await assembler.take([one], records);
  return {
    cut,
    records: records.map(({ offset, since, value, headers }) => [offset, since, Buffer.from(value).toString(), { ...headers }]),
  };
}

const JSON_HEADER = { 'content-type': 'application/json' };
const SERIES = [
  part(5, 'aa', ['s', 0, 3, null]),
  plain(6, 'other'),
  part(7, 'bb', ['s', 1, 3, 5]),
  part(8, 'c', ['s', 2, 3, 5]),
  plain(9, 'next'),
];

test('parts become one record at the offset of the last, between records of others, and nothing is missing', async () => {
  assert.deepEqual(await assemble(5, SERIES), {
    cut: [],
    records: [
      [6, 5, 'other', {}],
      [8, 7, 'aabbc', JSON_HEADER],
      [9, undefined, 'next', {}],
    ],
  });
});

test('a reader that begins in the middle reads the first parts again', async () => {
  const asked: number[][] = [];
  const readAgain = async (from: number, to: number) => {
    asked.push([from, to]);
    return SERIES.filter(({ offset }) => offset >= from && offset < to);
  };
  const { records, cut } = await assemble(7, SERIES.slice(2), { readAgain });
  assert.deepEqual([records[0], cut, asked], [[8, 7, 'aabbc', JSON_HEADER], [], [[5, 8]]]);
});

test('a record whose first parts are no longer kept is passed over and counted', async () => {
  const { records, cut } = await assemble(7, SERIES.slice(2));
  assert.deepEqual([records, cut], [[[9, 7, 'next', {}]], [8]]);
});

test('a series that its producer gave up is left out; the one that it sent again comes', async () => {
  const again = [part(9, 'aa', ['t', 0, 2, null]), part(10, 'b', ['t', 1, 2, 9])];
  const { records } = await assemble(5, [...SERIES.slice(0, 3), ...again]);
  assert.deepEqual(records.at(-1), [10, 7, 'aab', JSON_HEADER]);
});

test('many unfinished series are not kept in memory, and are whole all the same when they end', async () => {
  const large = 'x'.repeat(6_000_000);
  const open = ['a', 'b', 'c', 'd'].map((series, index) => part(index, large, [series, 0, 2, null]));
  const readAgain = async (from: number) => open.slice(from);
  const { records } = await assemble(0, [...open, part(4, 'end', ['a', 1, 2, 0])], { readAgain });
  assert.deepEqual(records[0]?.[2], `${large}end`);
});

test('a header that makes no sense is a header of somebody else', () => {
  for (const text of ['', 's/1/1/-', 's/2/2/0', 's/0/2/4', 's/1/2/-', '../1/2/3', 's/1/2/3/4'])
    assert.equal(readPart(text), undefined, text);
});
