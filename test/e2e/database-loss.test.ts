import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readOutcome, totalsOf, type Outcome } from './outcome.ts';
import { runGuardian as guardian, startProduct, startReceiver, waitFor, type Product, type Receiver } from './product.ts';
import { incidentMinutes } from './traffic.ts';

const MINUTES = 180;
const START = Date.parse('2026-03-10T12:00:00Z');
const SPAN = { start: START, minutes: MINUTES };
const NDJSON = { 'content-type': 'application/x-ndjson' };
const LINES = incidentMinutes({ ...SPAN, seed: 3 });
const PER_MINUTE = LINES.length / MINUTES;

interface Site {
  readonly dataDir: string;
  readonly receiver: Receiver;
  start(): Promise<Product>;
}

async function createSite(t: TestContext): Promise<Site> {
  const root = await mkdtemp(join(tmpdir(), 'guardian-loss-'));
  const receiver = await startReceiver();
  t.after(() => receiver.down());
  const settings = join(root, 'guardian.yaml');
  await writeFile(
    settings,
    `briefing: { shifts: [] }\nalert:\n  group_wait_s: 0.2\n  group_interval_s: 0.5\n  receivers:\n    - name: night-shift\n      url: ${receiver.url}\n`,
  );
  const dataDir = join(root, 'data');
  t.after(() => rm(root, { recursive: true, force: true }));
  const start = async (): Promise<Product> => {
    const product = await startProduct(dataDir, ['--config', settings]);
    t.after(() => product.kill());
    return product;
  };
  return { dataDir, receiver, start };
}

/** Sends minutes [from, to) and a sign of life after the last. */
async function send(product: Product, from: number, to: number): Promise<void> {
  const response = await product.post('/transactions/batch', LINES.slice(from * PER_MINUTE, to * PER_MINUTE).join('\n'), NDJSON);
  assert.equal(response.ok, true);
  const at = new Date(START + to * 60_000 + 90_000).toISOString();
  await product.post('/heartbeat', JSON.stringify({ source: 'test', at }));
}

/** Runs the whole incident, until the receiver has heard of its end. */
async function runIncident(site: Site): Promise<Outcome> {
  const product = await site.start();
  await send(product, 0, 100);
  await waitFor(async () => (site.receiver.bodies.length > 0 ? true : undefined));
  await send(product, 100, MINUTES);
  const outcome = await readOutcome(product, SPAN);
  await waitFor(async () => (site.receiver.bodies.at(-1)?.status === 'resolved' ? true : undefined));
  await sleep(1500);
  assert.equal(await product.stop(), 0);
  assert.deepEqual(outcome.totals, totalsOf(LINES));
  assert.ok(outcome.anomalies.length > 0);
  return outcome;
}

/** A site of its own with the data that another has left. */
async function copyOf(t: TestContext, { dataDir }: Site): Promise<Site> {
  const site = await createSite(t);
  await cp(dataDir, site.dataDir, { recursive: true });
  return site;
}

/** Starts again; everything must be as before, nobody told again, and the program must go on. */
async function expectSame(site: Site, before: Outcome): Promise<void> {
  const told = site.receiver.bodies.length;
  const product = await site.start();
  assert.deepEqual(await readOutcome(product, SPAN), before);
  await sleep(1500);
  assert.deepEqual(
    site.receiver.bodies.slice(told).map(({ status, alerts }) => [status, alerts.map(({ labels }) => labels['alertname'])]),
    [],
    'what is over is not told again',
  );
  const response = await product.post(
    '/transaction',
    JSON.stringify({ id: 'after', status: 'approved', timestamp: new Date(START + MINUTES * 60_000 + 100_000).toISOString() }),
  );
  assert.equal(response.status, 202);
  await waitFor(async () => {
    const stats = await product.get<{ lag_records: number }>('/stats');
    return stats.lag_records === 0 ? true : undefined;
  });
  assert.equal(await product.stop(), 0);
}

test('the database is rebuilt from the log', { timeout: 900_000 }, async (context) => {
  const whole = await createSite(context);
  const before = await runIncident(whole);

  await context.test('when its files are damaged; the damaged ones are kept aside', async (t) => {
    const site = await copyOf(t, whole);
    const database = join(site.dataDir, 'database');
    for (const name of ['global/pg_control', 'PG_VERSION']) await writeFile(join(database, name), 'broken');
    await expectSame(site, before);
    const aside = (await readdir(site.dataDir)).filter((name) => name.startsWith('database.corrupt-'));
    assert.equal(aside.length, 1);
  });

  await context.test('when it is deleted', async (t) => {
    const site = await copyOf(t, whole);
    await rm(join(site.dataDir, 'database'), { recursive: true });
    await expectSame(site, before);
  });

  await context.test('by `guardian rebuild`, which refuses while the program runs', async (t) => {
    const site = await copyOf(t, whole);
    const product = await site.start();
    const refused = await guardian(['rebuild', '--data_dir', site.dataDir]);
    assert.notEqual(refused.code, 0);
    assert.match(refused.output, new RegExp(product.address.replaceAll('.', String.raw`\.`)));
    assert.equal(refused.output.trim().split('\n').length, 1, refused.output);
    assert.equal(await product.stop(), 0);
    const done = await guardian(['rebuild', '--data_dir', site.dataDir]);
    assert.equal(done.code, 0, done.output);
    await expectSame(site, before);
  });

  await context.test('when a power cut brought an older one back: nothing is lost, and nothing counted twice', async (t) => {
    const site = await createSite(t);
    const database = join(site.dataDir, 'database');
    let product = await site.start();
    await send(product, 0, 60);
    await readOutcome(product, { start: START, minutes: 60 });
    assert.equal(await product.stop(), 0);
    await cp(database, `${database}.older`, { recursive: true });
    product = await site.start();
    await send(product, 60, 110);
    await readOutcome(product, { start: START, minutes: 110 });
    assert.equal(await product.stop(), 0);
    await rm(database, { recursive: true });
    await cp(`${database}.older`, database, { recursive: true });
    product = await site.start();
    await send(product, 110, MINUTES);
    assert.deepEqual(await readOutcome(product, SPAN), before);
    assert.equal(await product.stop(), 0);
  });
});
