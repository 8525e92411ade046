import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { Client } from 'pg';
import { openPostgres } from '../../src/store/postgres/open-postgres.ts';
import { takeOwnership } from '../../src/store/postgres/ownership.ts';
import { takeRoleLock } from '../../src/store/postgres/role-lock.ts';
import { silentLog } from '../../src/store/test-database.ts';
import { freePort } from '../e2e/free-port.ts';
import { waitFor } from '../e2e/product.ts';
import { startPostgres, type PostgresServer } from './postgres-server.ts';

const IGNORED = 'statement_timeout,lock_timeout,idle_in_transaction_session_timeout,options,extra_float_digits';
const LIMITS = { connections: 4, connectMs: 20_000, statementMs: 60_000, lockMs: 60_000, log: silentLog };
/** Debian's place for servers, which not every PATH has. */
const PGBOUNCER = existsSync('/usr/sbin/pgbouncer') ? '/usr/sbin/pgbouncer' : 'pgbouncer';
/** PgBouncer keeps prepared statements in transaction mode from 1.21 on. */
const [, major = '0', minor = '0'] = /PgBouncer (\d+)\.(\d+)/.exec(spawnSync(PGBOUNCER, ['-V']).stdout?.toString() ?? '') ?? [];
const keepsStatements = Number(major) > 1 || Number(minor) >= 21;

describe('a database behind PgBouncer', { timeout: 300_000 }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.stop());

  /** A pool before the server; returns where its database is. */
  const startPool = async (t: TestContext, mode: 'session' | 'transaction', settings: Readonly<Record<string, string>> = {}) => {
    const folder = mkdtempSync(join(tmpdir(), 'guardian-pool-'));
    const port = await freePort();
    const backend = new URL(await server.createDatabase());
    const all = {
      ...{ listen_addr: '127.0.0.1', listen_port: String(port), unix_socket_dir: '', auth_type: 'any', pool_mode: mode },
      ...{ ignore_startup_parameters: IGNORED, ...settings },
    };
    const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}`);
    const file = join(folder, 'pool.ini');
    writeFileSync(file, `[databases]\n* = host=127.0.0.1 port=${backend.port} user=guardian\n[pgbouncer]\n${lines.join('\n')}\n`);
    const flags = process.getuid?.() === 0 ? ['-u', 'postgres'] : [];
    if (flags.length > 0) {
      const { stdout } = spawnSync('id', ['-u', 'postgres']);
      for (const path of [folder, file]) chownSync(path, Number(stdout.toString()), userInfo().gid);
    }
    const pool = spawn(PGBOUNCER, [...flags, file], { stdio: 'ignore' });
    t.after(async () => {
      if (pool.exitCode === null && pool.signalCode === null) {
        const ended = once(pool, 'exit');
        pool.kill('SIGKILL');
        await ended;
      }
      rmSync(folder, { recursive: true, force: true });
    });
    const url = `postgres://guardian@127.0.0.1:${port}${backend.pathname}`;
    await waitFor(async () => {
      if (pool.exitCode !== null) throw new Error(`pgbouncer ended with ${pool.exitCode}`);
      const client = new Client({ connectionString: url });
      client.on('error', () => undefined);
      return client.connect().then(
        () => client.end().then(() => true as const),
        () => undefined,
      );
    });
    return url;
  };
  const lockOf = (url: string) => takeOwnership({ url, connectMs: 20_000, log: silentLog, onLost: () => undefined });

  test('in session mode everything works', async (t) => {
    const url = await startPool(t, 'session');
    const database = await openPostgres({ ...LIMITS, url });
    assert.deepEqual(await database.query('select $1::int as n', [3]), [{ n: 3 }]);
    await database.close();
    const release = await lockOf(url);
    await release();
  });

  test('in transaction mode a lock is refused with the setting that helps, and statements where the pool does not keep them', async (t) => {
    const url = await startPool(t, 'transaction', keepsStatements ? { max_prepared_statements: '0' } : {});
    await assert.rejects(openPostgres({ ...LIMITS, url }), { code: 'CONFIG_INVALID', message: /max_prepared_statements/ });
    await assert.rejects(lockOf(url), { code: 'CONFIG_INVALID', message: /store\.session_url/ });
    const reasons: unknown[] = [];
    const ending = new AbortController();
    const log = Object.assign(Object.create(silentLog) as typeof silentLog, {
      warn: (about: unknown) => {
        reasons.push(about);
        ending.abort();
      },
    });
    const none = await takeRoleLock({ url, connectMs: 20_000, role: 'detect', log, signal: ending.signal, onLost: () => undefined });
    assert.equal(none, null);
    assert.match(JSON.stringify(reasons), /store\.session_url/);
  });

  test('in transaction mode with prepared statements the store works', { skip: !keepsStatements }, async (t) => {
    const url = await startPool(t, 'transaction', { max_prepared_statements: '200' });
    const database = await openPostgres({ ...LIMITS, url });
    await Promise.all(Array.from({ length: 40 }, (_, n) => database.transaction((tx) => tx.query('select $1::int as n', [n]))));
    await database.close();
  });

  test('a pool that refuses the settings of a connection is told apart from a server that is away', async (t) => {
    const url = await startPool(t, 'session', { ignore_startup_parameters: 'extra_float_digits' });
    await assert.rejects(openPostgres({ ...LIMITS, url }), {
      code: 'CONFIG_INVALID',
      retryable: false,
      message: /ignore_startup_parameters = statement_timeout,lock_timeout/,
    });
  });
});
