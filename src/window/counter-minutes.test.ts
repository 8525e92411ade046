import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import type { Database } from '../store/database.ts';
import { createMerchantHour } from '../read/merchant-hour.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { claimPartition } from '../store/verbs/log/claim-partition.ts';
import { countMerchants, type MerchantCounts } from '../store/verbs/minute/count-merchants.ts';
import { readMerchantMinutes } from '../store/verbs/minute/merchant-minutes.ts';
import { emptyCounts, newCounter, outcome, RULES } from './test-counter.ts';
import { at, claimOf, heartbeat, onBus, transaction, windowsOf } from './test-records.ts';

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());
afterEach(() => emptyCounts(database));

test('late rows make the next revision of their minute, one a batch, which names who changed and adds up the others', async () => {
  const claim = claimOf();
  await claimPartition(database, claim);
  const counter = newCounter(database);
  await counter.count(claim, onBus([transaction(at(0), { merchant_id: 'm-1' }), transaction(at(5))]));
  await counter.count(
    claim,
    onBus([transaction(at(0), { merchant_id: 'm-1', count: 2 }), transaction(at(0), { merchant_id: 'm-2' }), transaction(at(1))], 2),
  );
  await counter.count(claim, onBus([transaction(at(0), { merchant_id: 'm-2' })], 5));
  const revisions = (await windowsOf(database)).filter(({ sequence }) => sequence > 3);
  assert.ok(revisions.every(({ partial }) => partial === true));
  assert.deepEqual(
    revisions.map(({ minute, revision, late, state, cells }) => ({
      minute,
      revision,
      late,
      state,
      counts: cells.map((cell) => `${cell.merchant_id}=${cell.count}`),
    })),
    [
      { minute: at(0), revision: 1, late: 3, state: 'observed', counts: ['m-1=3', 'm-2=1'] },
      { minute: at(1), revision: 1, late: 1, state: 'observed', counts: ['=1'] },
      { minute: at(0), revision: 2, late: 4, state: 'observed', counts: ['=3', 'm-2=2'] },
    ],
  );
});

test('a minute of history of which a row was refused is incomplete, also after a restart, until its row has come', async () => {
  const claim = claimOf();
  await claimPartition(database, claim);
  const mark = heartbeat(at(0), { backfill: true, incomplete: true });
  await newCounter(database).count(claim, onBus([transaction(at(0), { status: 'denied', backfill: true }), mark]));
  await newCounter(database).count(claim, onBus([transaction(at(1), { backfill: true }), transaction(at(5), { backfill: true })], 2));
  await newCounter(database).count(claim, onBus([transaction(at(0), { backfill: true, count: 2 }), mark], 4));
  await newCounter(database).count(claim, onBus([transaction(at(0), { backfill: true, count: 4 })], 6));
  await newCounter(database).count(claim, onBus([transaction(at(0), { backfill: true, count: 1 })], 7));
  const heard = (await windowsOf(database)).filter(({ state }) => state !== 'silent');
  const told = heard.map(({ minute, revision, state, backfill }) => [minute, revision, state, backfill]);
  assert.deepEqual(told, [
    [at(0), 0, 'incomplete', true],
    [at(1), 0, 'observed', true],
    [at(0), 1, 'incomplete', true],
    [at(0), 2, 'observed', true],
    [at(0), 3, 'observed', true],
  ]);
});

test('a refused row of a file leaves a minute of live records as it is, before and after it has closed', async () => {
  const claim = claimOf();
  await claimPartition(database, claim);
  const mark = heartbeat(at(0), { backfill: true, incomplete: true });
  await newCounter(database).count(claim, onBus([transaction(at(0)), mark, transaction(at(5))]));
  await newCounter(database).count(claim, onBus([mark, heartbeat(at(2), { backfill: true, incomplete: true })], 3));
  const told = (await windowsOf(database)).map(({ minute, revision, state, backfill }) => [minute, revision, state, backfill]);
  assert.deepEqual(told, [
    [at(0), 0, 'observed', false],
    [at(1), 0, 'silent', false],
    [at(2), 0, 'silent', false],
  ]);
  await newCounter(database).count(claim, onBus([heartbeat(at(1), { incomplete: true })], 5));
  const [last] = (await windowsOf(database)).slice(-1);
  assert.deepEqual([last?.minute, last?.state], [at(1), 'incomplete'], 'its own sender says so');
});

test('a minute that closes between two records of a batch counts both, the second as late', async () => {
  const claim = claimOf();
  await claimPartition(database, claim);
  const fields = { merchant_id: 'm-1', auth_code: '00', acquirer: 'a', amount: 2 };
  const records = [transaction(at(0), fields), transaction(at(3), { status: 'denied' }), transaction(at(0), { ...fields, count: 4 })];
  await newCounter(database).count(claim, onBus(records));
  const { minutes } = await outcome(database);
  assert.deepEqual(minutes[0], { minute: at(0), state: 'observed', total: 5, revision: 1, late: 4, open: false });
  const cells = await database.query("select count, amount, late_count from minute_count where status = 'approved'");
  assert.deepEqual(cells, [{ count: 5, amount: 4, late_count: 4 }]);
});

