import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takeLowest, type SegmentQueues } from './close-merge.ts';

const queuesOf = (marks: Readonly<Record<number, readonly number[]>>): SegmentQueues =>
  new Map(
    Object.entries(marks).map(([partition, list]) => [
      Number(partition),
      list.map((mark, index) => ({ id: index, part: 0, isLast: true, segment: { mark, live: null, arrivals: [], minutes: [] } })),
    ]),
  );

function takeAll(queues: SegmentQueues, behind: ReadonlyMap<number, number | null> = new Map()): string[] {
  const taken: string[] = [];
  for (let lowest = takeLowest(queues, behind); lowest !== null; lowest = takeLowest(queues, behind))
    taken.push(`${lowest.partition}:${lowest.next.segment.mark}`);
  return taken;
}

test('segments come by the lowest mark, of the lowest partition where two have the same', () => {
  assert.deepEqual(takeAll(queuesOf({ 1: [10, 30], 0: [20, 30], 2: [] })), ['1:10', '0:20', '0:30', '1:30']);
});

test('an idle partition holds nobody up, one that is behind holds what it could still be below', () => {
  assert.deepEqual(takeAll(queuesOf({ 0: [10, 20, 30], 1: [] })), ['0:10', '0:20', '0:30']);
  assert.deepEqual(takeAll(queuesOf({ 0: [10, 20, 30] }), new Map([[1, 20]])), ['0:10', '0:20']);
  assert.deepEqual(takeAll(queuesOf({ 0: [10, 20, 30] }), new Map([[1, null]])), []);
});

test('a partition that is behind does not hold itself up, and its line goes before what it has not counted', () => {
  assert.deepEqual(takeAll(queuesOf({ 0: [10, 20] }), new Map([[0, 20]])), ['0:10', '0:20']);
  assert.deepEqual(takeAll(queuesOf({ 0: [10, 40], 1: [15, 25] }), new Map([[1, 25]])), ['0:10', '1:15', '1:25']);
});
