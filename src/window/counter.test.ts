import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { CANARY_MERCHANT } from '@transaction-guardian/contracts/canary.ts';
import type { InboundRecord } from '@transaction-guardian/contracts/transaction.ts';
import type { Database } from '../store/database.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { claimPartition } from '../store/verbs/log/claim-partition.ts';
import { findTransaction } from '../store/verbs/transaction/find-transaction.ts';
import { deadLetters, emptyCounts, newCounter, outcome } from './test-counter.ts';
import { at, claimOf, NOON, onBus, transaction, windowsOf } from './test-records.ts';

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());
afterEach(() => emptyCounts(database));

test('rows, counts, windows and offset are there together', async () => {
  const claim = claimOf();
  await claimPartition(database, claim);
  const first = transaction(at(0), { merchant_id: 'm-1', auth_code: '00', acquirer: 'a', amount: 10.1, count: 2 });
  await newCounter(database).count(
    claim,
    onBus(
      [
        first,
        transaction(at(0, 30), { merchant_id: 'm-1', auth_code: '00', acquirer: 'a', amount: 0.2 }),
        transaction(at(0), { status: 'denied', auth_code: '51' }),
        transaction(at(0), { status: '', auth_code: '51', count: 3 }),
        transaction(at(3)),
      ],
      7,
    ),
  );
  const { windows, offsets, counted } = await outcome(database);
  assert.deepEqual(offsets, [[0, 12]]);
  assert.equal(counted, 5);
  assert.deepEqual(windows, [
    {
      v: 1,
      minute: NOON,
      revision: 0,
      state: 'observed',
      cells: [
        { status: '', auth_code: '51', merchant_id: '', acquirer: '', count: 3, amount: 0 },
        { status: 'denied', auth_code: '51', merchant_id: '', acquirer: '', count: 1, amount: 0 },
        { status: 'approved', auth_code: '00', merchant_id: 'm-1', acquirer: 'a', count: 3, amount: 10.3 },
      ],
      slices: [
        ['', [3, 1]],
        ['a=a', [3]],
        ['a=a\tm=m-1', [3]],
        ['c=51', [0, 1]],
        ['m=m-1', [3]],
      ],
      late: 0,
      backfill: false,
      closed_at: NOON,
      sequence: 1,
    },
  ]);
  const stored = await findTransaction(database, first.id);
  assert.equal(stored?.occurred_at, at(0));
  assert.equal(stored?.amount, 10.1);
  assert.equal(await findTransaction(database, 'nobody'), null);
});

test('a large batch stores and counts the same as small ones, whatever its texts and repeats', async () => {
  const strange = ['a\tb', 'back\\slash', 'line\nbreak', '\\N', 'return\r', 'ação', ''];
  const records = Array.from({ length: 700 }, (_, index) =>
    transaction(at(0), { id: `big-${index}`, merchant_id: strange[index % 7] ?? '', amount: index, backfill: index % 2 === 0 }),
  );
  const repeats = [
    ...records.slice(0, 699).map((record, index) => (index < 3 ? record : { ...record, id: `more-${index}` })),
    { ...transaction(at(0), { id: 'big-5' }), content_hash: 'fedcba9876543210' },
  ];
  const store = async (size: number) => {
    await emptyCounts(database);
    await claimPartition(database, claimOf());
    const counter = newCounter(database);
    const all = [...onBus(records), ...onBus(repeats, records.length)];
    for (let start = 0; start < all.length; start += size) await counter.count(claimOf(), all.slice(start, start + size));
    return {
      rows: await database.query('select * from transaction order by id'),
      counts: await database.query('select * from minute_count order by minute, merchant_id'),
      dead: (await deadLetters(database)).map(({ offset, reason }) => [offset, reason]),
    };
  };
  const small = await store(100);
  assert.deepEqual(await store(700), small);
  assert.equal(small.rows.length, 700 + 696);
  assert.deepEqual(small.dead, [[1399, 'id: was already used with other content']]);
});

