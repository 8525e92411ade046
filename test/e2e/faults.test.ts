import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { MAIN, startProduct, waitFor, type Product } from './product.ts';

const START = Date.parse('2026-03-10T12:00:00Z');
const NDJSON = { 'content-type': 'application/x-ndjson' };

/** A place for one test; what it deferred is undone in reverse order, then the place goes. */
interface Site {
  readonly root: string;
  defer(undo: () => unknown): void;
  start(dataDir: string): Promise<Product>;
}

async function createSite(t: TestContext): Promise<Site> {
  const root = await mkdtemp(join(tmpdir(), 'guardian-fault-'));
  const undone: (() => unknown)[] = [];
  t.after(async () => {
    for (const undo of undone.reverse()) await undo();
    await rm(root, { recursive: true, force: true });
  });
  const start = async (dataDir: string): Promise<Product> => {
    const product = await startProduct(dataDir);
    undone.push(() => product.kill());
    return product;
  };
  return { root, defer: (undo) => void undone.push(undo), start };
}

/** Runs a command that is expected to end by itself. */
function guardian(args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [MAIN, ...args],
      { env: { ...process.env, NODE_NO_WARNINGS: '1' }, timeout: 300_000 },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
      },
    );
  });
}

function assertSentence(result: { readonly code: number; readonly output: string }, pattern: RegExp): void {
  assert.equal(result.code > 0, true, `ends with an error, not ${result.code}: ${result.output}`);
  assert.match(result.output, pattern);
  assert.doesNotMatch(result.output, /^\s+at /m, 'no stack trace');
  assert.equal(result.output.trim().split('\n').length, 1, result.output);
}

/** One approved transaction of the first minute. */
function transaction(index: number): string {
  return JSON.stringify({ id: `tx-${index}`, status: 'approved', timestamp: new Date(START + (index % 60) * 1000).toISOString() });
}

/** Waits until everything is counted, and returns how many transactions there are. */
async function countAll(product: Product): Promise<number> {
  await product.post('/heartbeat', JSON.stringify({ source: 'test', at: new Date(START + 200_000).toISOString() }));
  await waitFor(async () => ((await product.get<{ lag_records: number }>('/stats')).lag_records === 0 ? true : undefined));
  const range = `since=${new Date(START).toISOString()}&until=${new Date(START + 600_000).toISOString()}`;
  const { items } = await product.get<{ items: { by_status: Record<string, number> }[] }>(`/series?${range}`);
  return items.reduce((sum, item) => sum + Object.values(item.by_status).reduce((a, b) => a + b, 0), 0);
}

describe('a start that cannot be says so in one sentence', { timeout: 900_000 }, () => {
  test('a second process on the same data directory', async (t) => {
    const site = await createSite(t);
    const dataDir = join(site.root, 'data');
    const product = await site.start(dataDir);
    assertSentence(
      await guardian(['up', '--data_dir', dataDir, '--http.port', '0', '--log.level', 'silent']),
      new RegExp(`${product.process.pid}`),
    );
    assert.equal((await product.post('/transaction', transaction(1))).status, 202, 'the first one goes on');
  });

  test('a port that is taken', async (t) => {
    const site = await createSite(t);
    const server = createServer().listen(0, '127.0.0.1');
    site.defer(() => server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const dataDir = join(site.root, 'data');
    assertSentence(
      await guardian(['up', '--data_dir', dataDir, '--http.port', String(port), '--log.level', 'silent']),
      new RegExp(`${port}`),
    );
  });

  test('a data directory that cannot be written', async (t) => {
    const { root } = await createSite(t);
    await writeFile(join(root, 'file'), '');
    for (const dataDir of [join(root, 'file'), join(root, 'file', 'data')]) {
      assertSentence(await guardian(['up', '--data_dir', dataDir, '--http.port', '0', '--log.level', 'silent']), new RegExp(dataDir));
    }
  });
});

test(
  'a stop in the middle of large batches: exit code 0 in time, and what was acknowledged is counted',
  { timeout: 900_000 },
  async (t) => {
    const site = await createSite(t);
    const dataDir = join(site.root, 'data');
    let product = await site.start(dataDir);
    const acknowledged = new Set<number>();
    let sent = 0;
    const send = async (): Promise<void> => {
      for (let size = 1; ; size = size === 1 ? 5000 : 1) {
        const first = sent;
        sent += size;
        const ids = Array.from({ length: size }, (_, index) => first + index);
        const response = await product.post(
          size === 1 ? '/transaction' : '/transactions/batch',
          ids.map(transaction).join('\n'),
          size === 1 ? {} : NDJSON,
        );
        const answer = (await response.json()) as { accepted?: number };
        if (response.status === 202 && (size === 1 || answer.accepted === size)) for (const id of ids) acknowledged.add(id);
        else if (response.status !== 202) return;
      }
    };
    const senders = Array.from({ length: 4 }, () => send().catch(() => undefined));
    await waitFor(async () => (acknowledged.size > 5000 ? true : undefined));
    const asked = performance.now();
    assert.equal(await product.stop(), 0, product.output());
    assert.ok(performance.now() - asked < 30_000, 'longer than its deadline');
    await Promise.all(senders);
    assert.ok(acknowledged.size > 5000, `${acknowledged.size} acknowledged`);
    product = await site.start(dataDir);
    const counted = await countAll(product);
    assert.ok(counted >= acknowledged.size && counted <= sent, `${counted} counted, ${acknowledged.size} acknowledged, ${sent} sent`);
    // Sending everything again adds what was cut off, and nothing twice.
    for (let first = 0; first < sent; first += 20_000) {
      const ids = Array.from({ length: Math.min(20_000, sent - first) }, (_, index) => first + index);
      const answer = (await (await product.post('/transactions/batch', ids.map(transaction).join('\n'), NDJSON)).json()) as {
        accepted: number;
        duplicate: number;
      };
      assert.equal(answer.accepted + answer.duplicate, ids.length);
    }
    assert.equal(await countAll(product), sent);
    assert.equal(await product.stop(), 0);
  },
);

/** A small disk of its own; false where this user cannot have one. */
function mountDisk(site: Site, path: string, megabytes: number): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    return false;
  }
  site.defer(() => execFileSync('umount', ['-l', path]));
  return true;
}

