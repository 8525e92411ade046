import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptedIdsConformance } from './accepted-ids.conformance.ts';
import { createAcceptedIds, withAcceptedIds, type AcceptedIds } from './accepted-ids.ts';

acceptedIdsConformance('memory', async () => {
  const ids = createAcceptedIds();
  return [ids, ids];
});

test('the store knows better than what was accepted, and answers alone while the others are away', async () => {
  const stored = async () => ({ known: new Map([['a', 'stored']]), isWhole: false });
  const accepted = createAcceptedIds();
  await accepted.add(
    new Map([
      ['a', 'accepted'],
      ['b', 'accepted'],
    ]),
  );
  const { known } = await withAcceptedIds(stored, accepted)(['a', 'b']);
  assert.deepEqual(Object.fromEntries(known), { a: 'stored', b: 'accepted' });
  const away: AcceptedIds = { ...accepted, find: () => Promise.reject(new Error('away')) };
  assert.deepEqual(await withAcceptedIds(stored, away)(['a', 'b']), await stored());
});
