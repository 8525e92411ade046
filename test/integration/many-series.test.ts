import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createManySeries, merchantId } from '../../bench/live-series/many-series.ts';
import { metricOf } from '../../bench/live-series/watch.ts';
import { startProduct, waitFor, type Product } from '../e2e/product.ts';

const MINUTE_MS = 60_000;
const MERCHANTS = 5000;
const MINUTES = 3;
/** The fleet and twenty acquirers with a total and six statuses each, and three codes. */
const OTHER_SERIES = 7 + 20 * 7 + 3;
const START = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 60 * MINUTE_MS;

interface Point {
  readonly minute: string;
  readonly total: number;
  readonly by_status: Readonly<Record<string, number>>;
}

let directory: string;
let product: Product;
const totals: number[] = [];
const smallest: number[] = [];

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'guardian-many-'));
  product = await startProduct(directory);
  const traffic = createManySeries(MERCHANTS);
  for (let minute = 0; minute < MINUTES; minute += 1) {
    totals.push(0);
    for (let part = 0; part < 10; part += 1) {
      const { body, rows, total } = traffic.part(START + minute * MINUTE_MS, part, 10);
      await send(body, rows);
      totals[minute] = (totals[minute] ?? 0) + total;
      if (body.includes(`"${merchantId(MERCHANTS - 1)}"`)) smallest.push(countOf(body, merchantId(MERCHANTS - 1)));
    }
  }
  await send(`${JSON.stringify({ timestamp: new Date(START + 10 * MINUTE_MS).toISOString(), status: 'approved', count: 0 })}\n`, 1);
  await waitFor(async () => ((await points('fleet')).length >= MINUTES ? true : undefined));
  await waitFor(async () => ((await metric('guardian_scored_windows_total')) >= MINUTES ? true : undefined));
});

after(async () => {
  await product.stop();
  await rm(directory, { recursive: true, force: true });
});

async function send(body: string, rows: number): Promise<void> {
  const answer = await product.post('/transactions/batch', body, { 'content-type': 'application/x-ndjson' });
  assert.equal(((await answer.json()) as { accepted: number }).accepted, rows);
}

function countOf(body: string, merchant: string): number {
  const rows = body.split('\n').filter((line) => line.includes(`"${merchant}"`));
  return rows.reduce((sum, line) => sum + (JSON.parse(line) as { count: number }).count, 0);
}

async function points(node: string): Promise<Point[]> {
  const query = new URLSearchParams({
    node,
    since: new Date(START).toISOString(),
    until: new Date(START + MINUTES * MINUTE_MS).toISOString(),
  });
  return (await product.get<{ items: Point[] }>(`/series?${query}`)).items;
}

async function metric(name: string): Promise<number> {
  return metricOf(await (await fetch(`${product.address}/metrics`)).text(), name);
}

test('every series of every merchant reaches the detector, the smallest too', async () => {
  assert.equal(await metric('guardian_detector_series'), MERCHANTS * 7 + OTHER_SERIES);
  const state = await metric('guardian_detector_state_bytes');
  assert.ok(state / (MERCHANTS * 7) <= 1024, `${state} bytes`);
});

test('totals of the fleet and of one merchant are exact', async () => {
  const fleet = await points('fleet');
  assert.deepEqual(
    fleet.map(({ total }) => total),
    totals,
  );
  for (const { total, by_status } of fleet)
    assert.equal(
      Object.values(by_status).reduce((sum, count) => sum + count, 0),
      total,
    );
  const own = await points(`merchant:${merchantId(MERCHANTS - 1)}`);
  assert.deepEqual(
    own.map(({ total }) => total),
    smallest,
  );
});

test('late records correct the fleet, their merchant and their acquirer by exactly what came', async () => {
  const merchant = merchantId(7);
  const nodes = ['fleet', `merchant:${merchant}`, 'merchant_status:m-00008:denied', 'acquirer:acq-8', 'auth_code:51'];
  const before = await Promise.all(nodes.map(points));
  const late = {
    timestamp: new Date(START + MINUTE_MS).toISOString(),
    status: 'denied',
    auth_code: '51',
    merchant_id: merchant,
    acquirer: 'acq-8',
  };
  await send([4, 5].map((count) => `${JSON.stringify({ ...late, count })}\n`).join(''), 2);
  await waitFor(async () => ((await points('fleet'))[1]?.total === (before[0]?.[1]?.total ?? 0) + 9 ? true : undefined));
  for (const [index, node] of nodes.entries()) {
    const now = await points(node);
    const changes = now.map(({ total }, minute) => total - (before[index]?.[minute]?.total ?? 0));
    assert.deepEqual(changes, [0, 9, 0], node);
  }
});
