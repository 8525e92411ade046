import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readOutcome, totalsOf, type Outcome } from '../e2e/outcome.ts';
import { runGuardian, startProduct, startReceiver, waitFor, type Api, type Receiver } from '../e2e/product.ts';
import { ROLES, startSplit, type Split } from '../e2e/split.ts';
import { incidentMinutes } from '../e2e/traffic.ts';

const MINUTES = 160;
const START = Date.parse('2026-03-10T12:00:00Z');
const CHUNK = 25;
/** Lines up to the middle of the incident: nobody is notified of one that is over when it is found. */
const FIRST = 19 * CHUNK;
const NDJSON = { 'content-type': 'application/x-ndjson' };
interface Health {
  readonly status: string;
  readonly checks: Readonly<Record<string, { readonly status: string; readonly detail?: string }>>;
}

async function createSite(t: TestContext) {
  const root = await mkdtemp(join(tmpdir(), 'guardian-roles-'));
  const receiver = await startReceiver();
  const splits: Split[] = [];
  t.after(async () => {
    for (const split of splits) for (const role of ROLES) await split.kill(role);
    await receiver.down();
    await rm(root, { recursive: true, force: true });
  });
  const settings = join(root, 'guardian.yaml');
  await writeFile(
    settings,
    `briefing: { shifts: [] }\nalert:\n  group_wait_s: 0.3\n  group_interval_s: 1\n  repeat_interval_s: 3600\n  receivers:\n    - name: night-shift\n      url: ${receiver.url}\n      token: phone-token\n`,
  );
  const flags = ['--config', settings];
  return {
    root,
    receiver,
    flags,
    split(): Split {
      const split = startSplit(join(root, 'split'), flags);
      splits.push(split);
      return split;
    },
  };
}

/** Sends a part until all of it is confirmed, as a client with a retry does. */
async function send(product: Api, lines: readonly string[]): Promise<void> {
  await waitFor(async () => {
    const response = await product.post('/transactions/batch', lines.join('\n'), NDJSON).catch(() => undefined);
    if (response === undefined || !response.ok) return undefined;
    const answer = (await response.json()) as { accepted: number; duplicate: number };
    return answer.accepted + answer.duplicate === lines.length ? true : undefined;
  });
}

const firing = (receiver: Receiver): Promise<true> =>
  waitFor(async () => (receiver.bodies.some(({ status }) => status === 'firing') ? true : undefined));

const finish = (product: Api): Promise<Response> =>
  product.post('/heartbeat', JSON.stringify({ source: 'test', at: new Date(START + MINUTES * 60_000 + 90_000).toISOString() }));

interface Result extends Outcome {
  readonly alerts: readonly string[];
  readonly forecast: unknown;
  readonly told: readonly string[];
}

async function resultOf(product: Api, receiver: Receiver): Promise<Result> {
  const outcome = await readOutcome(product, { start: START, minutes: MINUTES });
  interface Alerts {
    readonly items: readonly { readonly fingerprint: string; readonly status: string; readonly starts_at: string }[];
  }
  const alerts = await waitFor(async () => {
    const { items } = await product.get<Alerts>('/alerts?status=all&limit=1000');
    return items.length > 0 && items.every(({ status }) => status === 'resolved') ? items : undefined;
  });
  const told = () =>
    [...new Set(receiver.bodies.flatMap((body) => body.alerts.map((one) => `${one.fingerprint} ${one.status}`)))].toSorted();
  const due = alerts.map(({ fingerprint }) => `${fingerprint} resolved`);
  await waitFor(async () => (due.every((one) => told().includes(one)) ? true : undefined));
  return {
    ...outcome,
    alerts: alerts.map(({ fingerprint, status, starts_at: at }) => `${fingerprint} ${status} ${at}`).toSorted(),
    forecast: await product.get('/forecast?minutes=120&step=5'),
    told: told(),
  };
}

