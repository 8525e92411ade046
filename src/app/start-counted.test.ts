import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sql } from '../store/database.ts';
import { createStartCounted } from './start-counted.ts';

test('ids are not fully known until everything from before the start is counted', async () => {
  let counted = 4;
  const sql = {
    query: async (text: string) =>
      text.includes('consumer_offset') ? [{ partition: 0, next_offset: counted }] : [{ id: 'a', content_hash: 'h' }],
  } as unknown as Sql;
  const known = createStartCounted(sql, [{ partition: 0, earliest: 0, next: 10 }]);
  assert.equal(known.knowsStart(), false);
  assert.deepEqual(await known.knownIds(['a']), new Map([['a', 'h']]));
  assert.equal(known.knowsStart(), false);
  counted = 10;
  await known.knownIds(['a']);
  assert.equal(known.knowsStart(), true);
  assert.equal(createStartCounted(sql, [{ partition: 0, earliest: 0, next: 0 }]).knowsStart(), true, 'an empty log holds nothing');
});
