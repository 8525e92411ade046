import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Database } from '../../database.ts';
import { openTestDatabase } from '../../test-database.ts';
import { checkLog } from './check-log.ts';
import { claimPartition, type PartitionClaim } from './claim-partition.ts';
import { commitOffset } from './commit-offset.ts';

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

const topic = TOPICS.transactions;
const check = (id: string, next: number) =>
  database.transaction((tx) => checkLog(tx, [{ topic, id, ranges: [{ partition: 0, earliest: 0, next }] }]));

test('positions hold for the log that they were committed in, and for no other', async () => {
  const claim: PartitionClaim = { group: 'guardian-window', topic, partition: 0, generation: 7, owner: 'me' };
  assert.deepEqual(await check('one', 3000), []);
  await claimPartition(database, claim);
  await commitOffset(database, claim, 3000);

  assert.deepEqual(await check('one', 8000), [], 'a log that grew is the same log');
  assert.equal(await claimPartition(database, claim), 3000);

  // Longer than the position: only the id tells that these are other records.
  assert.deepEqual(await check('two', 8000), [{ topic, why: 'replaced' }]);
  // The numbers of the assignments begin anew with the log.
  assert.equal(await claimPartition(database, { ...claim, generation: 1 }), 0);
  await commitOffset(database, { ...claim, generation: 1 }, 8000);
  assert.deepEqual(await check('two', 8000), []);

  assert.deepEqual(await check('two', 5000), [{ topic, why: 'shorter' }], 'a copy of it from earlier');
  assert.equal(await claimPartition(database, { ...claim, generation: 1 }), 0);
  assert.deepEqual(await check('two', 5000), []);
});
