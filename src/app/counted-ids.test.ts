import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PartitionRange } from '../bus/bus.ts';
import { readRows } from '../raw/rows/raw-rows.ts';
import type { Sql } from '../store/database.ts';
import { createCountedIds } from './counted-ids.ts';

/** A log with `next` records of which `counted` are counted; a store that knows the id `a`. */
function createSubject(place: { next: number; counted: number }, { recentIds = 200_000, atStart = place.next } = {}) {
  let positionsRead = 0;
  const database = {
    query: async (text: string) => {
      if (!text.includes('consumer_offset')) return [{ id: 'a', content_hash: 'h' }];
      positionsRead += 1;
      return [{ partition: 0, next_offset: place.counted }];
    },
  } as unknown as Sql;
  const rangeTo = (next: number): PartitionRange[] => [{ partition: 0, earliest: 0, next }];
  const knownIds = createCountedIds(
    { database, raw: readRows(database), bus: { ranges: async () => rangeTo(place.next) } },
    { atStart: rangeTo(atStart), recentIds },
  );
  return { ask: async () => (await knownIds(['a'])).isWhole, known: async () => (await knownIds(['a'])).known, reads: () => positionsRead };
}

test('ids are not fully known until everything from before the start is counted', async () => {
  const place = { next: 10, counted: 4 };
  const { ask, known } = createSubject(place);
  assert.equal(await ask(), false);
  assert.deepEqual(await known(), new Map([['a', 'h']]));
  place.counted = 10;
  assert.equal(await ask(), true);
  assert.equal(await createSubject({ next: 0, counted: 0 }).ask(), true, 'an empty log holds nothing');
});

test('ids are not fully known while more is not counted than memory is sure to hold', async () => {
  const place = { next: 0, counted: 0 };
  const { ask, reads } = createSubject(place, { recentIds: 400 });
  place.next = 100;
  assert.equal(await ask(), true);
  assert.equal(reads(), 0, 'positions are read only when they can matter');
  place.next = 101;
  assert.equal(await ask(), false);
  place.counted = 1;
  assert.equal(await ask(), true);
});
