import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { InboundRecord } from '@transaction-guardian/contracts/transaction.ts';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { GuardianError } from '../errors.ts';
import { createRawRows } from '../raw/rows/raw-rows.ts';
import type { Database, Sql } from '../store/database.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { claimPartition } from '../store/verbs/log/claim-partition.ts';
import { createCloser } from './close.ts';
import { createCounter } from './counter.ts';
import { emptyCounts, newCounter, outcome, RULES } from './test-counter.ts';
import { at, claimOf, heartbeat, manualClock, NOON, onBus, transaction, windowsOf } from './test-records.ts';

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());
afterEach(() => emptyCounts(database));

describe('fencing', () => {
  test('a worker that was replaced commits nothing', async () => {
    const stale = claimOf(1, 'old');
    await claimPartition(database, stale);
    const old = newCounter(database);
    await old.count(stale, onBus([transaction(at(0))]));
    const current = claimOf(2, 'new');
    assert.equal(await claimPartition(database, current), 1);
    const beforehand = await outcome(database);
    await assert.rejects(old.count(stale, onBus([transaction(at(1))], 1)), { code: 'STORE_FENCED' });
    assert.deepEqual(await outcome(database), beforehand);
    await newCounter(database).count(current, onBus([transaction(at(1))], 1));
    assert.equal((await outcome(database)).counted, 2);
  });

  test('a closer that was replaced closes nothing, and does not disturb the counting', async () => {
    await claimPartition(database, claimOf());
    const one = newCounter(database);
    await one.count(claimOf(), onBus([transaction(at(0))]));
    const closer = createCloser(
      { database, clock: manualClock(NOON), group: 'guardian-window', ranges: async () => [], committed: () => undefined },
      RULES,
    );
    await closer.claim(claimOf(2, 'new'));
    await one.tick(at(9));
    await one.count(claimOf(), onBus([transaction(at(5))], 1));
    assert.deepEqual(await windowsOf(database), []);
    assert.equal((await outcome(database)).counted, 2);
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
    const expected = await outcome(database);
    assert.equal(expected.counted, 9);
    for (let failing = 0; failing < 30; failing += 1) {
      await emptyCounts(database);
      await run((plain) => failAt(plain, failing));
      assert.deepEqual(await outcome(database), expected, `statement ${failing}`);
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
    const committed = await outcome(database);
    // The bus gives the batch again from the committed offset: nothing is left. Were it given whole, ids protect the counts.
    assert.deepEqual(committed.offsets, [[0, batch.length]]);
    await counter.count(claim, batch);
    assert.equal((await outcome(database)).counted, committed.counted);
  });
});

test('any cutting into batches, with restarts in between, gives the same windows', async () => {
  const minuteOffsets = fc.array(
    fc.record({ step: fc.integer({ min: 0, max: 150 }), kind: fc.integer({ min: 0, max: 9 }), back: fc.integer({ min: 0, max: 80 }) }),
    { minLength: 5, maxLength: 60 },
  );
  const cuts = fc.array(fc.record({ size: fc.integer({ min: 1, max: 20 }), restart: fc.boolean() }), { minLength: 1, maxLength: 30 });
  const run = async (batches: readonly { readonly records: InboundRecord[]; readonly restart: boolean }[]): Promise<ClosedWindow[]> => {
    await emptyCounts(database);
    await claimPartition(database, claimOf());
    let counter = newCounter(database);
    let offset = 0;
    for (const { records, restart } of batches) {
      if (restart) counter = newCounter(database);
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
