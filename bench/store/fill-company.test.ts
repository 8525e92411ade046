import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { TransactionRecord } from '@transaction-guardian/contracts/transaction.ts';
import { MINUTE_MS } from '../../src/clock.ts';
import type { Database } from '../../src/store/database.ts';
import { openTestDatabase } from '../../src/store/test-database.ts';
import { claimPartition } from '../../src/store/verbs/log/claim-partition.ts';
import type { StoredTransaction } from '../../src/store/verbs/transaction/find-transaction.ts';
import { newCounter } from '../../src/window/test-counter.ts';
import { claimOf, heartbeat, onBus } from '../../src/window/test-records.ts';
import { fillCompany, idOf } from './fill-company.ts';

/** 2030: after all that a migration puts into one table. */
const COMPANY = { from: Date.UTC(2030, 0, 10), minutes: 25, perMinute: 120, merchants: 50 };
const BATCH = 500;
const TABLES = {
  transaction: 'select * from transaction order by id',
  transaction_key: 'select * from transaction_key order by id',
  minute_count: 'select * from minute_count order by minute, merchant_id, status, auth_code, acquirer',
  minute_slice: 'select * from minute_slice order by minute, status, auth_code, acquirer',
  // When a minute closed is the clock of who closed it.
  minute:
    'select minute, state, total, revision, late, backfill, alive, observed, closed_at is not null as closed from minute order by minute',
};

let filled: Database;
let counted: Database;
before(async () => {
  [filled, counted] = [await openTestDatabase(), await openTestDatabase()];
});
after(async () => {
  await filled.close();
  await counted.close();
});

const toRecord = ({ status, ...row }: StoredTransaction): TransactionRecord => {
  const given = Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
  return { ...given, v: 1, kind: 'transaction', client_id: true, status } as TransactionRecord;
};

test('a company that the server fills has the rows that the product makes of the same transactions', async () => {
  await fillCompany(filled, COMPANY);
  const rows = await filled.query<StoredTransaction>(TABLES.transaction);
  assert.equal(rows.length, COMPANY.minutes * COMPANY.perMinute);
  assert.equal(rows[77]?.id, idOf(COMPANY, 77));
  assert.ok(new Set(rows.map(({ status }) => status)).size >= 4);

  await claimPartition(counted, claimOf());
  const counter = newCounter(counted, COMPANY.from);
  for (let at = 0; at < rows.length; at += BATCH) await counter.count(claimOf(), onBus(rows.slice(at, at + BATCH).map(toRecord), at));
  await counter.count(claimOf(), onBus([heartbeat(COMPANY.from + (COMPANY.minutes + 10) * MINUTE_MS)], rows.length));
  for (const [table, query] of Object.entries(TABLES)) {
    const made = await counted.query(query);
    const expected = table === 'minute' ? made.slice(0, COMPANY.minutes) : made;
    assert.deepEqual(await filled.query(query), expected, table);
  }
});
