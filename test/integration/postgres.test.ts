import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { databaseConformance } from '../../src/store/database.conformance.ts';
import type { Database } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { MIGRATIONS } from '../../src/store/migration-files.ts';
import { openPostgres, type PostgresOptions } from '../../src/store/postgres/open-postgres.ts';
import { retryConflicts } from '../../src/store/retry-conflicts.ts';
import { silentLog } from '../../src/store/test-database.ts';
import { systemClock } from '../../src/clock.ts';
import { readdirSync } from 'node:fs';
import { Registry } from 'prom-client';
import { waitFor } from '../e2e/product.ts';
import { startFaultyWay } from '../faults/proxy.ts';
import { startPostgres, type PostgresServer } from './postgres-server.ts';

let server: PostgresServer;
const LIMITS = { connections: 8, connectMs: 60_000, statementMs: 60_000, lockMs: 60_000 };
const open = async (options: Partial<PostgresOptions> = {}): Promise<Database> =>
  openPostgres({ ...LIMITS, log: silentLog, url: await server.createDatabase(), ...options });

before(async () => {
  server = await startPostgres();
});
after(() => server.stop());

databaseConformance('postgres', async () => {
  const database = await open();
  return { database, release: () => database.close() };
});

describe('a database on a PostgreSQL server', { timeout: 900_000 }, () => {
  test('statements of several callers run beside each other', async () => {
    const database = await open();
    const inside = Promise.withResolvers<void>();
    const done = Promise.withResolvers<void>();
    const long = database.transaction(async (tx) => {
      await tx.query('select 1');
      inside.resolve();
      await done.promise;
    });
    await inside.promise;
    assert.deepEqual(await database.query('select 2 as n'), [{ n: 2 }], 'while a transaction is open');
    done.resolve();
    await long;
    await database.close();
  });

  test('a statement, a lock and a connection that take too long are STORE_UNAVAILABLE, and the pool goes on', async () => {
    const database = await open({ connections: 2, statementMs: 2000, lockMs: 100, connectMs: 300 });
    const refused = { code: 'STORE_UNAVAILABLE', retryable: true };
    await assert.rejects(database.query('select pg_sleep(60)'), refused);
    await database.exec('create table locked (id int); insert into locked values (1)');
    const taken = Promise.withResolvers<void>();
    const free = Promise.withResolvers<void>();
    const holder = database.transaction(async (tx) => {
      await tx.query('select * from locked for update');
      taken.resolve();
      await free.promise;
    });
    await taken.promise;
    await assert.rejects(database.query('select * from locked for update'), refused);
    const other = database.transaction(async (tx) => {
      await tx.query('select 1');
      await free.promise;
    });
    await waitFor(async () => ((await database.query('select 1').catch(() => null)) === null ? true : undefined));
    free.resolve();
    await Promise.all([holder, other]);
    assert.deepEqual(await database.query('select 1 as n'), [{ n: 1 }]);
    await database.close();
  });

  test('a server that is killed costs the work in hand and nothing later', async () => {
    const database = await open();
    await database.exec('create table kept (n int)');
    await database.query('insert into kept values (1)');
    const open1 = database.transaction(async (tx) => {
      await tx.query('insert into kept values (2)');
      await server.kill();
      await tx.query('select 1');
    });
    await assert.rejects(open1, { code: 'STORE_UNAVAILABLE', retryable: true });
    await assert.rejects(database.query('select 1'), { code: 'STORE_UNAVAILABLE', retryable: true });
    await server.start();
    assert.deepEqual(await database.query('select n from kept'), [{ n: 1 }]);
    await database.close();
  });

  test('a server that cannot be heard is not waited for, one that is away is left alone, and both are used again', async () => {
    const url = new URL(await server.createDatabase());
    const way = await startFaultyWay({ port: 0, target: Number(url.port), seed: 1 });
    url.port = String(way.port);
    const metrics = new Registry();
    const database = await open({ url: url.href, statementMs: 200, connectMs: 500, metrics });
    const refused = { code: 'STORE_UNAVAILABLE', retryable: true };
    await database.exec('create table heard (n int)');
    way.set({ kind: 'silent' });
    await assert.rejects(database.query('select 1'), refused);
    await assert.rejects(database.copy('heard (n)', '1\n'), refused);
    await assert.rejects(
      database.transaction((tx) => tx.query('select 1')),
      refused,
    );
    way.set({ kind: 'cut' });
    const left = await waitFor(async () => {
      const message = await database.query('select 1').then(
        () => '',
        (error: Error) => error.message,
      );
      return message.includes('left alone') ? message : undefined;
    });
    assert.match(left, /left alone for up to 2 s after 5 failures/);
    assert.match(await metrics.metrics(), /guardian_circuit_breaker_state\{dependency="postgres"\} 2/);
    way.set(null);
    await waitFor(async () => database.query('select 1').catch(() => undefined));
    assert.match(await metrics.metrics(), /guardian_circuit_breaker_state\{dependency="postgres"\} 0/);
    await database.close();
    await way.close();
  });

  test('a server that is not there is named without its password', async () => {
    const url = 'postgres://guardian:s3cret@127.0.0.1:1/guardian';
    await assert.rejects(openPostgres({ ...LIMITS, log: silentLog, url }), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'STORE_UNAVAILABLE');
      assert.doesNotMatch(JSON.stringify([error.message, error.stack]), /s3cret/);
      return true;
    });
  });

  test('transactions that deadlock or cannot be serialized are done again, each once', async () => {
    const database = await open();
    await database.exec('create table account (id int primary key, balance int); insert into account values (1, 0), (2, 0)');
    const both = Promise.withResolvers<void>();
    let inside = 0;
    let attempts = 0;
    const add = (first: number, second: number) =>
      retryConflicts(() =>
        database.transaction(async (tx) => {
          attempts += 1;
          await tx.query('update account set balance = balance + 1 where id = $1', [first]);
          if (++inside === 2) both.resolve();
          await both.promise;
          await tx.query('update account set balance = balance + 1 where id = $1', [second]);
        }),
      );
    await Promise.all([add(1, 2), add(2, 1)]);
    assert.ok(attempts > 2, 'one of them was the victim');
    const double = () =>
      retryConflicts(() =>
        database.transaction(async (tx) => {
          await tx.exec('set transaction isolation level serializable');
          const [row] = await tx.query<{ sum: number }>('select sum(balance)::int as sum from account');
          await tx.query('update account set balance = balance + $1 where id = 1', [row?.sum ?? 0]);
        }),
      );
    await Promise.all([double(), double(), double()]);
    assert.deepEqual(await database.query('select sum(balance)::int as sum from account'), [{ sum: 32 }], '4, doubled three times');
    await database.close();
  });

  test('several processes migrate at once, and each migration is applied once', async () => {
    const url = await server.createDatabase();
    const all = await Promise.all([0, 1, 2, 3].map(() => openPostgres({ ...LIMITS, log: silentLog, url })));
    const applied = await Promise.all(all.map((database) => migrate({ database, log: silentLog, clock: systemClock })));
    const files = readdirSync(MIGRATIONS);
    assert.deepEqual(applied.flat().toSorted(), files.toSorted());
    await Promise.all(all.map((database) => database.close()));
  });
});
