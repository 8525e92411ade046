import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { incidentMinutes } from './traffic.ts';
import { readOutcome, totalsOf, type Outcome } from './outcome.ts';
import { startProduct } from './product.ts';
import { seededNumbers } from '../../src/detect/forest/random.ts';

const MINUTES = 240;
const START = Date.parse('2026-03-10T12:00:00Z');
const KILLS = 5;

for (const partitions of [1, 4]) {
  test(
    `five kills in the middle of a replay into ${partitions} partitions change neither the totals nor the anomalies`,
    { timeout: 900_000 },
    async (t) => {
      const lines = incidentMinutes({ start: START, minutes: MINUTES, seed: 7 });
      const root = await mkdtemp(join(tmpdir(), 'guardian-crash-'));
      t.after(() => rm(root, { recursive: true, force: true }));

      const flags = ['--bus.partitions', String(partitions)];
      const calm = await replay(join(root, 'calm'), lines, 0, flags);
      const crashed = await replay(join(root, 'crashed'), lines, KILLS, flags);

      const sent = totalsOf(lines);
      assert.deepEqual(calm.totals, sent);
      assert.deepEqual(crashed.totals, sent);
      assert.ok(calm.anomalies.length > 0, 'the incident is found');
      assert.deepEqual(crashed.anomalies, calm.anomalies);
    },
  );
}

/** Sends everything, sending again what was not confirmed; kills the program `kills` times at random moments on the way. */
async function replay(dataDir: string, lines: readonly string[], kills: number, flags: readonly string[]): Promise<Outcome> {
  const random = seededNumbers(kills + 11).next;
  let product = await startProduct(dataDir, flags);
  const chunk = Math.ceil(lines.length / 60);
  const killAt = new Set<number>();
  while (killAt.size < kills) killAt.add(5 + Math.floor(random() * 50));
  for (let from = 0, index = 0; from < lines.length; from += chunk, index += 1) {
    const body = lines.slice(from, from + chunk).join('\n');
    if (killAt.has(index)) {
      const sending = product.post('/transactions/batch', body, { 'content-type': 'application/x-ndjson' }).catch(() => undefined);
      await sleep(random() * 40);
      await product.kill();
      await sending;
      product = await startProduct(dataDir, flags);
    }
    const response = await product.post('/transactions/batch', body, { 'content-type': 'application/x-ndjson' });
    const answer = (await response.json()) as { accepted: number; duplicate: number; refused: number };
    assert.equal(answer.accepted + answer.duplicate, body.split('\n').length, JSON.stringify(answer));
  }
  await product.post('/heartbeat', JSON.stringify({ source: 'test', at: new Date(START + MINUTES * 60_000 + 90_000).toISOString() }));
  const outcome = await readOutcome(product, { start: START, minutes: MINUTES });
  assert.equal(await product.stop(), 0);
  return outcome;
}
