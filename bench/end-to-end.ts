import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../test/e2e/free-port.ts';
import { apiAt, waitFor, type Api } from '../test/e2e/product.ts';
import { inTemporaryDirectory, quantile, type BenchContext, type BenchResult } from './bench.ts';
import { awaitAnswer, launchServer, processorSeconds } from './process/server-process.ts';
import { MINUTE_MS } from '../src/clock.ts';

const QUIET_MINUTES = 60;
const MERCHANTS = 200;

interface Stats {
  readonly transactions_last_hour: number;
  readonly lag_records: number;
  readonly last_minute: string | null;
}

/** The program that is measured. */
interface Product {
  readonly api: Api;
  readonly pid: () => number;
}

const line = (record: object): string => `${JSON.stringify(record)}\n`;

async function postLines(product: Api, body: string): Promise<void> {
  const answer = await product.post('/transactions/batch', body, { 'content-type': 'application/x-ndjson' });
  if (!answer.ok) throw new Error(`the batch was answered ${answer.status}: ${await answer.text()}`);
  const { accepted, refused } = (await answer.json()) as { accepted: number; refused: number };
  if (refused > 0 || accepted === 0) throw new Error(`accepted ${accepted}, refused ${refused}`);
}

/** Bodies of NDJSON that together hold `records` single transactions of `MERCHANTS` merchants, spread over the minutes of
 *  almost an hour from `start`. */
function transactionBodies(records: number, start: number, perBody: number): string[] {
  const bodies: string[] = [];
  let body = '';
  for (let i = 0; i < records; i++) {
    const timestamp = new Date(start + Math.floor((i / records) * 55 * MINUTE_MS)).toISOString();
    const isDenied = i % 20 === 0;
    const [status, auth_code] = isDenied ? ['denied', '51'] : ['approved', '00'];
    body += line({
      timestamp,
      status,
      auth_code,
      amount: 49.9,
      currency: 'BRL',
      merchant_id: `m-${i % MERCHANTS}`,
      acquirer: `acq-${i % 3}`,
    });
    if ((i + 1) % perBody === 0 || i === records - 1) {
      bodies.push(body);
      body = '';
    }
  }
  return bodies;
}

interface Pass {
  readonly acceptedPerSecond: number;
  readonly perSecond: number;
  readonly seconds: number;
  /** Processor time of the program for each record, microseconds. */
  readonly processorUs: number;
}

/** From the first byte over HTTP until every record is stored, counted and its minute scored. `start`: first minute of an hour that
 *  nothing came for yet. */
async function sendHour({ api, pid }: Product, records: number, start: number): Promise<Pass> {
  const bodies = transactionBodies(records, start, 10_000);
  const closing = line({ timestamp: new Date(start + 59 * MINUTE_MS).toISOString(), status: 'approved', count: 0 });
  const processorBefore = processorSeconds(pid());
  const started = performance.now();
  for (const body of bodies) await postLines(api, body);
  const accepted = performance.now();
  await postLines(api, closing);
  await waitFor(async () => {
    const { transactions_last_hour, lag_records } = await api.get<Stats>('/stats');
    return transactions_last_hour === records && lag_records === 0 ? true : undefined;
  }, 120_000);
  const lastScored = new Date(start + 54 * MINUTE_MS).toISOString();
  await waitFor(async () => {
    const { items } = await api.get<{ items: readonly { minute: string; expected: number | null }[] }>(`/series?minutes=60`);
    const point = items.find((item) => Date.parse(item.minute) === Date.parse(lastScored));
    return point === undefined || point.expected === null ? undefined : true;
  }, 60_000);
  const seconds = (performance.now() - started) / 1000;
  const processorUs = ((processorSeconds(pid()) - processorBefore) / records) * 1e6;
  return { acceptedPerSecond: (records / (accepted - started)) * 1000, perSecond: records / seconds, seconds, processorUs };
}

/** Right after the start, while the engine is still being compiled, and once everything is. */
async function throughput(product: Product, quick: boolean): Promise<readonly BenchResult[]> {
  const records = quick ? 20_000 : 600_000;
  const hours = quick ? 2 : 3;
  const start = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - (hours + 1) * 60 * MINUTE_MS;
  const passes: Pass[] = [];
  for (let hour = 0; hour < hours; hour++) passes.push(await sendHour(product, records, start + hour * 60 * MINUTE_MS));
  const [first, last] = [passes[0] as Pass, passes.at(-1) as Pass];
  const common = { unit: 'records/s', better: 'higher' } as const;
  const stored = (name: string, pass: Pass): BenchResult => ({
    ...common,
    name: `batch over HTTP -> stored and scored, ${name}`,
    value: pass.perSecond,
    reference: { name: 'accepted', value: pass.acceptedPerSecond },
    goal: 100_000,
    details: { seconds: Math.round(pass.seconds * 10) / 10, processor_us_per_record: Math.round(pass.processorUs * 10) / 10 },
  });
  return [
    { ...common, name: 'batch over HTTP -> accepted', value: first.acceptedPerSecond, details: { records, merchants: MERCHANTS } },
    stored('right after the start', first),
    stored('once warm', last),
  ];
}