test('minutes of the newest hour keep what each merchant has, equal to its counts, and a corrected one is counted again', async () => {
  const claim = claimOf();
  await claimPartition(database, claim);
  const counter = newCounter(database);
  const statuses = ['approved', 'denied', 'failed', 'reversed', 'backend_reversed', 'refunded', ''] as const;
  const records = Array.from({ length: 900 }, (_, index) =>
    transaction(at(Math.floor(index / 10), index % 10), {
      status: statuses[index % 7] ?? '',
      ...(index % 11 === 0 ? {} : { merchant_id: `m-${index % 5}` }),
      acquirer: `acq-${index % 2}`,
      count: 1 + (index % 4),
    }),
  );
  await counter.count(claim, onBus(records.slice(0, 400)));
  await counter.count(claim, onBus(records.slice(400), 400));
  const closed = (await windowsOf(database)).map(({ minute }) => minute);
  const kept = await readMerchantMinutes(database, closed);
  assert.deepEqual(
    kept.map(({ minute }) => minute).toSorted((a, b) => a - b),
    closed.slice(-60),
  );
  const counted = await countMerchants(database, closed);
  assert.deepEqual(
    kept.map(byMerchant),
    kept.map(({ minute }) => byMerchant({ counts: counted.get(minute) })),
  );

  const hour = createMerchantHour(database);
  const range = { from: closed.at(-60) ?? 0, to: (closed.at(-1) ?? 0) + 60_000 };
  const sumOf = async (merchant: string): Promise<number> => {
    const { ids, sums } = await hour.read(range);
    return sums[ids.indexOf(merchant) * 5] ?? 0;
  };
  const before = await sumOf('m-1');
  await counter.count(claim, onBus([transaction(range.from, { merchant_id: 'm-1', count: 7 })], 900));
  assert.equal(await sumOf('m-1'), before + 7);
  assert.equal(
    await createMerchantHour(database)
      .read(range)
      .then(({ ids, sums }) => sums[ids.indexOf('m-1') * 5]),
    before + 7,
  );
});

/** The counts of each merchant, in one order. */
function byMerchant({ counts }: { readonly counts: MerchantCounts | undefined }): unknown {
  const { merchants = [], ...columns } = counts ?? {};
  return Object.fromEntries(merchants.map((id, index) => [id, Object.values(columns).map((column) => column[index])]));
}

test('a late sign of life turns silent into zero, and a second one says nothing new', async () => {
  const claim = claimOf();
  await claimPartition(database, claim);
  const counter = newCounter(database);
  await counter.count(claim, onBus([transaction(at(0)), transaction(at(5))]));
  await counter.count(claim, onBus([heartbeat(at(1, 10))], 2));
  await counter.count(claim, onBus([heartbeat(at(1, 20))], 3));
  const revisions = (await windowsOf(database)).filter(({ revision }) => revision > 0);
  assert.deepEqual(
    revisions.map(({ minute, state, late }) => ({ minute, state, late })),
    [{ minute: at(1), state: 'zero', late: 0 }],
  );
});

test('a minute before the first one is sent as revision 0, with what came marked late', async () => {
  const claim = claimOf();
  await claimPartition(database, claim);
  await newCounter(database).count(claim, onBus([transaction(at(0)), transaction(at(-100), { count: 4 })]));
  const [window] = await windowsOf(database);
  assert.deepEqual([window?.minute, window?.revision, window?.late, window?.cells[0]?.count], [at(-100), 0, 4, 4]);
});

test('the wall clock closes minutes in the database too', async () => {
  const claim = claimOf();
  await claimPartition(database, claim);
  const counter = newCounter(database);
  await counter.count(claim, onBus([transaction(at(0))]));
  await counter.tick(at(2));
  assert.deepEqual(await windowsOf(database), []);
  await counter.tick(at(4));
  assert.deepEqual(
    (await windowsOf(database)).map(({ state }) => state),
    ['observed', 'silent'],
  );
  const restarted = newCounter(database);
  await restarted.tick(at(5));
  assert.deepEqual(
    (await windowsOf(database)).map(({ state, sequence }) => `${sequence} ${state}`),
    ['1 observed', '2 silent', '3 silent'],
  );
});

test('how late records usually come is known after a restart: a live minute closes as soon as before', async () => {
  const claim = claimOf();
  await claimPartition(database, claim);
  const rules = { ...RULES, closesEarly: true };
  const prompt = Array.from({ length: 20 }, (_, minute) => transaction(at(minute, 10), { count: 120 }));
  await newCounter(database, at(20), rules).count(claim, onBus(prompt));
  const restarted = newCounter(database, at(20), rules);
  await restarted.tick(at(20, 3));
  assert.equal((await windowsOf(database)).length, 20);
});
