import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '@transaction-guardian/contracts/progress.ts';
import type { Health } from '@transaction-guardian/contracts/stats.ts';
import { runGuardian, startProduct, startReceiver, waitFor, type Product, type Receiver } from './product.ts';
import { mountSmallDisk, type SmallDisk } from './small-disk.ts';

const START = Date.parse('2026-03-10T12:00:00Z');
const NDJSON = { 'content-type': 'application/x-ndjson' };
const MEGABYTES = 400;

interface Site {
  readonly disk: SmallDisk;
  readonly product: Product;
  readonly receiver: Receiver;
  /** Sends `size` new transactions with ids; remembers which were accepted. */
  post(size: number): Promise<{ readonly code: number; readonly problem: string | undefined }>;
  readonly accepted: Set<number>;
  health(): Promise<{ readonly code: number; readonly body: Health }>;
  /** Alerts of the program about itself, in the order in which they came: `name status`. */
  told(alertname: string): readonly string[];
}

async function createSite(t: TestContext): Promise<Site | undefined> {
  const root = await mkdtemp(join(tmpdir(), 'guardian-full-'));
  const undone: (() => unknown)[] = [() => rm(root, { recursive: true, force: true })];
  t.after(async () => {
    for (const undo of undone.reverse()) await undo();
  });
  const disk = await mountSmallDisk(join(root, 'disk'), MEGABYTES);
  if (disk === undefined) return undefined;
  undone.push(() => disk.unmount());
  const receiver = await startReceiver();
  undone.push(() => receiver.down());
  const settings = join(root, 'guardian.yaml');
  await writeFile(
    settings,
    `watchdog:\n  still_s: 8\n  restart_s: 16\nalert:\n  receivers:\n    - name: night-shift\n      url: ${receiver.url}\n`,
  );
  const product = await startProduct(join(disk.path, 'data'), ['--config', settings]);
  undone.push(() => product.kill());
  const accepted = new Set<number>();
  let next = 0;
  return {
    disk,
    product,
    receiver,
    accepted,
    async post(size) {
      const ids = Array.from({ length: size }, () => next++);
      const response = await product.post('/transactions/batch', ids.map(transaction).join('\n'), NDJSON);
      const body = (await response.json()) as { code?: string };
      if (response.status === 202) for (const id of ids) accepted.add(id);
      return { code: response.status, problem: body.code };
    },
    async health() {
      const response = await fetch(`${product.address}/health`);
      return { code: response.status, body: (await response.json()) as Health };
    },
    told: (alertname) =>
      receiver.bodies.flatMap(({ alerts }) => alerts.filter(({ labels }) => labels['alertname'] === alertname).map(({ status }) => status)),
  };
}

function transaction(index: number): string {
  return JSON.stringify({ id: `tx-${index}`, status: 'approved', timestamp: new Date(START + (index % 60) * 1000).toISOString() });
}

async function stored({ product }: Site): Promise<number> {
  await waitFor(async () => {
    const stats = await product.get<{ lag_records: number }>('/stats').catch(() => undefined);
    return stats?.lag_records === 0 ? true : undefined;
  });
  const range = `since=${new Date(START).toISOString()}&until=${new Date(START + 600_000).toISOString()}`;
  const { items } = await product.get<{ items: { by_status: Record<string, number> }[] }>(`/series?${range}`);
  return items.reduce((sum, item) => sum + Object.values(item.by_status).reduce((a, b) => a + b, 0), 0);
}

/** The minute closes, so that it can be read. */
const close = ({ product }: Site): Promise<Response> =>
  product.post('/heartbeat', JSON.stringify({ source: 'test', at: new Date(START + 200_000).toISOString() }));

