import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { InboundRecord } from '@transaction-guardian/contracts/transaction.ts';
import type { DeadLetter } from '@transaction-guardian/contracts/topics.ts';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import type { BusRecord } from '../bus/bus.ts';
import { GuardianError } from '../errors.ts';
import { createRawRows } from '../raw/rows/raw-rows.ts';
import type { Database, Sql } from '../store/database.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { claimPartition, type PartitionClaim } from '../store/verbs/log/claim-partition.ts';
import { readOffsets } from '../store/verbs/log/read-offset.ts';
import { findTransaction } from '../store/verbs/transaction/find-transaction.ts';
import { createCloser } from './close.ts';
import { createCounter } from './counter.ts';
import type { StreamRules } from './stream.ts';
import { at, claimOf, heartbeat, manualClock, NOON, onBus, transaction, windowsOf } from './test-records.ts';

const RULES = { lateMs: 90_000, closesEarly: false, maxGapMinutes: 60, liveWithinMs: 600_000 };

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());
afterEach(reset);

async function reset(): Promise<void> {
  await database.exec(
    `truncate transaction, minute_count, minute_slice, minute, consumer_offset, outbox, window_partition, window_segment, window_merge;
     delete from window_closer; insert into window_closer default values`,
  );
}

/** A worker without its bus: counts the batches that it is given from the committed offset on, and closes after each. */
function newCounter(on: Database = database, nowMs = NOON, rules: StreamRules = RULES) {
  const clock = manualClock(nowMs);
  const counter = createCounter({ database: on, raw: createRawRows(on), clock, committed: () => undefined }, rules);
  const closer = createCloser({ database: on, clock, group: claimOf().group, ranges: async () => [], committed: () => undefined }, rules);
  let closing: PartitionClaim | undefined;
  const lead = async (claim: PartitionClaim): Promise<void> => {
    if (closing?.generation !== claim.generation) await closer.claim(claim);
    closing = claim;
  };
  return {
    async count(claim: PartitionClaim, records: readonly BusRecord[]): Promise<void> {
      const committed = (await readOffsets(database, claim)).get(claim.partition) ?? 0;
      await counter.count(
        claim,
        records.filter(({ offset }) => offset >= committed),
      );
      await lead(claim);
      await closer.merge();
    },
    async tick(ms: number): Promise<void> {
      await lead(claimOf());
      await closer.tick(ms);
    },
  };
}

/** What the database says about the counts: everything that must come out the same whatever went wrong on the way. */
async function outcome() {
  const [sum] = await database.query<{ counted: number }>(
    'select coalesce(sum(count), 0) as counted from minute_count where status <> $1',
    [''],
  );
  const minutes = await database.query(
    'select minute, state, total, revision, late, closed_at is null as open from minute order by minute',
  );
  const [raw] = await database.query<{ rows: number }>('select count(*) as rows from transaction');
  return {
    counted: sum?.counted,
    rows: raw?.rows,
    minutes,
    windows: await windowsOf(database),
    offsets: [...(await readOffsets(database, claimOf()))],
  };
}

async function deadLetters(): Promise<DeadLetter[]> {
  const rows = await database.query<{ value: string }>("select value from outbox where topic = 'guardian.dead-letters' order by id");
  return rows.map(({ value }) => JSON.parse(value) as DeadLetter);
}

