import assert from 'node:assert/strict';
import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Health } from '@transaction-guardian/contracts/stats.ts';
import { readOutcome, totalsOf, type Outcome } from './outcome.ts';
import { startProduct, startReceiver, waitFor, type Product, type Receiver } from './product.ts';
import { incidentMinutes } from './traffic.ts';
import { seededNumbers } from '../../src/detect/forest/random.ts';

const MINUTES = 180;
const START = Date.parse('2026-03-10T12:00:00Z');
const SPAN = { start: START, minutes: MINUTES };
/** A chunk of an incident may bring no anomaly: then the program is killed all the same. */
const GROWTH_MS = 5000;
const NDJSON = { 'content-type': 'application/x-ndjson' };
const LINES = incidentMinutes({ ...SPAN, seed: 5 });
const PER_MINUTE = LINES.length / MINUTES;
/** The incident is from minute 90 to 110: the files are lost before, in it and at its end. */
const LOSSES = [
  { at: 84, file: 'guardian.alerts' },
  { at: 92, file: 'guardian.windows' },
  { at: 98, file: 'guardian.anomalies' },
  { at: 104, file: 'guardian.groups' },
  { at: 109, file: 'guardian.windows' },
  { at: 114, file: 'guardian.anomalies' },
  { at: 120, file: 'guardian.dead-letters' },
];

const DAMAGES: Readonly<Record<string, (bus: string, file: string) => Promise<void>>> = {
  deleted: async (bus, file) => {
    for (const name of await readdir(bus)) if (name.startsWith(`${file}.sqlite`)) await rm(join(bus, name));
  },
  'overwritten with garbage': async (bus, file) => {
    for (const name of await readdir(bus)) if (name.startsWith(`${file}.sqlite-`)) await rm(join(bus, name));
    await writeFile(join(bus, `${file}.sqlite`), Buffer.alloc(100_000, 'x'));
  },
  'damaged in its newest half': async (bus, file) => {
    for (const part of ['.sqlite', '.sqlite-wal']) {
      const open = openSync(join(bus, file + part), 'r+');
      const { size } = fstatSync(open);
      const from = Math.floor(size / 2);
      if (size > 0) writeSync(open, Buffer.alloc(size - from, 'x'), 0, size - from, from);
      closeSync(open);
    }
  },
};

interface Run extends Outcome {
  readonly alerts: readonly string[];
  /** What the receiver was told of each alert, in order, repeats of the same left out. */
  readonly told: Readonly<Record<string, readonly string[]>>;
}

/** Runs the incident; where `damage` is given, kills the program at each place of `LOSSES` and damages a file. */
async function runIncident(t: TestContext, damage?: (bus: string, file: string) => Promise<void>): Promise<{ run: Run; health: Health }> {
  const root = await mkdtemp(join(tmpdir(), 'guardian-derived-'));
  const receiver = await startReceiver();
  t.after(() => receiver.down());
  t.after(() => rm(root, { recursive: true, force: true }));
  const settings = join(root, 'guardian.yaml');
  await writeFile(
    settings,
    `briefing: { shifts: [] }\nalert:\n  group_wait_s: 0.2\n  group_interval_s: 0.5\n  receivers:\n    - name: night-shift\n      url: ${receiver.url}\n`,
  );
  const random = seededNumbers(17).next;
  let product = await startProduct(join(root, 'data'), ['--config', settings]);
  t.after(() => product.kill());
  let from = 0;
  for (const { at, file } of damage === undefined ? [] : LOSSES) {
    await send(product, from, at - 3);
    await isJudged(product);
    const wasFiring = at - 3 > 96;
    if (wasFiring) await waitFor(async () => (receiver.bodies.length > 0 ? true : undefined));
    const bus = join(root, 'data', 'bus');
    const grown = file === 'guardian.windows' || file === 'guardian.anomalies' ? watchGrowth(join(bus, `${file}.sqlite`)) : undefined;
    const sending = send(product, at - 3, at).catch(() => undefined);
    if (grown === undefined) await sleep(random() * 250);
    else await grown();
    await product.kill();
    await sending;
    await damage?.(bus, file);
    product = await startProduct(join(root, 'data'), ['--config', settings]);
    from = at - 3;
  }
  if (damage === undefined) {
    await send(product, 0, 100);
    await waitFor(async () => (receiver.bodies.length > 0 ? true : undefined));
    from = 100;
  }
  await send(product, from, MINUTES);
  const outcome = await readOutcome(product, SPAN);
  await waitFor(async () => (receiver.bodies.at(-1)?.status === 'resolved' ? true : undefined));
  await sleep(1500);
  const { items } = await product.get<{ items: { fingerprint: string; status: string; started_at: string }[] }>('/alerts?limit=1000');
  const health = await product.get<Health>('/health');
  assert.equal(await product.stop(), 0);
  const alerts = items.map((one) => `${one.fingerprint} ${one.status} ${one.started_at}`).toSorted();
  return { run: { ...outcome, alerts, told: toldBy(receiver) }, health };
}