test(
  'transactions are refused before the disk is full, what is accepted is counted, and they are taken again',
  { timeout: 900_000 },
  async (t) => {
    const site = await createSite(t);
    if (site === undefined) return t.skip('needs the right to mount a small disk');
    assert.equal((await site.post(1000)).code, 202);
    await close(site);
    await site.disk.fill(30_000_000);
    const refused = await waitFor(async () => {
      const answer = await site.post(1000);
      await sleep(100);
      return answer.code === 202 ? undefined : answer;
    });
    assert.deepEqual(refused, { code: 503, problem: 'DISK_NEARLY_FULL' });
    assert.ok(site.disk.free() > 10_000_000, 'there is room left for the database');
    const { code, body } = await site.health();
    assert.equal(code, 503);
    assert.equal(body.checks['disk']?.status, 'down');
    assert.match(body.checks['disk']?.detail ?? '', /transactions are refused: \d+ MB are free/);
    await waitFor(async () => (site.told('GuardianDiskFull').length > 0 ? true : undefined));
    assert.equal(await stored(site), site.accepted.size, 'all that is accepted is counted while the disk is nearly full');

    await site.disk.clear();
    await waitFor(async () => ((await site.post(1)).code === 202 ? true : undefined));
    await waitFor(async () => ((await site.health()).body.status === 'healthy' ? true : undefined));
    await waitFor(async () => (site.told('GuardianDiskFull').length > 1 ? true : undefined));
    assert.deepEqual(site.told('GuardianDiskFull'), ['firing', 'resolved']);
    assert.equal(await stored(site), site.accepted.size);
    assert.equal(await site.product.stop(), 0);

    await site.disk.fill(0);
    const start = await runGuardian(['up', '--data_dir', join(site.disk.path, 'data'), '--http.port', '0', '--locale', 'en']);
    assert.equal(start.code, 1);
    assert.match(start.output, /The disk of the data directory is full .*Free space, then start again/);
    await site.disk.clear();
  },
);

/** Somebody else fills the disk to the last byte, faster than any watch, while the database counts. Resolves with what /health says of
 *  detection; undefined when all was counted before the disk was full, which a machine that is busy elsewhere may do. */
async function fillWhileItCounts(site: Site): Promise<{ readonly code: number; readonly detail: string | undefined } | undefined> {
  await site.disk.clear();
  await waitFor(async () => ((await site.post(1)).code === 202 ? true : undefined));
  await site.disk.fill(100_000_000);
  for (let batch = 0; batch < 4; batch++) await site.post(5000);
  let isFilled = false;
  const filling = site.disk.fill(0).then(() => (isFilled = true));
  while (!isFilled) await site.post(5000).catch(() => undefined);
  await filling;
  const found = await waitFor(async () => {
    const { code, body } = await site.health();
    if (body.checks['detection']?.status === 'down') return { code, detail: body.checks['detection'].detail };
    return (await isAllCounted(site)) ? 'too late' : undefined;
  });
  return found === 'too late' ? undefined : found;
}

/** False also while nobody can tell. */
async function isAllCounted({ product }: Site): Promise<boolean> {
  const { accepted, counted, closed, judged } = await product.get<Partial<Progress>>('/progress').catch((): Partial<Progress> => ({}));
  const isDone = (from?: Progress['accepted'], to?: Progress['accepted']): boolean =>
    from !== undefined && to !== undefined && Object.entries(from).every(([partition, next]) => to[partition] === next);
  return isDone(accepted, counted) && isDone(closed, judged);
}

test(
  'a database that finds no room in the middle of its work stands still visibly and goes on by itself',
  { timeout: 900_000 },
  async (t) => {
    const site = await createSite(t);
    if (site === undefined) return t.skip('needs the right to mount a small disk');
    assert.equal((await site.post(1000)).code, 202);
    await close(site);
    const still = await waitFor(() => fillWhileItCounts(site));
    assert.equal(still.code, 503);
    t.diagnostic(still.detail ?? '');
    await waitFor(async () => (site.told('GuardianDetectionStandsStill').length > 0 ? true : undefined));

    await site.disk.clear();
    await waitFor(async () => ((await site.post(1)).code === 202 ? true : undefined));
    await close(site);
    await waitFor(async () => ((await site.health()).body.status === 'healthy' ? true : undefined));
    await waitFor(async () => (site.told('GuardianDetectionStandsStill').length > 1 ? true : undefined));
    assert.deepEqual(site.told('GuardianDetectionStandsStill'), ['firing', 'resolved']);
    t.diagnostic(`${site.accepted.size} accepted`);
    assert.ok((await stored(site)) >= site.accepted.size);
    assert.equal(await site.product.stop(), 0);
  },
);