/** Counts of one minute; `sick` with a burst of denials. */
function minuteLines(minute: number, sick: boolean): string {
  const timestamp = new Date(minute).toISOString();
  const wobble = (minute / MINUTE_MS) % 7;
  return [
    line({ timestamp, status: 'approved', auth_code: '00', count: (sick ? 40 : 117) + wobble }),
    line({ timestamp, status: 'denied', auth_code: '51', count: (sick ? 80 : 4) + (wobble % 3) }),
  ].join('');
}

/** A webhook that notes when each message arrived, by the monotonic clock. */
async function startReceiver() {
  const arrivals: number[] = [];
  let heard = Promise.withResolvers<undefined>();
  const server = createServer((request, response) => {
    arrivals.push(performance.now());
    heard.resolve(undefined);
    heard = Promise.withResolvers();
    request.resume().on('end', () => response.writeHead(200).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    arrivals,
    /** Resolves at the next message, or after `timeoutMs`. */
    next: (timeoutMs: number): Promise<undefined> => Promise.race([heard.promise, sleep(timeoutMs, undefined, { ref: false })]),
    close: () => void server.close(),
  };
}

/** From the request that closes the minute in which an anomaly opens (or resolves) until its message is at the receiver. */
async function alertLatency(product: Api, receiver: Awaited<ReturnType<typeof startReceiver>>, quick: boolean): Promise<BenchResult> {
  const rounds = quick ? 1 : 5;
  let minute = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 2000 * MINUTE_MS;
  const learning = 240;
  let body = '';
  for (let i = 0; i < learning; i++, minute += MINUTE_MS) body += minuteLines(minute, false);
  await postLines(product, body);
  const samples: number[] = [];
  const until = async (sick: boolean): Promise<void> => {
    const before = receiver.arrivals.length;
    for (let tries = 0; tries < 60; tries++, minute += MINUTE_MS) {
      const sent = performance.now();
      const heard = receiver.next(500);
      await postLines(product, minuteLines(minute, sick));
      await heard;
      const arrival = receiver.arrivals[before];
      if (arrival === undefined) continue;
      samples.push(arrival - sent);
      minute += MINUTE_MS;
      return;
    }
    throw new Error(`no message ${sick ? 'about the incident' : 'that it is over'} came within an hour of event time`);
  };
  for (let round = 0; round < rounds; round++) {
    await until(true);
    await until(false);
    // A second incident right after the first is the same one to the detector.
    let quiet = '';
    for (let i = 0; i < QUIET_MINUTES; i++, minute += MINUTE_MS) quiet += minuteLines(minute, false);
    await postLines(product, quiet);
  }
  return {
    name: 'minute closed -> webhook',
    value: quantile(samples, 0.5),
    unit: 'ms',
    better: 'lower',
    details: { messages: samples.length, max_ms: Math.round(Math.max(...samples)) },
  };
}

/** Runs `work` on the whole program as a user runs it, in a process of its own, over HTTP, with a new data directory. */
async function onProduct<T>(flags: readonly string[], work: (product: Product) => Promise<T>): Promise<T> {
  return inTemporaryDirectory(async (directory) => {
    const server = launchServer(directory, await freePort(), flags);
    try {
      await awaitAnswer(server.address, '/ready', ({ status }) => status === 200);
      return await work({ api: apiAt(() => server.address, directory), pid: server.pid });
    } finally {
      await server.stop();
    }
  });
}

/** Throughput and the time to an alert. */
export async function run({ quick }: BenchContext): Promise<readonly BenchResult[]> {
  const rates = await onProduct([], (product) => throughput(product, quick));
  const receiver = await startReceiver();
  try {
    const receivers = JSON.stringify([{ name: 'bench', url: receiver.url }]);
    const fast = ['--window.late_s', '0', '--alert.group_wait_s', '0', '--alert.group_interval_s', '0.1', '--alert.receivers', receivers];
    return [...rates, await onProduct(fast, ({ api }) => alertLatency(api, receiver, quick))];
  } finally {
    receiver.close();
  }
}