test('a repeat of the same content is dropped, in the batch and later', async () => {
  const claim = claimOf();
  await claimPartition(database, claim);
  const counter = newCounter(database);
  const once = transaction(at(0));
  await counter.count(claim, onBus([once, once, transaction(at(0))]));
  await counter.count(claim, onBus([{ ...once, ingested_at: at(1) }], 3));
  assert.equal((await outcome(database)).counted, 2);
  assert.deepEqual(await deadLetters(database), []);
});

test('a repeat with other content is counted once and is sent to the dead-letter topic', async () => {
  const claim = claimOf();
  await claimPartition(database, claim);
  const once = transaction(at(0));
  await newCounter(database).count(claim, onBus([once, { ...once, count: 9, content_hash: 'fedcba9876543210' }]));
  assert.equal((await outcome(database)).counted, 1);
  const [letter, ...others] = await deadLetters(database);
  assert.deepEqual(others, []);
  assert.equal(letter?.offset, 1);
  assert.match(letter.reason, /^id: /);
});

test('a record that cannot be read and one that the database refuses are sent to the dead-letter topic, the rest is counted', async () => {
  const claim = claimOf();
  await claimPartition(database, claim);
  const records: (InboundRecord | string)[] = Array.from({ length: 40 }, () => transaction(at(0)));
  records[5] = 'nonsense';
  records[17] = transaction(at(0), { merchant_id: 'nul \u0000 inside' });
  records[33] = transaction(at(0), { id: 'another \u0000' });
  await newCounter(database).count(claim, onBus(records));
  const { counted, offsets } = await outcome(database);
  assert.equal(counted, 37);
  assert.deepEqual(offsets, [[0, 40]]);
  assert.deepEqual(
    (await deadLetters(database)).map(({ offset }) => offset).sort((a, b) => a - b),
    [5, 17, 33],
  );
});

test('a minute of very many merchants names every one of them and is small', async () => {
  const claim = claimOf();
  await claimPartition(database, claim);
  const crowd = Array.from({ length: 9000 }, (_, index) =>
    transaction(at(0), { merchant_id: `merchant-with-a-long-name-${index}`, count: 1 + (index % 7), amount: index / 100 }),
  );
  await newCounter(database).count(claim, onBus([...crowd, transaction(at(3))]));
  const [row] = await database.query<{ bytes: number }>('select octet_length(value) as bytes from outbox');
  assert.ok((row?.bytes ?? Number.POSITIVE_INFINITY) <= 150_000, `${row?.bytes} bytes`);
  const [window] = await windowsOf(database);
  assert.deepEqual(
    new Map(window?.cells.map(({ merchant_id, count, amount }) => [merchant_id, [count, amount]])),
    new Map(crowd.map(({ merchant_id = '', count, amount = 0 }) => [merchant_id, [count, amount]])),
  );
});

test("the program's own test transaction is counted nowhere and passed on behind everything before it; before the first record it is not", async () => {
  const claim = claimOf();
  await claimPartition(database, claim);
  const canary = (occurredAt: number) => transaction(occurredAt, { merchant_id: CANARY_MERCHANT });
  await newCounter(database).count(claim, onBus([canary(at(900))], 0));
  await newCounter(database).count(claim, onBus([transaction(at(0)), transaction(at(3))], 1));
  const without = await outcome(database);
  // Its own time moves nothing: a stream of last year stays where it is.
  await newCounter(database).count(claim, onBus([transaction(at(3, 1)), canary(at(900)), transaction(at(3, 2))], 3));
  const { counted, rows, minutes, offsets } = await outcome(database);
  assert.deepEqual({ counted, rows, offsets }, { counted: 4, rows: 4, offsets: [[0, 6]] });
  assert.deepEqual(
    minutes.map(({ minute }) => minute),
    without.minutes.map(({ minute }) => minute),
  );
  const notices = await database.query<{ value: string }>(`select value from outbox where value like '%canary%'`);
  assert.deepEqual(
    notices.map(({ value }) => JSON.parse(value) as unknown),
    [{ v: 1, kind: 'canary', sent_at: at(900) + 50 }],
  );
});
