import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client } from 'pg';
import { readOutcome, totalsOf } from '../e2e/outcome.ts';
import { runGuardian, startProduct, waitFor, type Product } from '../e2e/product.ts';
import { incidentMinutes } from '../e2e/traffic.ts';
import type { KafkaServer } from './kafka-server.ts';
import { startPostgres, type PostgresServer } from './postgres-server.ts';

const NDJSON = { 'content-type': 'application/x-ndjson' };
const MINUTES = 180;
const START = Date.parse('2026-03-10T12:00:00Z');
const LINES = incidentMinutes({ start: START, minutes: MINUTES, seed: 5 });
/** In the middle of the incident, and of a minute. */
const CUT = Math.floor(LINES.length * 0.55) + 1;

/** An embedded installation with history goes on with its log on Kafka and its database on PostgreSQL. */
export function kafkaMove(server: KafkaServer): void {
  describe('an embedded installation moves to Kafka and PostgreSQL', () => {
    let postgres: PostgresServer;
    let folder: string;
    const running = new Set<Product>();
    before(async () => {
      postgres = await startPostgres();
      folder = await mkdtemp(join(tmpdir(), 'guardian-kafka-move-'));
    });
    after(async () => {
      await Promise.all([...running].map((product) => product.kill()));
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    });
    const start = async (data: string, flags: readonly string[]): Promise<Product> => {
      const product = await startProduct(join(folder, data), flags);
      running.add(product);
      return product;
    };
    const send = async (product: Product, lines: readonly string[]): Promise<void> =>
      assert.ok((await product.post('/transactions/batch', lines.join('\n'), NDJSON)).ok);
    const end = (product: Product) =>
      product.post('/heartbeat', JSON.stringify({ source: 'test', at: new Date(START + MINUTES * 60_000 + 90_000).toISOString() }));

    test('in the middle of an incident: what was counted, what is open and what comes afterwards add up to the same', async () => {
      const reference = await start('reference', []);
      await send(reference, LINES);
      await end(reference);
      const expected = await readOutcome(reference, { start: START, minutes: MINUTES });
      assert.equal(await reference.stop(), 0);
      assert.ok(expected.anomalies.length > 0);

      const embedded = await start('data', []);
      await send(embedded, LINES.slice(0, CUT));
      await waitFor(async () => ((await embedded.get<{ lag_records: number }>('/stats')).lag_records === 0 ? true : undefined));
      assert.equal(await embedded.stop(), 0);

      const url = await postgres.createDatabase();
      const config = join(folder, 'guardian.yaml');
      await writeFile(
        config,
        `data_dir: ${join(folder, 'new')}\nstore:\n  engine: postgres\n  url: ${url}\nbus:\n  engine: kafka\n  partitions: 3\n  kafka:\n    brokers: ['${server.address}']\n    prefix: 'move.'\n`,
      );
      const moved = await runGuardian(['migrate-data', '--from', join(folder, 'data'), '--to', config, '--json']);
      assert.equal(moved.code, 0, moved.output);
      const { same, raw } = JSON.parse(moved.output) as { readonly same: boolean; readonly raw: { readonly transactions: number } };
      assert.deepEqual([same, raw.transactions], [true, CUT]);

      const there = await start('new', ['--config', config]);
      // What was sent before is sent again, as by a client that had no answer.
      await send(there, LINES.slice(CUT - 200, CUT));
      await send(there, LINES.slice(CUT));
      await end(there);
      const after = await readOutcome(there, { start: START, minutes: MINUTES });
      assert.deepEqual(after.totals, totalsOf(LINES));
      assert.deepEqual(after, expected);
      const { id } = JSON.parse(LINES[3] ?? '') as { id: string };
      assert.equal((await there.get<{ id: string }>(`/transaction/${id}`)).id, id);
      const client = new Client({ connectionString: url });
      await client.connect();
      const { rows } = await client.query<{ n: string; ids: string }>(
        'select (select count(*) from transaction) as n, (select count(distinct id) from transaction) as ids',
      );
      await client.end();
      assert.deepEqual(rows, [{ n: String(LINES.length), ids: String(LINES.length) }]);
    });
  });
}
