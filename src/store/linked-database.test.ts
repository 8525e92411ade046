import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../clock.ts';
import { keepLink, type SocketLink } from '../wire/socket-link.ts';
import { serveSocket, type SocketPlace } from '../wire/socket-server.ts';
import type { Database } from './database.ts';
import { databaseConformance } from './database.conformance.ts';
import { createLinkedDatabase } from './linked-database.ts';
import { openPglite } from './pglite/open-pglite.ts';
import { serveDatabase } from './remote-database.ts';
import { silentLog, template } from './test-database.ts';
import { until } from '../test-until.ts';

/** Longer than a busy machine stands between two statements. */
const IDLE_MS = 1500;

const openLocal = async () => openPglite({ memory: true, log: silentLog, clock: systemClock, template: await template() });

/** A database served at a socket, with its clients. */
function createSite(local: Database, idleMs = 5000) {
  const dir = mkdtempSync(join(tmpdir(), 'guardian-link-'));
  const place: SocketPlace = { path: join(dir, 'd.sock'), greeting: '1', leaseMs: 2000 };
  const links: SocketLink[] = [];
  let end: () => Promise<void> = async () => undefined;
  return {
    place,
    async serve(): Promise<void> {
      end = await serveSocket(place, (wire) => serveDatabase(wire, local, { idleMs }));
    },
    leave: async () => end(),
    async client(): Promise<Database> {
      const database = createLinkedDatabase();
      const link = keepLink(place, silentLog, database.open);
      links.push(link);
      await until(() => link.state() === 'up');
      return database;
    },
    async release(): Promise<void> {
      for (const link of links) link.close();
      await end();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

databaseConformance('linked, over a socket', async () => {
  const local = await openLocal();
  const site = createSite(local);
  await site.serve();
  const database = await site.client();
  return {
    database,
    release: async () => {
      await database.close();
      await site.release();
      await local.close();
    },
  };
});

describe('a database that is owned by another process', () => {
  let local: Database;
  let site: ReturnType<typeof createSite>;
  before(async () => {
    local = await openLocal();
    await local.exec('create table t (n int)');
    site = createSite(local, IDLE_MS);
    await site.serve();
  });
  after(async () => {
    await site.release();
    await local.close();
  });

  /** A process that opens a transaction, writes and says so, and keeps it open. */
  async function startHolder() {
    const at = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href);
    const script = `
      import { keepLink } from ${at('../wire/socket-link.ts')};
      import { createLinkedDatabase } from ${at('./linked-database.ts')};
      const database = createLinkedDatabase();
      keepLink(${JSON.stringify(site.place)}, { warn() {}, error() {} }, (wire) => {
        database.open(wire);
        void database.transaction(async (tx) => {
          await tx.query('insert into t values (1)');
          console.log('open');
          for (;;) await tx.query('select 1');
        });
      });
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    return child;
  }

  for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
    test(`${signal} of a client in the middle of a transaction rolls it back, and the others go on`, async () => {
      const other = await site.client();
      const holder = await startHolder();
      try {
        const waiting = other.query('select n from t');
        holder.kill(signal);
        assert.deepEqual(await waiting, []);
        await other.transaction((tx) => tx.query('select 1'));
      } finally {
        holder.kill('SIGKILL');
      }
    });
  }

  test('a transaction that asks again and again is not idle, however long it takes', async () => {
    const database = await site.client();
    await database.transaction(async (tx) => {
      const begun = performance.now();
      while (performance.now() - begun < 1.3 * IDLE_MS) {
        await tx.query('select pg_sleep(0.03)');
        await sleep(70);
      }
      await tx.query('insert into t values (7)');
    });
    assert.deepEqual(await local.query('select n from t'), [{ n: 7 }]);
    await local.exec('truncate t');
  });

  test('a transaction that is idle for too long fails with its own error', async () => {
    const database = await site.client();
    const idle = database.transaction(async (tx) => {
      await tx.query('insert into t values (8)');
      await local.query('select 1');
      await tx.query('insert into t values (9)');
    });
    await assert.rejects(idle, { code: 'STORE_UNAVAILABLE', message: new RegExp(`idle for ${IDLE_MS} ms`), retryable: true });
    assert.deepEqual(await local.query('select n from t'), []);
  });

  test('while the owner is away calls are refused as retryable, and go on when it is back', async () => {
    const database = await site.client();
    await site.leave();
    await assert.rejects(
      database.transaction((tx) => tx.query('select 1')),
      { code: 'STORE_UNAVAILABLE', retryable: true },
    );
    await site.serve();
    for (;;) {
      const rows = await database.query('select 1 as n').catch(() => undefined);
      if (rows !== undefined) break;
      await sleep(10);
    }
  });
});
