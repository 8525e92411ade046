import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { seededNumbers } from '../../src/detect/forest/random.ts';
import { readOutcome, totalsOf, type Outcome } from '../e2e/outcome.ts';
import { startProduct, waitFor, type Product } from '../e2e/product.ts';
import { poisson } from '../e2e/traffic.ts';
import { startKafka, type KafkaServer } from './kafka-server.ts';
import { startPostgres, type PostgresServer } from './postgres-server.ts';

const NDJSON = { 'content-type': 'application/x-ndjson' };
const START = Date.parse('2026-03-10T12:00:00Z');
const MINUTES = 200;
const MERCHANTS = 12;
/** Denials of one merchant, then of all. */
const OF_ONE = { from: 110, to: 130 };
const OF_ALL = { from: 160, to: 180 };
const LINES = companyLines();

function companyLines(): readonly string[] {
  const random = seededNumbers(11).next;
  const isIn = (minute: number, { from, to }: { readonly from: number; readonly to: number }): boolean => minute >= from && minute < to;
  return Array.from({ length: MINUTES * MERCHANTS }, (_, place) => {
    const [minute, merchant] = [Math.floor(place / MERCHANTS), place % MERCHANTS];
    const isBad = isIn(minute, OF_ALL) || (merchant === 3 && isIn(minute, OF_ONE));
    const means = { approved: isBad ? 20 : 40, denied: isBad ? 22 : 2 };
    const timestamp = new Date(START + minute * 60_000).toISOString();
    return Object.entries(means).map(([status, mean]) =>
      JSON.stringify({ id: `${place}-${status}`, timestamp, status, merchant_id: `merchant-${merchant}`, count: poisson(mean, random) }),
    );
  }).flat();
}

describe('the merchants of a detector in two processes, on Kafka and PostgreSQL', { timeout: 900_000 }, () => {
  let kafka: KafkaServer;
  let postgres: PostgresServer;
  let folder: string;
  const running: Product[] = [];
  before(async () => {
    const { server, missing } = await startKafka();
    assert.ok(server !== null, missing);
    [kafka, postgres] = [server, await startPostgres()];
    folder = await mkdtemp(join(tmpdir(), 'guardian-detector-shards-'));
  });
  after(async () => {
    await Promise.all(running.map((product) => product.kill()));
    await Promise.all([postgres.stop(), kafka.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  /** The program with so many processes for the merchants, on topics and a database of its own. */
  async function start(shards: number): Promise<Product> {
    const config = join(folder, `${shards}.yaml`);
    const bus = { engine: 'kafka', partitions: 2, kafka: { brokers: [kafka.address], prefix: `shards-${shards}.` } };
    const store = { engine: 'postgres', url: await postgres.createDatabase() };
    await writeFile(config, JSON.stringify({ bus, store, detect: { shards } }));
    const product = await startProduct(join(folder, String(shards)), ['--config', config]);
    running.push(product);
    return product;
  }

  async function outcomeOf(product: Product): Promise<Outcome> {
    for (let at = 0; at < LINES.length; at += 2000)
      assert.ok((await product.post('/transactions/batch', LINES.slice(at, at + 2000).join('\n'), NDJSON)).ok);
    await product.post('/heartbeat', JSON.stringify({ source: 'test', at: new Date(START + MINUTES * 60_000 + 90_000).toISOString() }));
    return readOutcome(product, { start: START, minutes: MINUTES });
  }

  test('its anomalies are those of one process on the same input', async () => {
    const [one, two] = [await start(1), await start(2)];
    await waitFor(async () => {
      const { checks } = await two.get<{ checks: Record<string, { status: string }> }>('/health');
      return ['shard:1', 'shard:2'].every((name) => checks[name]?.status === 'ok') ? true : undefined;
    });
    const [expected, found] = [await outcomeOf(one), await outcomeOf(two)];
    assert.deepEqual(found.totals, totalsOf(LINES));
    assert.deepEqual(found, expected);
    assert.ok(found.anomalies.length >= 2, found.anomalies.join('\n'));
    // The pipeline thread publishes its metrics now and then.
    const series = (shard: number): RegExp => new RegExp(`^guardian_detector_shard_series\\{[^}]*shard="${shard}"[^}]*\\} [1-9]`, 'm');
    await waitFor(async () => {
      const page = await (await fetch(`${two.address}/metrics`)).text();
      return [1, 2].every((shard) => series(shard).test(page)) ? true : undefined;
    });
  });

  test('both stop in good order', async () => {
    assert.deepEqual(await Promise.all(running.map((product) => product.stop())), [0, 0]);
  });
});