test(
  'five processes that are killed in turn bring the same totals, anomalies, alerts and forecasts as one that is left alone',
  { timeout: 900_000 },
  async (t) => {
    const { root, receiver, flags, split: startAll } = await createSite(t);
    const lines = incidentMinutes({ start: START, minutes: MINUTES, seed: 5 });
    const calm = await startProduct(join(root, 'calm'), flags);
    t.after(() => calm.kill());
    await send(calm, lines.slice(0, FIRST));
    await firing(receiver);
    await send(calm, lines.slice(FIRST));
    await finish(calm);
    const expected = await resultOf(calm, receiver);
    await calm.stop();
    receiver.bodies.length = 0;

    const split = startAll();
    const { product } = split;
    for (let from = 0, index = 0; from < lines.length; from += CHUNK, index += 1) {
      if (from === FIRST) await firing(receiver);
      const part = lines.slice(from, from + CHUNK);
      const victim = index % 5 === 2 ? ROLES[Math.floor(index / 5)] : undefined;
      if (victim === undefined) {
        await send(product, part);
        continue;
      }
      const sending = product.post('/transactions/batch', part.join('\n'), NDJSON).catch(() => undefined);
      await sleep(15);
      await split.kill(victim);
      await sending;
      split.start(victim);
      await send(product, part);
    }
    await finish(product);
    const result = await resultOf(product, receiver);
    assert.deepEqual(result.totals, totalsOf(lines));
    assert.ok(result.anomalies.length > 0 && result.told.length > 0, 'the incident is found and told');
    assert.deepEqual(result, expected);
    assert.deepEqual(await split.stop(), [0, 0, 0, 0, 0]);
  },
);

test(
  'a role that is dead, frozen or away has a name on every surface, and what is accepted meanwhile is not lost',
  { timeout: 900_000 },
  async (t) => {
    const { root, split: startAll } = await createSite(t);
    const split = startAll();
    const { product } = split;
    const health = (isSo: (health: Health) => boolean): Promise<Health> =>
      waitFor(async () => {
        const answer = await product.get<Health>('/health').catch(() => undefined);
        return answer !== undefined && isSo(answer) ? answer : undefined;
      });
    await health(({ status }) => status === 'healthy');
    for (const role of ['data', 'api']) {
      const second = await runGuardian(['up', '--locale', 'en', '--role', role, '--data_dir', join(root, 'split')]);
      assert.match(second.output, /already uses the data directory/);
      assert.equal(second.code, 1);
    }

    await split.kill('detect');
    split.freeze('window');
    const ill = await health(({ checks }) => checks['role:detect']?.status === 'down' && checks['role:window']?.status === 'down');
    assert.equal(ill.status, 'unhealthy');
    assert.match(ill.checks['role:detect']?.detail ?? '', /^stale: the detect process has not reported for \d+ s$/);
    const metrics = await (await fetch(`${product.address}/metrics`)).text();
    assert.match(metrics, /guardian_role_processes\{role="detect"\} 0/);
    assert.match(metrics, /guardian_role_processes\{role="alert"\} 1/);
    assert.match(metrics, /guardian_outbox_messages /, 'metrics of other processes are there');
    // Nobody counts, but what is accepted is kept.
    await send(product, [JSON.stringify({ id: 'kept', status: 'approved', timestamp: new Date(START).toISOString() })]);

    await split.kill('data');
    const away = await health(({ checks }) => checks['log']?.status === 'down');
    assert.equal(away.status, 'unhealthy');
    const refused = await product.post('/transaction', JSON.stringify({ status: 'approved' }));
    assert.equal(refused.status, 503);
    assert.equal(((await refused.json()) as { code: string }).code, 'BUS_UNAVAILABLE');
    await split.kill('window');

    for (const role of ['data', 'window', 'detect'] as const) split.start(role);
    await health(({ status }) => status === 'healthy');
    const kept = await waitFor(async () => {
      const response = await fetch(`${product.address}/transaction/kept`);
      return response.ok ? await response.json() : undefined;
    });
    assert.equal((kept as { status: string }).status, 'approved');
  },
);
