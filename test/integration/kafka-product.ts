import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import type { Health } from '@transaction-guardian/contracts/stats.ts';
import { Client } from 'pg';
import { startProduct, waitFor, type Product } from '../e2e/product.ts';
import type { KafkaServer } from './kafka-server.ts';
import { startPostgres, type PostgresServer } from './postgres-server.ts';

const NDJSON = { 'content-type': 'application/x-ndjson' };
const TOPIC = 'product.guardian.transactions';
const run = promisify(execFile);

/** Writes lines to the topic as another program does; those with a tab have a key before it. */
async function produce(address: string, lines: readonly string[]): Promise<void> {
  const kcat = spawn('kcat', ['-b', address, '-t', TOPIC, '-P', '-K', '\t', '-X', 'partitioner=murmur2_random'], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  kcat.stdin.end(lines.map((line) => `m-1\t${line}\n`).join(''));
  const [code] = (await once(kcat, 'exit')) as [number];
  assert.equal(code, 0, 'kcat');
}

/** The whole program with its log on Kafka and its database on PostgreSQL. */
export function kafkaProduct(server: KafkaServer): void {
  describe('the whole program with its log on Kafka', () => {
    let postgres: PostgresServer;
    let folder: string;
    let url: string;
    let product: Product;
    let flags: readonly string[];

    before(async () => {
      postgres = await startPostgres();
      folder = await mkdtemp(join(tmpdir(), 'guardian-kafka-product-'));
      url = await postgres.createDatabase();
      const brokers = JSON.stringify([server.address]);
      const engines = ['--store.engine', 'postgres', '--store.url', url, '--bus.engine', 'kafka', '--bus.kafka.brokers', brokers];
      flags = [...engines, '--bus.kafka.prefix', 'product.', '--bus.partitions', '2'];
      product = await startProduct(join(folder, 'data'), flags);
    });
    after(async () => {
      await product.kill();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    });

    const stored = async (): Promise<number> => {
      const client = new Client({ connectionString: url });
      await client.connect();
      const { rows } = await client.query<{ total: string }>('select coalesce(sum(count), 0) as total from minute_count');
      await client.end();
      return Number(rows[0]?.total);
    };
    const untilStored = (total: number): Promise<true> => waitFor(async () => ((await stored()) === total ? true : undefined));

    test('counts what comes over HTTP and what another program writes, and lets it read', async () => {
      const lines = Array.from({ length: 100 }, (_, index) => JSON.stringify({ status: 'approved', merchant_id: `m-${index % 7}` }));
      assert.ok((await product.post('/transactions/batch', lines.join('\n'), NDJSON)).ok);
      await untilStored(100);
      await produce(server.address, [
        '{"status":"denied","merchant_id":"m-1","id":"kcat-1"}',
        '{"status":"lost","merchant_id":"m-1"}',
        '{"status":',
        '{"status":"approved","merchant_id":"m-1"}',
      ]);
      await untilStored(102);
      const { stdout } = await run('kcat', ['-b', server.address, '-t', TOPIC, '-C', '-o', 'beginning', '-e', '-q', '-f', '%h %s\n']);
      assert.equal(stdout.match(/schema-version=1 \{"v":1,"kind":"transaction"/g)?.length, 100);
      const reasons = await waitFor(async () => {
        const consume = ['-b', server.address, '-t', 'product.guardian.dead-letters', '-C', '-o', 'beginning', '-e', '-q'];
        const letters = (await run('kcat', consume)).stdout.trim().split('\n');
        return letters.length === 2 ? letters.map((letter) => (JSON.parse(letter) as { reason: string }).reason) : undefined;
      });
      assert.match(reasons[0] ?? '', /^status: /);
      assert.match(reasons[1] ?? '', /not JSON/);
    });

    test('accepts while the broker is away, over a kill of its own, then refuses; all that it accepted is counted once', async () => {
      const before = await stored();
      let accepted = 0;
      const post = async (): Promise<Response> => {
        const answer = await product.post('/transaction', '{"status":"approved","merchant_id":"m-2"}');
        if (answer.ok) accepted += 1;
        return answer;
      };
      for (let sent = 0; sent < 20; sent += 1) assert.equal((await post()).status, 202);
      await server.kill();
      for (let sent = 0; sent < 20; sent += 1) assert.equal((await post()).status, 202);
      const health = await product.get<Health>('/health');
      assert.equal(health.checks['log']?.status, 'degraded');
      assert.match(health.checks['log']?.detail ?? '', /^20 accepted records are spooled/);
      assert.equal((await fetch(`${product.address}/ready`)).status, 200, 'who sends is not kept from it');
      const { spool, lag_records: lag } = await product.get<{ spool: { records: number }; lag_records: number }>('/stats');
      assert.equal(spool.records, 20);
      assert.ok(lag >= 20);
      assert.match(await (await fetch(`${product.address}/metrics`)).text(), /\nguardian_spool_records 20\n/);

      // A restart with less room: what it holds stays, and more is refused.
      await product.kill();
      product = await startProduct(join(folder, 'data'), [...flags, '--bus.kafka.spool_max_bytes', '8000'], { untilReady: false });
      const refusal = await waitFor(async () => {
        const answer = await post();
        return answer.ok ? undefined : answer;
      });
      assert.deepEqual([refusal.status, ((await refusal.json()) as { code: string }).code], [503, 'BUS_UNAVAILABLE']);
      assert.ok(Number(refusal.headers.get('retry-after')) > 0);
      await server.start();
      await waitFor(async () => ((await stored()) === before + accepted ? true : undefined));
      await waitFor(async () => ((await product.get<Health>('/health')).checks['log']?.status === 'ok' ? true : undefined));
      assert.match(await (await fetch(`${product.address}/metrics`)).text(), /\nguardian_spool_records 0\n/);
    });
  });
}