/** Fills the disk to the last byte. */
async function fill(path: string): Promise<void> {
  for (const size of [1_048_576, 4096, 1]) {
    const file = createWriteStream(join(path, `ballast-${size}`));
    const failed = once(file, 'error');
    while (file.errored === null) {
      if (!file.write(Buffer.alloc(size, 1))) await Promise.race([once(file, 'drain').catch(() => undefined), failed]);
    }
  }
}

test('a full disk: 503 with advice, nothing half accepted, and it works again by itself', { timeout: 900_000 }, async (t) => {
  const site = await createSite(t);
  const disk = join(site.root, 'disk');
  await mkdir(disk);
  if (!mountDisk(site, disk, 400)) return t.skip('needs the right to mount a small disk');
  const product = await site.start(join(disk, 'data'));
  const accepted = new Set<number>();
  let next = 0;
  const post = async (): Promise<Response> => {
    const ids = Array.from({ length: 200 }, () => next++);
    const response = await product.post('/transactions/batch', ids.map(transaction).join('\n'), NDJSON);
    if (response.status === 202) for (const id of ids) accepted.add(id);
    return response;
  };
  for (let count = 0; count < 20; count += 1) assert.equal((await post()).status, 202);
  assert.equal(await countAll(product), accepted.size);

  await fill(disk);
  const refused = await waitFor(async () => {
    const response = await post();
    return response.status === 202 ? undefined : response;
  });
  assert.equal(refused.status, 503);
  assert.match(refused.headers.get('content-type') ?? '', /^application\/problem\+json/);
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  const problem = (await refused.json()) as { code: string; title: string; detail: string };
  // What refuses first: the write that fails, or the watch of the disk, which looks every five seconds.
  assert.match(problem.code, /^(BUS_UNAVAILABLE|DISK_NEARLY_FULL)$/);
  const single = await product.post('/transaction', transaction(next++));
  assert.equal(single.status, 503);
  for (let count = 0; count < 20; count += 1) {
    const response = await post();
    assert.ok([202, 503].includes(response.status), `status ${response.status}`);
    await sleep(50);
  }
  const health = await product.get<{ status: string }>('/health');
  t.diagnostic(`health while full: ${JSON.stringify(health)}`);
  assert.notEqual(health.status, 'healthy');

  for (const size of [1_048_576, 4096, 1]) await rm(join(disk, `ballast-${size}`), { force: true });
  await waitFor(async () => ((await post()).status === 202 ? true : undefined));
  await waitFor(async () => ((await product.get<{ status: string }>('/health')).status === 'healthy' ? true : undefined));
  // What was refused is sent again, as a client would.
  const missing = Array.from({ length: next }, (_, id) => id).filter((id) => !accepted.has(id));
  const answer = await product.post('/transactions/batch', missing.map(transaction).join('\n'), NDJSON);
  assert.equal(answer.status, 202);
  assert.equal(await countAll(product), next);
  assert.equal(await product.stop(), 0, product.output().slice(-2000));
  const again = await site.start(join(disk, 'data'));
  assert.equal(await countAll(again), next);
  assert.equal(await again.stop(), 0);
});
