import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { needsShared, sharedFile } from '../shared-data.ts';
import { backtestVerdicts, differences, productVerdicts, replayFile, scoredUpTo, type Verdicts } from './parity-run.ts';
import { startProduct } from './product.ts';
import { incidentMinutes } from './traffic.ts';
import { seededNumbers } from '../../src/detect/forest/random.ts';

const CLOUDWALK = 'data/cloudwalk/transactions.csv';
const AT_ONCE = '1000000000';
const TIMEOUT = { timeout: 900_000 };

/** Plays a file into a product of its own and gives what the backtest says of it; fails where the two differ. */
async function assertParity(t: TestContext, csv: string): Promise<Verdicts> {
  const root = await mkdtemp(join(tmpdir(), 'guardian-parity-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const file = join(root, 'counts.csv');
  await writeFile(file, csv);
  const wanted = await backtestVerdicts(file);
  const dataDir = join(root, 'data');
  const product = await startProduct(dataDir);
  try {
    assert.equal(await replayFile(product, file, { dataDir, speed: AT_ONCE, progress: 'ignore' }), 0);
    await scoredUpTo(product, wanted.last);
    assert.deepEqual(differences(wanted, await productVerdicts(product, wanted)), []);
  } finally {
    assert.equal(await product.stop(), 0);
  }
  return wanted;
}

/** Ten hours over a local midnight as a file without zones: a wave of denials, twenty minutes without a row, five at zero,
 *  rows twice, and no order. */
function difficultFile(): string {
  const start = Date.parse('2026-03-10T20:00:00Z');
  const rows = incidentMinutes({ start, minutes: 600, seed: 3 }).flatMap((line) => {
    const { timestamp, status, count } = JSON.parse(line) as { timestamp: string; status: string; count: number };
    const index = (Date.parse(timestamp) - start) / 60_000;
    if (index >= 420 && index < 440) return [];
    const row = `${timestamp.slice(0, 19).replace('T', ' ')},${status},${index >= 500 && index < 505 ? 0 : count}`;
    return index % 97 === 0 ? [row, row] : [row];
  });
  const random = seededNumbers(5).next;
  const shuffled = rows.map((row) => ({ row, at: random() })).toSorted((a, b) => a.at - b.at);
  return `timestamp,status,count\n${shuffled.map(({ row }) => row).join('\n')}\n`;
}

test('the product finds in a replay what the backtest finds in the file, minute by minute', TIMEOUT, async (t) => {
  const { anomalies } = await assertParity(t, difficultFile());
  assert.deepEqual(
    anomalies.map(({ type }) => type),
    ['denials_above_normal', 'no_data', 'zero_transactions'],
  );
});

test('so it does in a day of real transactions', { ...TIMEOUT, ...needsShared(CLOUDWALK) }, async (t) => {
  const lines = (await readFile(sharedFile(CLOUDWALK) ?? '', 'utf8')).split('\n');
  const { anomalies } = await assertParity(t, lines.slice(0, 1 + 1440 * 6).join('\n'));
  assert.ok(anomalies.length > 2);
});
