import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { systemClock } from '../../clock.ts';
import { databaseConformance } from '../database.conformance.ts';
import type { Database } from '../database.ts';
import { silentLog, template } from '../test-database.ts';
import { openPglite } from './open-pglite.ts';
import { keepTemplate, readTemplate } from './template.ts';

databaseConformance('pglite', async () => {
  const database = await openPglite({ memory: true, log: silentLog, clock: systemClock, template: await template() });
  return { database, release: () => database.close() };
});

let dir = '';
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'guardian-pglite-')), 'database');
});
afterEach(() => {
  rmSync(join(dir, '..'), { recursive: true, force: true });
});

async function open(): Promise<Database> {
  return openPglite({ dir, log: silentLog, clock: systemClock, template: await template() });
}

test('what was committed is there after close and open', async () => {
  const first = await open();
  await first.exec('create table t (n int); insert into t values (7)');
  await first.close();
  const second = await open();
  assert.deepEqual(await second.query('select n from t'), [{ n: 7 }]);
  await second.close();
});

test('what was committed survives kill -9, what was not is gone', async () => {
  const first = await open();
  await first.close();
  const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const script = `import { openPglite } from ${url('./open-pglite.ts')}; import { silentLog } from ${url('../test-database.ts')}; import { systemClock } from ${url('../../clock.ts')};
    const db = await openPglite({ dir: ${JSON.stringify(dir)}, log: silentLog, clock: systemClock });
    await db.exec('create table t (n int)'); for (let n = 0; n < 50; n++) await db.query('insert into t values ($1)', [n]);
    await db.transaction(async (tx) => { await tx.query('insert into t values (99)'); console.log('half'); await new Promise(() => setInterval(() => {}, 1000)); });`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const second = await open();
  assert.deepEqual(await second.query('select count(*) as n, max(n) as last from t'), [{ n: 50, last: 49 }]);
  await second.close();
});

test('a start that was cut off half-way is begun again', async () => {
  mkdirSync(`${dir}.new/base`, { recursive: true });
  writeFileSync(`${dir}.new/PG_VERSION`, '18');
  const database = await open();
  assert.deepEqual(await database.query('select 1 as n'), [{ n: 1 }]);
  await database.close();
  assert.deepEqual(readdirSync(join(dir, '..')), ['database']);
});

test('a new directory starts from a copy that is kept, and from nothing when that copy is broken', async () => {
  const folder = join(dir, '..', 'kept');
  const openNew = () => openPglite({ dir, log: silentLog, clock: systemClock, templateFolder: folder });
  await (await openNew()).close();
  const kept = await readTemplate(folder);
  assert.ok(kept !== undefined && kept.size > 1_000_000);
  rmSync(dir, { recursive: true });
  await keepTemplate(new Blob(['not a tar']), folder);
  const database = await openNew();
  assert.deepEqual(await database.query('select 1 as n'), [{ n: 1 }]);
  await database.close();
  assert.equal((await readTemplate(folder))?.size, kept.size);
});

test('a damaged directory is STORE_CORRUPT and stays as it is', async () => {
  const first = await open();
  await first.close();
  truncateSync(join(dir, 'global', 'pg_control'), 0);
  await assert.rejects(open(), { code: 'STORE_CORRUPT', message: /pg_control/ });
  rmSync(join(dir, 'PG_VERSION'));
  await assert.rejects(open(), { code: 'STORE_CORRUPT', message: /PG_VERSION/ });
});

test('a damaged page ends the engine, and the directory is not opened again', async () => {
  const first = await open();
  await first.exec('create table t (n int); insert into t values (1); checkpoint');
  const [file] = await first.query<{ path: string }>("select pg_relation_filepath('t') as path");
  await first.close();
  writeFileSync(join(dir, file?.path ?? ''), Buffer.alloc(8192, 0x5a));
  const deaths: string[] = [];
  const second = await openPglite({ dir, log: silentLog, clock: systemClock, onDeath: ({ code }) => void deaths.push(code) });
  await assert.rejects(second.query('select * from t'), { code: 'STORE_CORRUPT' });
  await assert.rejects(second.query('select 1'), { code: 'STORE_CORRUPT' });
  await second.close();
  assert.deepEqual(deaths, ['STORE_CORRUPT']);
  await assert.rejects(open(), { code: 'STORE_CORRUPT', message: /damaged pages/ });
});

test('an engine that keeps too much memory is opened again, and nobody notices', async () => {
  const said: { readonly msg: string; readonly before?: number; readonly after?: number }[] = [];
  const log = pino({ level: 'info' }, { write: (line) => void said.push(JSON.parse(line)) });
  const first = await open();
  await first.exec('create table t (n int)');
  await first.close();
  const mostBytes = 150_000_000;
  const database = await openPglite({ dir, log, clock: systemClock, engineMemory: { mostBytes, lookMs: 20 } });
  // Sorts in memory what takes more than the limit: WebAssembly keeps it.
  await database.exec("set work_mem = '400MB'");
  await database.query(
    'select count(*) from (select n, repeat(md5(n::text), 10) as text from generate_series(1, 200000) n order by 2 desc) s',
  );
  let written = 0;
  const limit = Date.now() + 300_000;
  while (!said.some(({ msg }) => msg.includes('engine reopened')) && Date.now() < limit) {
    await database.transaction(async (tx) => {
      await tx.query('insert into t values ($1)', [written]);
      await tx.query('insert into t values ($1)', [written + 1]);
    });
    written += 2;
    await sleep(10);
  }
  const again = said.find(({ msg }) => msg.includes('engine reopened'));
  assert.ok(again !== undefined, 'it was never opened again');
  assert.ok((again.before ?? 0) > mostBytes && (again.after ?? Infinity) <= mostBytes, JSON.stringify(again));
  assert.deepEqual(await database.query('select count(*) as n, count(distinct n) as different from t'), [
    { n: written, different: written },
  ]);
  await database.close();
});

test('a place that cannot be written is STORE_UNAVAILABLE', async () => {
  writeFileSync(dir, 'a file');
  await assert.rejects(open(), { code: 'STORE_UNAVAILABLE', retryable: true });
});
