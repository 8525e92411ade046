import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { systemClock } from '../clock.ts';
import type { Database } from './database.ts';
import { migrate, prepareSchema } from './migrate.ts';
import { MIGRATIONS, readMigrations } from './migration-files.ts';
import { openPglite } from './pglite/open-pglite.ts';
import { readSchemaState } from './schema-state.ts';
import { openTestDatabase, silentLog, template } from './test-database.ts';

let dir = '';
let database: Database;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'guardian-migrations-'));
  database = await openPglite({ memory: true, log: silentLog, clock: systemClock, template: await template() });
});
afterEach(async () => {
  await database.close();
  rmSync(dir, { recursive: true, force: true });
});

const put = (name: string, text: string): void => writeFileSync(join(dir, name), text);
const folders = () => ({ plain: pathToFileURL(`${dir}/`), timescale: pathToFileURL(`${dir}/timescale/`) });
const states = async () => (await readSchemaState(database, await readMigrations(folders()))).map(({ name, state }) => [name, state]);
const run = () => migrate({ database, log: silentLog, clock: systemClock }, folders());

test('files are applied once, in order of their numbers', async () => {
  put('0002-second.sql', 'insert into t values (2);');
  put('0001-first.sql', 'create table t (n int); insert into t values (1);');
  assert.deepEqual(await run(), ['0001-first.sql', '0002-second.sql']);
  assert.deepEqual(await run(), []);
  put('0003-third.sql', 'insert into t values (3)');
  assert.deepEqual(await run(), ['0003-third.sql']);
  assert.deepEqual(await database.query('select n from t order by n'), [{ n: 1 }, { n: 2 }, { n: 3 }]);
});

test('a file that fails leaves nothing of itself and names itself', async () => {
  put('0001-first.sql', 'create table t (n int)');
  put('0002-broken.sql', 'insert into t values (1); insert into nowhere values (1)');
  await assert.rejects(run(), { code: 'STORE_REFUSED', message: /0002-broken\.sql/ });
  assert.deepEqual(await database.query('select n from t'), []);
  put('0002-broken.sql', 'insert into t values (5)');
  assert.deepEqual(await run(), ['0002-broken.sql']);
});

test('a changed file is an error, another end of line is not', async () => {
  put('0001-first.sql', 'create table t\n(n int)');
  await run();
  put('0001-first.sql', 'create table t\r\n(n int)');
  assert.deepEqual(await run(), []);
  put('0001-first.sql', 'create table t (n bigint)');
  await assert.rejects(run(), { code: 'STORE_MIGRATION', message: /0001-first\.sql was changed/ });
});

test('a database of a newer program is refused', async () => {
  put('0001-first.sql', 'create table t (n int)');
  put('0002-second.sql', 'select 1');
  await run();
  rmSync(join(dir, '0002-second.sql'));
  await assert.rejects(run(), { code: 'STORE_MIGRATION', message: /0002-second\.sql.*newer/ });
});

test('names must be in order and unique', async () => {
  put('0001-first.sql', 'select 1');
  put('0001-other.sql', 'select 1');
  await assert.rejects(run(), { code: 'STORE_MIGRATION', message: /0001/ });
  rmSync(join(dir, '0001-other.sql'));
  put('second.sql', 'select 1');
  await assert.rejects(run(), { code: 'STORE_MIGRATION', message: /second\.sql/ });
});

test('what only Timescale has waits until the extension is there', async () => {
  put('0001-first.sql', 'create table t (n int)');
  mkdirSync(join(dir, 'timescale'));
  put('timescale/0001-first.sql', 'select create_hypertable()');
  assert.deepEqual(await run(), ['0001-first.sql']);
  assert.deepEqual(await states(), [
    ['0001-first.sql', 'applied'],
    ['timescale/0001-first.sql', 'waiting'],
  ]);
  await assert.doesNotReject(
    prepareSchema('manual', { database, log: silentLog, clock: systemClock }, folders()),
    'nothing can be applied',
  );
});

