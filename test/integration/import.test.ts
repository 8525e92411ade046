import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { AnomalyPage, AnomalyView } from '@transaction-guardian/contracts/read.ts';
import { MAIN, startProduct, waitFor, type Product } from '../e2e/product.ts';
import { needsShared, sharedFile } from '../shared-data.ts';

const MINUTE_MS = 60_000;
const MINUTES = 300;
const INCIDENT = { first: 240, last: 259 };

const running = new Map<string, Product>();

/** A folder for files and data. What runs on it ends with the test. */
async function testFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'guardian-import-'));
  t.after(async () => {
    await running.get(folder)?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  return folder;
}

/** The program on the data of the folder. */
async function start(folder: string): Promise<Product> {
  const product = await startProduct(join(folder, 'data'), ['--time_zone', 'UTC']);
  running.set(folder, product);
  return product;
}

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command in English. It counts by itself, or sends to the program that runs on the folder. */
function run(folder: string, command: readonly string[]): Promise<Run> {
  const args = [...command, '--data_dir', join(folder, 'data'), '--locale', 'en', '--time_zone', 'UTC'];
  const env = { ...process.env, NODE_NO_WARNINGS: '1' };
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { cwd: folder, env }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

/** What `guardian import` prints; 3 says that it refused some lines. */
async function runImport(folder: string, files: readonly string[]): Promise<string> {
  const { code, out, err } = await run(folder, ['import', ...files]);
  assert.ok(code === 0 || code === 3, err);
  return out;
}

async function anomaliesOf(product: Product): Promise<readonly AnomalyView[]> {
  const { items } = await product.get<AnomalyPage>('/anomalies?since=2025-01-01T00:00:00Z&limit=1000');
  return items;
}

function timeOf(minute: number): string {
  return new Date(Date.UTC(2025, 6, 12) + minute * MINUTE_MS).toISOString().slice(0, 19).replace('T', ' ');
}

interface Counts {
  readonly approved: number;
  readonly code51: number;
  readonly code59: number;
}

/** Calm traffic, and twenty minutes in which code 51 takes a quarter of it. */
function countsOf(minute: number): Counts {
  const approved = 115 + ((minute * 37) % 11);
  const code51 = 2 + ((minute * 13) % 3);
  const code59 = 2 + ((minute * 7) % 3);
  return minute >= INCIDENT.first && minute <= INCIDENT.last
    ? { approved: approved - 35, code51: 32, code59 }
    : { approved, code51, code59 };
}

/** One file with one name after the other: each name's minutes from first to last. */
function byName(column: string, names: Readonly<Record<string, (counts: Counts) => number>>): string {
  const minutes = Array.from({ length: MINUTES }, (_, minute) => minute);
  const rows = Object.entries(names).flatMap(([name, count]) =>
    minutes.map((minute) => `${timeOf(minute)},${name},${count(countsOf(minute))}`),
  );
  return `timestamp,${column},count\n${rows.join('\n')}\n`;
}

const BY_STATUS = byName('status', { approved: ({ approved }) => approved, denied: ({ code51, code59 }) => code51 + code59 });
const BY_CODE = byName('auth_code', { '00': ({ approved }) => approved, '51': ({ code51 }) => code51, '59': ({ code59 }) => code59 });

test('files that are sorted by status and by auth code are counted as one stream, and the anomaly names its code', async (t) => {
  const folder = await testFolder(t);
  await writeFile(join(folder, 'status.csv'), BY_STATUS);
  await writeFile(join(folder, 'codes.csv'), `${BY_CODE}not a time,51,1\n`);
  const out = await runImport(folder, ['codes.csv', 'status.csv']);
  assert.match(out, /^1,500 accepted, 0 duplicate, 1 rejected$/m);
  const sum = (count: (counts: Counts) => number) =>
    Array.from({ length: MINUTES }, (_, minute) => count(countsOf(minute))).reduce((total, one) => total + one, 0);
  assert.match(out, new RegExp(`^  approved +${sum(({ approved }) => approved).toLocaleString('en')}$`, 'm'));
  assert.match(out, new RegExp(`^  51 +${sum(({ code51 }) => code51).toLocaleString('en')}$`, 'm'));
  const rejects = await readFile(join(folder, 'import.rejects.csv'), 'utf8');
  assert.match(rejects, /^file,line,reason,row\ncodes\.csv,902,"timestamp: [^\n]*","not a time,51,1"\n$/);

  const [anomaly, ...others] = await anomaliesOf(await start(folder));
  assert.deepEqual(others, []);
  assert.equal(anomaly?.started_at, `${timeOf(INCIDENT.first).replace(' ', 'T')}.000Z`);
  assert.equal(anomaly.type, 'denials_above_normal');
  assert.match(JSON.stringify(anomaly.reasons), /"51"/);
});

/** Minutes whose approved count is blank. */
const BLANK = { first: 180, last: 185 };

test('a count that is blank, or in two cells, is missing, and not zero: its minute is incomplete, by import and by replay', async (t) => {
  const blank = byName('status', { approved: ({ approved }) => approved, denied: ({ code51, code59 }) => code51 + code59 })
    .split('\n')
    .map((line) => (/ 03:0[0-5]:00,approved/.test(line) ? line.replace(/\d+$/, / 03:0[0-2]/.test(line) ? '' : '1,216') : line));
  for (const command of ['import', 'replay'] as const) {
    const folder = await testFolder(t);
    await writeFile(join(folder, 'status.csv'), blank.join('\n'));
    const product = await start(folder);
    const pace = command === 'replay' ? ['--speed', '100000'] : [];
    const { code, out, err } = await run(folder, [command, 'status.csv', ...pace]);
    assert.equal(code, 3, err);
    assert.match(out, /^594 accepted, 0 duplicate, 6 rejected$/m);
    assert.match(err, /6 minutes not judged/);
    const [from, until] = [BLANK.first, BLANK.last + 2].map((minute) => `${timeOf(minute).replace(' ', 'T')}Z`);
    await waitFor(async () => {
      const { items } = await product.get<{ items: { expected: number | null }[] }>(`/series?since=${timeOf(299).replace(' ', 'T')}Z`);
      return items.some(({ expected }) => expected !== null) ? true : undefined;
    });
    const { items } = await product.get<{ items: { state: string }[] }>(`/series?since=${from}&until=${until}`);
    assert.deepEqual(
      items.map(({ state }) => state),
      [...Array.from({ length: 6 }, () => 'incomplete'), 'observed'],
      command,
    );
    const anomalies = (await anomaliesOf(product)).map(({ type, started_at }) => `${type} ${started_at}`);
    assert.deepEqual(anomalies, [`denials_above_normal ${timeOf(INCIDENT.first).replace(' ', 'T')}.000Z`], command);
  }
});

test('a row has the same id in whatever company it comes', async (t) => {
  const folder = await testFolder(t);
  const product = await start(folder);
  const twins = `${BY_STATUS}${timeOf(3)},denied,1\n${timeOf(3)},denied,1\n`;
  await writeFile(join(folder, 'status.csv'), twins);
  await writeFile(join(folder, 'codes.csv'), BY_CODE);
  const answer = await product.post('/transactions/batch', twins, { 'content-type': 'text/csv' });
  assert.equal(((await answer.json()) as { accepted: number }).accepted, 602);
  assert.match(await runImport(folder, ['status.csv']), /^0 accepted, 602 duplicate, 0 rejected$/m);
  assert.match(await runImport(folder, ['codes.csv', 'status.csv']), /^900 accepted, 602 duplicate, 0 rejected$/m);
  assert.match(await runImport(folder, ['status.csv', 'codes.csv', 'status.csv']), /^0 accepted, 2,104 duplicate, 0 rejected$/m);
  const plain = await product.post('/transactions/batch', BY_CODE, { 'content-type': 'text/csv' });
  assert.equal(((await plain.json()) as { duplicate: number }).duplicate, 900);
});

interface Labels {
  readonly transactions: {
    readonly windows: readonly { readonly id: string; readonly start: string; readonly end: string; readonly auth?: readonly string[] }[];
  };
}

const STATUS_FILE = 'data/cloudwalk/transactions.csv';

test('real files: every labelled window is found, and denials of one code name it', needsShared(STATUS_FILE), async (t) => {
  const folder = await testFolder(t);
  const files = [STATUS_FILE, 'data/cloudwalk/transactions_auth_codes.csv'].map((path) => sharedFile(path) ?? assert.fail(path));
  assert.match(await runImport(folder, files), /^38,880 accepted, 0 duplicate, 0 rejected$/m);
  const found = await anomaliesOf(await start(folder));
  const labels = JSON.parse(await readFile(sharedFile('data/cloudwalk/labels.json') ?? '', 'utf8')) as Labels;
  const { windows } = labels.transactions;
  const isIn = ({ started_at: at, duration_minutes: minutes }: AnomalyView, window: (typeof windows)[number]): boolean =>
    Date.parse(at) <= Date.parse(`${window.end}Z`) && Date.parse(at) + minutes * MINUTE_MS > Date.parse(`${window.start}Z`);
  for (const window of windows) {
    const anomalies = found.filter((anomaly) => isIn(anomaly, window));
    assert.ok(anomalies.length > 0, `${window.id} is not found`);
    const denials = anomalies.filter(({ type }) => type === 'denials_above_normal');
    const named = denials.flatMap(({ reasons }) => JSON.stringify(reasons).match(/(?<=")5\d(?=")/g) ?? []);
    for (const code of named) assert.ok(window.auth?.includes(code), `${window.id} names ${code}`);
    // Two codes that grow alike are reported as denials; one code is reported by its name.
    if (window.auth?.length === 1 && denials.length > 0) assert.ok(named.length > 0, `${window.id} names no code`);
  }
  const strange = found.filter((anomaly) => !windows.some((window) => isIn(anomaly, window)));
  assert.deepEqual(
    strange.map(({ reason }) => reason),
    [],
  );
});
