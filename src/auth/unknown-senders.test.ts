import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Database } from '../store/database.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { createUnknownSenders, type UnknownSenders } from './unknown-senders.ts';

const HOUR_MS = 3_600_000;

/** A clock that stands until it is moved. */
function standing(at: number) {
  let now = at;
  return { clock: { now: () => now, monotonic: () => now }, advance: (ms: number) => void (now += ms) };
}

describe('senders that nobody knows, at several processes on one database', () => {
  let database: Database;
  before(async () => void (database = await openTestDatabase()));
  after(() => database.close());

  const refuse = (desk: UnknownSenders, n: number): Promise<boolean> =>
    desk.refuse({ identity: `telegram:${n}`, channel: 'telegram', address: null, messageId: null });

  test('one is answered once in an hour, whichever process it writes to, and again in the next', async () => {
    const { clock, advance } = standing(Date.parse('2026-03-10T12:00:00Z'));
    const [one, other] = [createUnknownSenders({ database, clock }), createUnknownSenders({ database, clock })];
    assert.deepEqual([await refuse(one, 1), await refuse(other, 1), await refuse(one, 1)], [true, false, false]);
    advance(HOUR_MS + 1000);
    assert.deepEqual([await refuse(other, 1), await refuse(one, 1)], [true, false]);
  });

  test('a flood gets twenty answers an hour of all processes together, and the audit says how many it left out', async () => {
    const { clock, advance } = standing(Date.parse('2026-03-11T12:00:00Z'));
    const desks = [createUnknownSenders({ database, clock }), createUnknownSenders({ database, clock })];
    let answered = 0;
    for (let n = 0; n < 60; n++) answered += (await refuse(desks[n % 2] as UnknownSenders, 1000 + n)) ? 1 : 0;
    assert.equal(answered, 20);
    advance(HOUR_MS + 1000);
    for (const [index, desk] of desks.entries()) assert.equal(await refuse(desk, 2000 + index), true);
    const rows = await database.query<{ left: string }>(
      `select entry -> 'arguments' ->> 'not_recorded' as left from audit order by number desc limit 2`,
    );
    assert.equal(
      rows.reduce((sum, { left }) => sum + Number(left), 0),
      40,
    );
  });
});