test('the state names each migration, and looking at it changes nothing', async () => {
  put('0001-first.sql', 'create table t (n int)');
  put('0002-second.sql', 'select 1');
  assert.deepEqual(await states(), [
    ['0001-first.sql', 'pending'],
    ['0002-second.sql', 'pending'],
  ]);
  assert.deepEqual(await database.query("select to_regclass('schema_migration') is null as untouched"), [{ untouched: true }]);
  await run();
  rmSync(join(dir, '0001-first.sql'));
  put('0002-second.sql', 'select 2');
  put('0003-third.sql', 'create table u (n int)');
  assert.deepEqual(await states(), [
    ['0002-second.sql', 'changed'],
    ['0003-third.sql', 'pending'],
    ['0001-first.sql', 'unknown'],
  ]);
});

test('a program that does not know the database changes nothing in it', async () => {
  put('0001-first.sql', 'create table t (n int)');
  await run();
  rmSync(join(dir, '0001-first.sql'));
  put('0002-second.sql', 'create table u (n int)');
  await assert.rejects(run(), { code: 'STORE_MIGRATION', message: /0001-first\.sql.*newer/ });
  assert.deepEqual(await database.query("select to_regclass('u') is null as untouched"), [{ untouched: true }]);
});

test('with manual migrations a start names the command and applies nothing', async () => {
  put('0001-first.sql', 'create table t (n int)');
  const deps = { database, log: silentLog, clock: systemClock };
  await assert.rejects(prepareSchema('manual', deps, folders()), { code: 'STORE_MIGRATION', message: /guardian migrate up/ });
  assert.deepEqual(await database.query("select to_regclass('t') is null as untouched"), [{ untouched: true }]);
  await prepareSchema('auto', deps, folders());
  await prepareSchema('manual', deps, folders());
  put('0002-second.sql', 'select 1');
  await assert.rejects(prepareSchema('manual', deps, folders()), { code: 'STORE_MIGRATION', data: { n: 1, first: '0002-second.sql' } });
});

test('the real schema is made, and made once', async () => {
  const real = await openTestDatabase();
  assert.deepEqual(await migrate({ database: real, log: silentLog, clock: systemClock }), []);
  assert.deepEqual(await real.query('select sequence, watermark from window_closer'), [{ sequence: 0, watermark: null }]);
  await real.close();
});

test('a message that waits in the queue of an older program keeps what it says', async () => {
  const files = readdirSync(MIGRATIONS).toSorted();
  for (const name of files.filter((file) => file < '0016')) put(name, readFileSync(new URL(name, MIGRATIONS), 'utf8'));
  await run();
  const alert = { status: 'firing', labels: { severity: 'critical' }, annotations: { summary: 's' }, fingerprint: 'f' };
  const times = { startsAt: '2026-11-22T12:00:00.000Z', endsAt: '0001-01-01T00:00:00Z' };
  const payload = { version: '4', receiver: 'r', groupKey: 'g', externalURL: 'http://c', alerts: [{ ...alert, ...times }] };
  await database.query(
    `insert into notification (id, receiver, group_key, status, severity, payload_hash, payload, tells, state, created_at)
     values ('nt_1', 'r', 'g', 'firing', 'critical', 'h', $1::jsonb, '{}', 'pending', 1)`,
    [JSON.stringify(payload)],
  );
  await migrate({ database, log: silentLog, clock: systemClock });
  assert.deepEqual(await database.query('select content_hash, message from notification'), [
    {
      content_hash: 'h',
      message: {
        receiver: 'r',
        groupKey: 'g',
        firing: [{ ...alert, severity: 'critical', starts_at: '2026-11-22T12:00:00.000Z', ends_at: null }],
        resolved: [],
        missed: [],
        externalUrl: 'http://c',
      },
    },
  ]);
});
