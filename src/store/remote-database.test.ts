import assert from 'node:assert/strict';
import { afterEach, before, after, describe, test } from 'node:test';
import { MessageChannel, Worker } from 'node:worker_threads';
import { systemClock } from '../clock.ts';
import { databaseConformance } from './database.conformance.ts';
import type { Database } from './database.ts';
import { openPglite } from './pglite/open-pglite.ts';
import { connectDatabase, serveDatabase } from './remote-database.ts';
import { silentLog, template } from './test-database.ts';

const openLocal = async () => openPglite({ memory: true, log: silentLog, clock: systemClock, template: await template() });

databaseConformance('remote', async () => {
  const local = await openLocal();
  const { port1, port2 } = new MessageChannel();
  serveDatabase(port1, local);
  const database = connectDatabase(port2);
  return {
    database,
    release: async () => {
      await database.close();
      await local.close();
    },
  };
});

describe('remote database', () => {
  let local: Database;
  let remotes: Database[] = [];
  before(async () => {
    local = await openLocal();
    await local.exec('create table t (n int)');
  });
  after(() => local.close());
  afterEach(async () => {
    for (const remote of remotes) await remote.close();
    remotes = [];
    await local.exec('truncate t');
  });
  const connect = (transactionMs?: number): Database => {
    const { port1, port2 } = new MessageChannel();
    serveDatabase(port1, local, transactionMs === undefined ? {} : { transactionMs });
    const remote = connectDatabase(port2);
    remotes.push(remote);
    return remote;
  };

  test('a transaction that takes too long is rolled back and blocks nobody', async () => {
    const remote = connect(50);
    const slow = remote.transaction(async (tx) => {
      await tx.query('insert into t values (1)');
      // Waits behind the open transaction until that one is thrown out.
      await local.query('select 1');
      await tx.query('insert into t values (2)');
    });
    await assert.rejects(slow, { code: 'STORE_UNAVAILABLE', message: /50 ms/ });
    assert.deepEqual(await local.query('select n from t'), []);
  });

  test('a caller that goes away leaves no open transaction', async () => {
    const remote = connect();
    const begun = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<void>();
    const left = remote.transaction(async (tx) => {
      await tx.query('insert into t values (1)');
      begun.resolve();
      await gone.promise;
      await tx.query('select 1');
    });
    left.catch(() => undefined);
    await begun.promise;
    await remote.close();
    gone.resolve();
    assert.deepEqual(await local.query('select n from t'), []);
    await assert.rejects(left, { code: 'STORE_CLOSED' });
  });

  test('calls reject when the thread that holds the database dies', async () => {
    const { port1, port2 } = new MessageChannel();
    const worker = new Worker("require('node:worker_threads').workerData.port.on('message', () => {}); setInterval(() => {}, 1000);", {
      eval: true,
      workerData: { port: port1 },
      transferList: [port1],
    });
    const remote = connectDatabase(port2);
    const waiting = remote.query('select 1');
    waiting.catch(() => undefined);
    await worker.terminate();
    await assert.rejects(waiting, { code: 'STORE_UNAVAILABLE', retryable: true });
    await assert.rejects(remote.query('select 1'), { code: 'STORE_UNAVAILABLE' });
    await assert.rejects(
      remote.transaction(async () => 1),
      { code: 'STORE_UNAVAILABLE' },
    );
  });
});