/** Resolves as soon as the file of a topic has more records than at the call: the program that is killed then has not read them. */
function watchGrowth(path: string): () => Promise<void> {
  const db = new DatabaseSync(path, { readOnly: true });
  const end = db.prepare('SELECT sum(next_offset) AS next FROM partitions');
  const before = Number(end.get()?.['next']);
  return async () => {
    const deadline = performance.now() + GROWTH_MS;
    while (Number(end.get()?.['next']) <= before && performance.now() < deadline) await nextTurn();
    db.close();
  };
}

async function isJudged(product: Product): Promise<void> {
  await waitFor(async () => {
    const { lag_records, judged } = await product.get<{ lag_records: number; judged: string }>('/stats');
    return lag_records === 0 && judged === 'current' ? true : undefined;
  });
}

/** Sends minutes [from, to) and a sign of life after the last. */
async function send(product: Product, from: number, to: number): Promise<void> {
  const response = await product.post('/transactions/batch', LINES.slice(from * PER_MINUTE, to * PER_MINUTE).join('\n'), NDJSON);
  assert.equal(response.ok, true);
  await product.post('/heartbeat', JSON.stringify({ source: 'test', at: new Date(START + to * 60_000 + 90_000).toISOString() }));
}

function toldBy(receiver: Receiver): Record<string, string[]> {
  const told: Record<string, string[]> = {};
  for (const { fingerprint, status } of receiver.bodies.flatMap(({ alerts }) => alerts)) {
    const sofar = (told[fingerprint] ??= []);
    if (sofar.at(-1) !== status) sofar.push(status);
  }
  return told;
}

test('files of the log that stages have made, lost under load', { timeout: 900_000 }, async (context) => {
  const calm = await runIncident(context);
  assert.deepEqual(calm.run.totals, totalsOf(LINES));
  assert.ok(calm.run.anomalies.length > 0 && Object.keys(calm.run.told).length > 0);
  assert.deepEqual(calm.health.checks['data'], { status: 'ok' });
  for (const [how, damage] of Object.entries(DAMAGES)) {
    await context.test(`${how}: the same anomalies, alerts and messages as without, and /health says what happened`, async (t) => {
      const lost = await runIncident(t, damage);
      assert.deepEqual(lost.run, calm.run);
      const data = lost.health.checks['data'];
      assert.equal(data?.status, 'degraded');
      assert.ok(
        data.losses?.some(({ again = 0 }) => again > 0),
        'some were killed before they had read what was lost',
      );
      if (how === 'damaged in its newest half') return;
      const files = LOSSES.map(({ file }) => file).filter((file) => how !== 'deleted' || file !== 'guardian.groups');
      assert.deepEqual(
        data.losses?.map(({ topic }) => topic),
        files,
        JSON.stringify(data.losses),
      );
      assert.deepEqual(
        data.losses?.map(({ lost: n }) => n),
        files.map(() => 0),
        JSON.stringify(data.losses),
      );
    });
  }
});