describe('counting a batch', () => {
  test('rows, counts, windows and offset are there together', async () => {
    const claim = claimOf();
    await claimPartition(database, claim);
    const first = transaction(at(0), { merchant_id: 'm-1', auth_code: '00', acquirer: 'a', amount: 10.1, count: 2 });
    await newCounter().count(
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
    const { windows, offsets, counted } = await outcome();
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
      await reset();
      await claimPartition(database, claimOf());
      const counter = newCounter();
      const all = [...onBus(records), ...onBus(repeats, records.length)];
      for (let start = 0; start < all.length; start += size) await counter.count(claimOf(), all.slice(start, start + size));
      return {
        rows: await database.query('select * from transaction order by id'),
        counts: await database.query('select * from minute_count order by minute, merchant_id'),
        dead: (await deadLetters()).map(({ offset, reason }) => [offset, reason]),
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
    const counter = newCounter();
    const once = transaction(at(0));
    await counter.count(claim, onBus([once, once, transaction(at(0))]));
    await counter.count(claim, onBus([{ ...once, ingested_at: at(1) }], 3));
    assert.equal((await outcome()).counted, 2);
    assert.deepEqual(await deadLetters(), []);
  });

  test('a repeat with other content is counted once and is sent to the dead-letter topic', async () => {
    const claim = claimOf();
    await claimPartition(database, claim);
    const once = transaction(at(0));
    await newCounter().count(claim, onBus([once, { ...once, count: 9, content_hash: 'fedcba9876543210' }]));
    assert.equal((await outcome()).counted, 1);
    const [letter, ...others] = await deadLetters();
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
    await newCounter().count(claim, onBus(records));
    const { counted, offsets } = await outcome();
    assert.equal(counted, 37);
    assert.deepEqual(offsets, [[0, 40]]);
    assert.deepEqual(
      (await deadLetters()).map(({ offset }) => offset).sort((a, b) => a - b),
      [5, 17, 33],
    );
  });

  test('late rows make the next revision of their minute, one a batch, which names who changed and adds up the others', async () => {
    const claim = claimOf();
    await claimPartition(database, claim);
    const counter = newCounter();
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
    await newCounter().count(claim, onBus([transaction(at(0), { status: 'denied', backfill: true }), mark]));
    await newCounter().count(claim, onBus([transaction(at(1), { backfill: true }), transaction(at(5), { backfill: true })], 2));
    await newCounter().count(claim, onBus([transaction(at(0), { backfill: true, count: 2 }), mark], 4));
    await newCounter().count(claim, onBus([transaction(at(0), { backfill: true, count: 4 })], 6));
    await newCounter().count(claim, onBus([transaction(at(0), { backfill: true, count: 1 })], 7));
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
    await newCounter().count(claim, onBus([transaction(at(0)), mark, transaction(at(5))]));
    await newCounter().count(claim, onBus([mark, heartbeat(at(2), { backfill: true, incomplete: true })], 3));
    const told = (await windowsOf(database)).map(({ minute, revision, state, backfill }) => [minute, revision, state, backfill]);
    assert.deepEqual(told, [
      [at(0), 0, 'observed', false],
      [at(1), 0, 'silent', false],
      [at(2), 0, 'silent', false],
    ]);
    await newCounter().count(claim, onBus([heartbeat(at(1), { incomplete: true })], 5));
    const [last] = (await windowsOf(database)).slice(-1);
    assert.deepEqual([last?.minute, last?.state], [at(1), 'incomplete'], 'its own sender says so');
  });

  test('a minute that closes between two records of a batch counts both, the second as late', async () => {
    const claim = claimOf();
    await claimPartition(database, claim);
    const fields = { merchant_id: 'm-1', auth_code: '00', acquirer: 'a', amount: 2 };
    const records = [transaction(at(0), fields), transaction(at(3), { status: 'denied' }), transaction(at(0), { ...fields, count: 4 })];
    await newCounter().count(claim, onBus(records));
    const { minutes } = await outcome();
    assert.deepEqual(minutes[0], { minute: at(0), state: 'observed', total: 5, revision: 1, late: 4, open: false });
    const cells = await database.query("select count, amount, late_count from minute_count where status = 'approved'");
    assert.deepEqual(cells, [{ count: 5, amount: 4, late_count: 4 }]);
  });

  test('a late sign of life turns silent into zero, and a second one says nothing new', async () => {
    const claim = claimOf();
    await claimPartition(database, claim);
    const counter = newCounter();
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
    await newCounter().count(claim, onBus([transaction(at(0)), transaction(at(-100), { count: 4 })]));
    const [window] = await windowsOf(database);
    assert.deepEqual([window?.minute, window?.revision, window?.late, window?.cells[0]?.count], [at(-100), 0, 4, 4]);
  });

  test('a minute of very many merchants names every one of them and is small', async () => {
    const claim = claimOf();
    await claimPartition(database, claim);
    const crowd = Array.from({ length: 9000 }, (_, index) =>
      transaction(at(0), { merchant_id: `merchant-with-a-long-name-${index}`, count: 1 + (index % 7), amount: index / 100 }),
    );
    await newCounter().count(claim, onBus([...crowd, transaction(at(3))]));
    const [row] = await database.query<{ bytes: number }>('select octet_length(value) as bytes from outbox');
    assert.ok((row?.bytes ?? Number.POSITIVE_INFINITY) <= 150_000, `${row?.bytes} bytes`);
    const [window] = await windowsOf(database);
    assert.deepEqual(
      new Map(window?.cells.map(({ merchant_id, count, amount }) => [merchant_id, [count, amount]])),
      new Map(crowd.map(({ merchant_id = '', count, amount = 0 }) => [merchant_id, [count, amount]])),
    );
  });

  test('the wall clock closes minutes in the database too', async () => {
    const claim = claimOf();
    await claimPartition(database, claim);
    const counter = newCounter();
    await counter.count(claim, onBus([transaction(at(0))]));
    await counter.tick(at(2));
    assert.deepEqual(await windowsOf(database), []);
    await counter.tick(at(4));
    assert.deepEqual(
      (await windowsOf(database)).map(({ state }) => state),
      ['observed', 'silent'],
    );
    const restarted = newCounter();
    await restarted.tick(at(5));
    assert.deepEqual(
      (await windowsOf(database)).map(({ state, sequence }) => `${sequence} ${state}`),
      ['1 observed', '2 silent', '3 silent'],
    );
  });
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

describe('fencing', () => {
  test('a worker that was replaced commits nothing', async () => {
    const stale = claimOf(1, 'old');
    await claimPartition(database, stale);
    const old = newCounter();
    await old.count(stale, onBus([transaction(at(0))]));
    const current = claimOf(2, 'new');
    assert.equal(await claimPartition(database, current), 1);
    const beforehand = await outcome();
    await assert.rejects(old.count(stale, onBus([transaction(at(1))], 1)), { code: 'STORE_FENCED' });
    assert.deepEqual(await outcome(), beforehand);
    await newCounter().count(current, onBus([transaction(at(1))], 1));
    assert.equal((await outcome()).counted, 2);
  });

  test('a closer that was replaced closes nothing, and does not disturb the counting', async () => {
    await claimPartition(database, claimOf());
    const one = newCounter();
    await one.count(claimOf(), onBus([transaction(at(0))]));
    const closer = createCloser(
      { database, clock: manualClock(NOON), group: 'guardian-window', ranges: async () => [], committed: () => undefined },
      RULES,
    );
    await closer.claim(claimOf(2, 'new'));
    await one.tick(at(9));
    await one.count(claimOf(), onBus([transaction(at(5))], 1));
    assert.deepEqual(await windowsOf(database), []);
    assert.equal((await outcome()).counted, 2);
    await closer.merge();
    assert.equal((await windowsOf(database)).length, 3);
    await assert.rejects(closer.claim(claimOf()), { code: 'STORE_FENCED' });
  });
});

describe('failures', () => {
  const records = (): InboundRecord[] => [
    ...Array.from({ length: 8 }, (_, index) => transaction(at(index, 5), { id: `r-${index}`, merchant_id: `m-${index % 3}`, amount: 1.1 })),
    transaction(at(1), { id: 'late-1' }),
    transaction(at(7), { id: 'r-7' }),
    heartbeat(at(9)),
  ];

  test('a failure at any statement, or at the commit, repeats harmlessly', async () => {
    const whole = onBus(records());
    const run = async (on: (database: Database) => Database): Promise<void> => {
      const claim = claimOf();
      await claimPartition(database, claim);
      const counter = newCounter(on(database));
      for (const batch of [whole.slice(0, 6), whole.slice(6)]) {
        for (let attempt = 0; attempt < 3; attempt += 1) {
          try {
            await counter.count(claim, batch);
            break;
          } catch (error) {
            assert.equal((error as GuardianError).code, 'STORE_UNAVAILABLE');
          }
        }
      }
    };
    await run((plain) => plain);
    const expected = await outcome();
    assert.equal(expected.counted, 9);
    for (let failing = 0; failing < 30; failing += 1) {
      await reset();
      await run((plain) => failAt(plain, failing));
      assert.deepEqual(await outcome(), expected, `statement ${failing}`);
    }
  });

  test('a commit whose answer is lost is not counted again', async () => {
    const claim = claimOf();
    await claimPartition(database, claim);
    const counter = createCounter(
      { database: loseAnswer(database), raw: createRawRows(database), clock: manualClock(NOON), committed: () => undefined },
      RULES,
    );
    const batch = onBus(records());
    await assert.rejects(counter.count(claim, batch), { code: 'STORE_UNAVAILABLE' });
    const committed = await outcome();
    // The bus gives the batch again from the committed offset: nothing is left. Were it given whole, ids protect the counts.
    assert.deepEqual(committed.offsets, [[0, batch.length]]);
    await counter.count(claim, batch);
    assert.equal((await outcome()).counted, committed.counted);
  });
});

test('any cutting into batches, with restarts in between, gives the same windows', async () => {
  const minuteOffsets = fc.array(
    fc.record({ step: fc.integer({ min: 0, max: 150 }), kind: fc.integer({ min: 0, max: 9 }), back: fc.integer({ min: 0, max: 80 }) }),
    { minLength: 5, maxLength: 60 },
  );
  const cuts = fc.array(fc.record({ size: fc.integer({ min: 1, max: 20 }), restart: fc.boolean() }), { minLength: 1, maxLength: 30 });
  const run = async (batches: readonly { readonly records: InboundRecord[]; readonly restart: boolean }[]): Promise<ClosedWindow[]> => {
    await reset();
    await claimPartition(database, claimOf());
    let counter = newCounter();
    let offset = 0;
    for (const { records, restart } of batches) {
      if (restart) counter = newCounter();
      await counter.count(claimOf(), onBus(records, offset));
      offset += records.length;
    }
    return windowsOf(database);
  };
  await fc.assert(
    fc.asyncProperty(minuteOffsets, cuts, async (steps, sizes) => {
      let time = NOON;
      const records = steps.map(({ step, kind, back }, index): InboundRecord => {
        time += step * 1000 * (kind === 0 ? 100 : 1);
        // Out of order, but never late.
        const occurred = time - back * 1000;
        if (kind === 1) return heartbeat(occurred, { ingested_at: time });
        return transaction(occurred, {
          id: `p-${index}`,
          ingested_at: time,
          count: kind === 2 ? 0 : kind,
          amount: kind / 10,
          merchant_id: `m-${kind % 2}`,
          status: kind === 3 ? '' : kind > 6 ? 'denied' : 'approved',
          backfill: kind === 4,
          ...(kind === 5 ? {} : { payment_method: `p-${kind % 3}`, card_bin: `41111${kind}` }),
          ...(kind === 6 ? {} : { currency: kind === 7 ? 'USD' : 'BRL' }),
        });
      });
      const batches: { records: InboundRecord[]; restart: boolean }[] = [];
      for (let from = 0, cut = 0; from < records.length; cut += 1) {
        const { size, restart } = sizes[cut % sizes.length] ?? { size: 1, restart: false };
        batches.push({ records: records.slice(from, from + size), restart });
        from += size;
      }
      const whole = await run([{ records, restart: false }]);
      assert.deepEqual(await run(batches), whole);
    }),
    { numRuns: 25 },
  );
});

/** Fails the n-th statement of all transactions, counted over the life of the wrapper; a commit counts as one. */
function failAt(inner: Database, n: number): Database {
  let statement = 0;
  const step = (): void => {
    if (statement++ === n) throw new GuardianError('STORE_UNAVAILABLE', 'injected', { retryable: true });
  };
  return {
    ...inner,
    transaction: (work) =>
      inner.transaction(async (tx) => {
        const failing: Sql = {
          query: async (text, params) => {
            step();
            return tx.query(text, params);
          },
          exec: (text) => tx.exec(text),
          copy: async (into, rows) => {
            step();
            return tx.copy(into, rows);
          },
        };
        const result = await work(failing);
        step();
        return result;
      }),
  };
}

/** Commits the first transaction and then says that it failed. */
function loseAnswer(inner: Database): Database {
  let lost = false;
  return {
    ...inner,
    transaction: async (work) => {
      const result = await inner.transaction(work);
      if (lost) return result;
      lost = true;
      throw new GuardianError('STORE_UNAVAILABLE', 'injected', { retryable: true });
    },
  };
}
