import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import { openEmbeddedBus } from '../../bus/embedded/embedded.ts';
import { systemClock } from '../../clock.ts';
import { silentLog } from '../../store/test-database.ts';
import { prepareDataDir, type DataDir } from '../data-dir.ts';
import { restoreBackup } from './restore-backup.ts';
import { takeBackup } from './take-backup.ts';

const RETENTION = { hours: 24, transactionHours: 24, bytes: 1e9, derivedBytes: 1e9 };

/** A data directory with a log of three records and something in the place of a database, and a backup of it. */
async function setUp(t: TestContext) {
  const root = mkdtempSync(join(tmpdir(), 'guardian-backup-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const at = (name: string): string => join(root, name);
  const dir = await prepareDataDir(at('data'));
  mkdirSync(join(dir.database, 'pg_notify'), { recursive: true });
  writeFileSync(join(dir.database, 'PG_VERSION'), '17');
  for (const name of ['service-token', 'secret', 'sessions.json', 'losses.json']) writeFileSync(join(dir.root, name), '[]');
  const bus = await openLog(dir);
  t.after(() => bus.close());
  await publish(bus, 3);
  const taking = {
    dir,
    to: at('backup'),
    withDatabase: true,
    model: undefined,
    clock: systemClock,
    still: (work: () => Promise<void>) => work(),
  };
  const manifest = await takeBackup(taking);
  return { at, dir, bus, manifest, taking };
}

const openLog = (dir: Pick<DataDir, 'bus'>) =>
  openEmbeddedBus({
    dir: dir.bus,
    partitions: {},
    retention: RETENTION,
    cleans: false,
    clock: systemClock,
    log: silentLog,
    writer: 'inline',
  });
const publish = (bus: Awaited<ReturnType<typeof openLog>>, n: number) =>
  bus.publish(
    TOPICS.transactions,
    Array.from({ length: n }, (_, index) => ({ key: String(index), value: Buffer.from('{}') })),
  );

test('the log is as it was while the database was held; tokens stay behind', async (t) => {
  const { at, manifest } = await setUp(t);
  assert.deepEqual(manifest.accepted, { 0: 3 });
  const restored = await restoreBackup({ from: at('backup'), to: at('restored') });
  assert.deepEqual(restored, manifest);
  const bus = await openLog({ bus: at('restored/bus') });
  assert.deepEqual(
    (await bus.ranges(TOPICS.transactions)).map(({ next }) => next),
    [3],
  );
  await bus.close();
  assert.ok(existsSync(at('restored/database/pg_notify')), 'the engine needs its empty directories');
  assert.ok(existsSync(at('restored/losses.json')));
  for (const name of ['service-token', 'secret', 'sessions.json']) assert.ok(!existsSync(at(`restored/${name}`)), name);
});

test('records that come while the copies are made are not in them', async (t) => {
  const { at, bus, taking } = await setUp(t);
  const manifest = await takeBackup({
    ...taking,
    to: at('later'),
    still: async (work) => {
      await work();
      await publish(bus, 5);
    },
  });
  assert.deepEqual(manifest.accepted, { 0: 3 });
  await restoreBackup({ from: at('later'), to: at('restored') });
  const restored = await openLog({ bus: at('restored/bus') });
  assert.deepEqual(
    (await restored.ranges(TOPICS.transactions)).map(({ next }) => next),
    [3],
  );
  await restored.close();
});

test('a backup that fails leaves nothing, and one that is there is not written over', async (t) => {
  const { at, taking } = await setUp(t);
  await assert.rejects(takeBackup(taking), { code: 'BACKUP_TARGET' });
  const lost = takeBackup({ ...taking, to: at('failing'), still: () => Promise.reject(new Error('lost')) });
  await assert.rejects(lost, /lost/);
  assert.ok(!existsSync(at('failing')) && !existsSync(at('failing.partial')));
});

test('a backup is restored into an empty directory only, and nothing of one that is damaged or of another program', async (t) => {
  const { at, manifest } = await setUp(t);
  const restore = (from: string, to: string) => restoreBackup({ from: at(from), to: at(to) });
  await assert.rejects(restore('backup', 'data'), { code: 'BACKUP_TARGET', rule: 'backup_not_empty' });
  await assert.rejects(restore('data', 'new'), { code: 'BACKUP_INVALID', rule: 'backup_not_one' });
  cpSync(at('backup'), at('copy'), { recursive: true });
  const log = at(`copy/bus/${TOPICS.transactions}.sqlite`);
  const bytes = readFileSync(log);
  writeFileSync(log, bytes.fill(bytes.readUInt8(9000) ^ 1, 9000, 9001));
  await assert.rejects(restore('copy', 'new'), { rule: 'backup_damaged', message: /guardian\.transactions\.sqlite/ });
  rmSync(log);
  await assert.rejects(restore('copy', 'new'), { rule: 'backup_damaged', message: /is missing/ });
  const changed = async (change: object, rule: string): Promise<void> => {
    writeFileSync(at('copy/manifest.json'), JSON.stringify({ ...manifest, ...change }));
    await assert.rejects(restore('copy', 'new'), { code: 'BACKUP_INVALID', rule: `backup_${rule}` });
  };
  await changed({ migrations: [...manifest.migrations, '9999-later.sql'] }, 'newer');
  await changed({ database: '0.9.1' }, 'engine');
  await changed({ format: 2 }, 'other_format');
  await changed({ files: [{ path: '../x', bytes: 1, sha256: '' }] }, 'damaged');
  await changed({ folders: ['/etc'] }, 'damaged');
  assert.ok(!existsSync(at('new')) && !existsSync(at('new.restoring')), 'nothing is left');
  mkdirSync(at('new'));
  await restore('backup', 'new');
});
