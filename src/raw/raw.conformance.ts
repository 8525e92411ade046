import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { BusRecord } from '../bus/bus.ts';
import { admit, batchOf, idsOf, NOON, transaction, type RawUnderTest } from './raw-under-test.ts';

const OTHER = 'fedcba9876543210';

/** The behaviour that every engine of raw transactions must have. `create` opens an empty one over a log with two partitions. */
export function rawConformance(name: string, create: () => Promise<RawUnderTest>): void {
  describe(`raw transactions: ${name}`, { timeout: 300_000 }, () => {
    let under: RawUnderTest;
    before(async () => {
      under = await create();
    });
    after(() => under.release());

    const send = async (partition: number, ...records: ReturnType<typeof transaction>[]) => {
      const sources = await under.publish(partition, records);
      return { sources, admitted: await admit(under, partition, sources) };
    };

    test('new ids are new, a repeat is a duplicate, other content is a conflict', async () => {
      const first = await send(0, transaction('a'), transaction('b'));
      assert.deepEqual(idsOf(first.admitted), ['a', 'b']);
      const second = await send(0, transaction('b'), transaction('c'), transaction('a', { content_hash: OTHER, amount: 3 }));
      assert.deepEqual(idsOf(second.admitted), ['c']);
      assert.equal(second.admitted.duplicates, 1);
      assert.deepEqual(second.admitted.conflicts, [second.sources[2]]);
    });

    test('of one id in a batch the first record is new', async () => {
      const { sources, admitted } = await send(
        0,
        transaction('in-batch', { amount: 1 }),
        transaction('in-batch', { amount: 1 }),
        transaction('in-batch', { amount: 2, content_hash: OTHER }),
      );
      assert.deepEqual([idsOf(admitted), admitted.duplicates], [['in-batch'], 1]);
      assert.deepEqual(admitted.conflicts, [sources[2]]);
    });

    test('heartbeats pass in their places', async () => {
      const alive = { v: 1, kind: 'heartbeat', occurred_at: NOON, ingested_at: NOON, source: 'test', backfill: false } as const;
      const sources = await under.publish(0, [transaction('before'), alive, transaction('after'), transaction('before')]);
      const { records } = await admit(under, 0, sources);
      assert.deepEqual(
        records.map((record) => (record.kind === 'heartbeat' ? '-' : record.id)),
        ['before', '-', 'after'],
      );
    });

    test('the same id in another partition is a repeat', async () => {
      await send(0, transaction('elsewhere'));
      const { sources, admitted } = await send(1, transaction('elsewhere'), transaction('elsewhere', { content_hash: OTHER }));
      assert.deepEqual([idsOf(admitted), admitted.duplicates, admitted.conflicts], [[], 1, [sources[1]]]);
    });

    test('a batch that did not commit gives the same answer again, whole or in parts', async () => {
      await send(0, transaction('known'));
      const sources = await under.publish(0, [transaction('x'), transaction('known'), transaction('x'), transaction('y')]);
      const failing = under.database.transaction(async (tx) => {
        await under.raw().admit(tx, batchOf(0, sources));
        throw new Error('the machine stops here');
      });
      await assert.rejects(failing, /stops here/);
      const again = await admit(under, 0, sources.slice(0, 2));
      const rest = await admit(under, 0, sources.slice(2));
      assert.deepEqual([idsOf(again), again.duplicates, idsOf(rest), rest.duplicates], [['x'], 1, ['y'], 1]);
    });

    for (const how of ['stopped', 'killed'] as const) {
      test(`an engine that was ${how} knows what it knew`, async () => {
        const counted = await send(0, transaction(`${how}-1`), transaction(`${how}-2`));
        assert.equal(idsOf(counted.admitted).length, 2);
        await under.reopen(how);
        const { admitted } = await send(
          0,
          transaction(`${how}-2`),
          transaction(`${how}-1`, { content_hash: OTHER }),
          transaction(`${how}-3`),
        );
        assert.deepEqual([idsOf(admitted), admitted.duplicates, admitted.conflicts.length], [[`${how}-3`], 1, 1]);
        assert.equal((await under.raw().find(`${how}-1`)).kind, 'kept');
      });
    }

    test('a large batch, all new and then all known', async () => {
      const records = Array.from({ length: 3000 }, (_, index) => transaction(`many-${index}`, { amount: index }));
      const { admitted } = await send(0, ...records);
      assert.equal(admitted.records.length, 3000);
      const again = await send(0, ...records);
      assert.deepEqual([again.admitted.records.length, again.admitted.duplicates], [0, 3000]);
    });

    test('an id is found as it was first accepted', async () => {
      const fields = { amount: 12.5, currency: 'BRL', merchant_id: 'm-\t1 ü', card_bin: '411111', backfill: true, count: 3 };
      const { sources } = await send(1, transaction('find-me', fields));
      await send(0, transaction('find-me', { ...fields, amount: 13, content_hash: OTHER }));
      const found = await under.raw().find('find-me');
      assert.deepEqual(found, {
        kind: 'kept',
        transaction: {
          ...{ id: 'find-me', occurred_at: NOON, ingested_at: NOON + 50, status: 'approved', source: 'test' },
          ...{ auth_code: null, acquirer: null, payment_method: null, customer_id: null, content_hash: '0123456789abcdef' },
          ...fields,
        },
      });
      assert.equal(sources.length, 1);
      assert.deepEqual(await under.raw().find('nobody'), { kind: 'unknown' });
    });

    test('known ids come with the content that was first accepted', async () => {
      await send(0, transaction('k-1'), transaction('k-2', { content_hash: OTHER }));
      assert.deepEqual(
        await under.raw().known(['k-2', 'k-1', 'nobody', 'k-1']),
        new Map([
          ['k-2', OTHER],
          ['k-1', '0123456789abcdef'],
        ]),
      );
      assert.deepEqual(await under.raw().known([]), new Map());
    });

    test('the id of a record that is given up may be used again', async () => {
      const [source] = await under.publish(0, [transaction('given-up')]);
      assert.ok(source);
      const refused = under.database.transaction(async (tx) => {
        await under.raw().admit(tx, batchOf(0, [source]));
        throw new Error('the database refuses it');
      });
      await assert.rejects(refused);
      await under.database.transaction((tx) => under.raw().giveUp(tx, 0, source));
      assert.deepEqual(idsOf((await send(0, transaction('given-up', { content_hash: OTHER }))).admitted), ['given-up']);
    });

    test('two readers that admit the same id at once count it once', async () => {
      const one = await under.publish(0, [transaction('race')]);
      const two = await under.publish(1, [transaction('race')]);
      const at = (partition: number, sources: readonly BusRecord[]) => admit(under, partition, sources);
      const both = await Promise.all([at(0, one), at(1, two)]);
      assert.deepEqual(both.flatMap(idsOf), ['race']);
    });
  });
}
