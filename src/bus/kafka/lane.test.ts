import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageToProduce } from '@platformatic/kafka';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import { createBusMetrics } from '../metrics.ts';
import { createLane } from './lane.ts';
import { partitionOf } from './partitioner.ts';
import { PART_HEADER } from './part.ts';

/** A lane on brokers that take batches of 10 kB. `fail`: requests that fail, by number. */
function laneUnderTest(partitions: number, fail: readonly number[] = []) {
  const requests: MessageToProduce[][] = [];
  const next = new Array<number>(partitions).fill(0);
  let settled = 0;
  const lane = createLane({
    ...{ topic: TOPICS.transactions, kafka: { name: 't', id: 'id', partitions, maxBatchBytes: 10_000 } },
    ...{ clock: { now: () => 1000, monotonic: () => 0 }, metrics: createBusMetrics(undefined) },
    settled: (records) => void (settled += records),
    async send(messages) {
      requests.push([...messages]);
      await Promise.resolve();
      if (fail.includes(requests.length)) throw new Error('away');
      const bases = new Map<number, number>();
      for (const { partition = 0 } of messages) {
        if (!bases.has(partition)) bases.set(partition, next[partition] ?? 0);
        next[partition] = (next[partition] ?? 0) + 1;
      }
      return bases;
    },
  });
  return { lane, requests, settled: () => settled };
}

const small = (text: string, key = 'k') => ({ key, value: Buffer.from(text) });
const textOf = ({ value }: MessageToProduce): string => (value ?? '').toString();
const headerOf = ({ headers }: MessageToProduce): string =>
  [...((headers ?? new Map()) as Map<Buffer, Buffer>)].find(([name]) => name.toString() === PART_HEADER)?.[1].toString() ?? '';

test('keys go to the partitions of the Java client', () => {
  const places = ['abc', 'merchant-1', 'padaria São João'].map((key) => partitionOf(Buffer.from(key), 1000));
  assert.equal(places[0], 479_470_107 % 1000);
  assert.equal(new Set(places).size, 3);
});

test('publishes of one moment share a request, and later ones wait for it', async () => {
  const { lane, requests, settled } = laneUnderTest(1);
  const [first, second] = await Promise.all([lane.add([small('a'), small('b')], 2), lane.add([small('c')], 1)]);
  assert.deepEqual(
    requests.map((request) => request.map(textOf)),
    [['a', 'b', 'c']],
  );
  assert.deepEqual(
    [first, second].flat().map(({ offset }) => offset),
    [0, 1, 2],
  );
  assert.equal(settled(), 3);
});

test('a large record goes in parts below the limit of the brokers, each naming the first, and has the offset of the last', async () => {
  const { lane, requests } = laneUnderTest(1);
  const value = Buffer.alloc(25_000, 'x');
  const placed = await lane.add([small('before'), { key: 'k', value }, small('after')], 25_000);
  const parts = requests.flat().filter((message) => headerOf(message) !== '');
  assert.equal(parts.map(textOf).join(''), value.toString());
  assert.ok(parts.every(({ value: bytes }) => (bytes?.length ?? 0) < 9000));
  assert.deepEqual(
    parts.map((message) => headerOf(message).split('/').slice(1)),
    [
      ['0', '3', '-'],
      ['1', '3', '1'],
      ['2', '3', '1'],
    ],
  );
  assert.deepEqual(
    placed.map(({ offset }) => offset),
    [0, 3, 4],
  );
});

test('a request that fails refuses its publishes whole, and the next ones go on', async () => {
  const { lane, requests, settled } = laneUnderTest(1, [2]);
  const whole = lane.add([{ key: 'k', value: Buffer.alloc(25_000) }, small('after')], 25_000);
  await assert.rejects(whole, /away/);
  assert.deepEqual(
    (await lane.add([small('next')], 4)).map(({ offset }) => offset),
    [1],
  );
  assert.deepEqual(requests.at(-1)?.map(textOf), ['next']);
  assert.equal(settled(), 3);
  await lane.drain();
});
