import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { openPglite } from '../../src/store/pglite/open-pglite.ts';
import { silentLog } from '../../src/store/test-database.ts';
import { readOutcome, totalsOf, type Outcome } from './outcome.ts';
import { runGuardian, startProduct, waitFor, type Product } from './product.ts';
import { incidentMinutes } from './traffic.ts';

const MINUTES = 240;
const START = Date.parse('2026-03-10T12:00:00Z');
const LINES = incidentMinutes({ start: START, minutes: MINUTES, seed: 21 });
const AT_ONCE = 10;

/** What the manifest of a backup says. */
interface Made {
  readonly accepted: Record<string, number>;
}

describe('a backup while transactions come', { timeout: 900_000 }, () => {
  let root: string;
  let backup: string;
  let made: Made;
  let answered: { readonly atBegin: number; readonly atEnd: number };
  let whole: Outcome;
  const running = new Set<Product>();
  const dataOf = (name: string): string => join(root, name);
  const start = async (name: string): Promise<Product> => {
    const product = await startProduct(dataOf(name), ['--bus.partitions', '2']);
    running.add(product);
    return product;
  };

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'guardian-backup-'));
    backup = join(root, 'backup');
    const product = await start('first');
    await send(product, LINES.slice(0, 400));
    const backingUp = { isOver: false };
    const atBegin = 400;
    const taking = runGuardian(['backup', '--to', backup, '--json', '--data_dir', dataOf('first')]).finally(
      () => (backingUp.isOver = true),
    );
    let sent = atBegin;
    while (!backingUp.isOver && sent < LINES.length - 100) {
      await send(product, LINES.slice(sent, sent + AT_ONCE));
      sent += AT_ONCE;
    }
    const { code, output } = await taking;
    assert.equal(code, 0, output);
    made = JSON.parse(output.slice(output.indexOf('{\n'))) as Made;
    answered = { atBegin, atEnd: sent };
    whole = await finish(product, LINES.slice(sent));
  });
  after(async () => {
    for (const product of running) await product.kill();
    await rm(root, { recursive: true, force: true });
  });

  test('has all that was accepted before it began, and neither tokens nor the secret', () => {
    const accepted = Object.values(made.accepted).reduce((sum, next) => sum + next, 0);
    assert.ok(accepted >= answered.atBegin && accepted <= answered.atEnd, `${accepted} of ${JSON.stringify(answered)}`);
    for (const name of ['secret', 'service-token', 'sessions.json', 'guardian.lock', 'server.json'])
      assert.ok(!existsSync(join(backup, name)), name);
    assert.equal(statSync(backup).mode & 0o077, 0);
  });

  test('restored, it has the totals of the moment; what clients send again changes nothing, what was sent later is counted', async () => {
    const restored = await runGuardian(['restore', '--from', backup, '--data_dir', dataOf('second')]);
    assert.equal(restored.code, 0, restored.output);
    const accepted = Object.values(made.accepted).reduce((sum, next) => sum + next, 0);
    let product = await start('second');
    await counted(product);
    assert.equal(await product.stop(), 0);
    assert.deepEqual(await storedTotals(dataOf('second')), positive(totalsOf(LINES.slice(0, accepted))));
    product = await start('second');
    const outcome = await finish(product, LINES);
    assert.deepEqual(outcome.totals, whole.totals);
    assert.deepEqual(outcome.anomalies, whole.anomalies);
    assert.ok(outcome.anomalies.length > 0);
    const audit = await runGuardian(['audit', 'list', '--json', '--data_dir', dataOf('second')]);
    assert.match(audit.output, /data\.restore/);
  });
});

async function send(product: Product, lines: readonly string[]): Promise<void> {
  for (let at = 0; at < lines.length; at += 200) {
    const answer = await product.post('/transactions/batch', lines.slice(at, at + 200).join('\n'), {
      'content-type': 'application/x-ndjson',
    });
    assert.ok(answer.ok, String(answer.status));
  }
}

async function counted(product: Product): Promise<void> {
  await waitFor(async () => ((await product.get<{ lag_records: number }>('/stats')).lag_records === 0 ? true : undefined));
}

/** Sends the rest and what closes the last minute, and waits until all is judged. */
async function finish(product: Product, lines: readonly string[]): Promise<Outcome> {
  await send(product, lines);
  await product.post('/heartbeat', JSON.stringify({ source: 'test', at: new Date(START + MINUTES * 60_000 + 90_000).toISOString() }));
  return readOutcome(product, { start: START, minutes: MINUTES });
}

async function storedTotals(dataDir: string): Promise<Record<string, number>> {
  const database = await openPglite({ dir: join(dataDir, 'database'), log: silentLog, clock: systemClock });
  try {
    const rows = await database.query<{ status: string; total: number }>(
      'select status, sum(count)::bigint as total from minute_count group by status having sum(count) > 0',
    );
    return positive(Object.fromEntries(rows.map(({ status, total }) => [status, total])));
  } finally {
    await database.close();
  }
}

function positive(totals: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(totals)
      .filter(([, total]) => total > 0)
      .toSorted(([a], [b]) => a.localeCompare(b)),
  );
}
