import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestDatabase } from '../test-database.ts';
import { claimPartition } from '../verbs/claim-partition.ts';
import { commitOffset } from '../verbs/commit-offset.ts';
import { enqueueOutbox } from '../verbs/enqueue-outbox.ts';
import { takeOutbox } from '../verbs/take-outbox.ts';
import { deleteOutbox } from '../verbs/delete-outbox.ts';

test('smoke', async () => {
  const db = await openTestDatabase();
  const c = { group: 'g', topic: 'guardian.transactions', partition: 0, generation: 1, owner: 'a' } as const;
  assert.equal(await claimPartition(db, c), null);
  await commitOffset(db, c, 10);
  assert.equal(await claimPartition(db, { ...c, generation: 2, owner: 'b' }), 10);
  await assert.rejects(commitOffset(db, c, 11), { code: 'STORE_FENCED' });
  await assert.rejects(claimPartition(db, c), { code: 'STORE_FENCED' });
  await enqueueOutbox(db, [{ topic: 'guardian.windows', key: 'k', value: '{"a":1}' }, { topic: 'guardian.windows', key: '', value: '{"a":2,"é":"\\"x,{}"}' }]);
  const m = await takeOutbox(db, { limit: 10, maxBytes: 1000 });
  assert.deepEqual(m.map((x) => x.value), ['{"a":1}', '{"a":2,"é":"\\"x,{}"}']);
  await deleteOutbox(db, m.map((x) => x.id));
  assert.equal((await takeOutbox(db, { limit: 10, maxBytes: 1000 })).length, 0);
  await db.close();
});
