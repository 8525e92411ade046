import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { OutRecord } from '../src/bus/bus.ts';
import { openKafkaBus, type KafkaBus } from '../src/bus/kafka/kafka.ts';
import { readAll } from '../src/bus/read-all.ts';
import { systemClock } from '../src/clock.ts';
import { JSON_HEADERS } from '../src/topic/record-headers.ts';
import { startKafka } from '../test/integration/kafka-server.ts';
import { inTemporaryDirectory, type BenchContext, type BenchResult } from './bench.ts';

const LIBS = fileURLToPath(new URL('../node_modules/.cache/guardian/kafka-4.4.0/libs/', import.meta.url));
/** Of the topic that is measured. */
export const PARTITIONS = 6;
const BATCH = 5000;
const IN_FLIGHT = 4;
const TOPIC = TOPICS.transactions;
const execute = promisify(execFile);

/** A record as ingestion stamps it: about 250 bytes. */
export function recordOf(index: number): string {
  const at = 1_795_910_000_000 + index * 7;
  return JSON.stringify({
    ...{ v: 1, kind: 'transaction', id: `01a2250b-b3af-7000-9145-${index.toString(16).padStart(12, '0')}`, client_id: false },
    ...{ content_hash: (index * 2_654_435_761).toString(16).padStart(16, '0').slice(-16), occurred_at: at, ingested_at: at + 12 },
    ...{ status: index % 9 === 0 ? 'denied' : 'approved', count: 1, merchant_id: `m-${index % 10_000}`, source: 'http', backfill: false },
  });
}

/** What the log on Kafka takes and gives, beside the tools of Kafka's own Java client on the same records, broker and settings.
 *  GUARDIAN_BENCH_KAFKA=host:port: on a broker that runs. */
export async function run({ quick }: BenchContext): Promise<readonly BenchResult[]> {
  const records = quick ? 20_000 : 500_000;
  const given = process.env['GUARDIAN_BENCH_KAFKA'];
  if (given !== undefined) return measure(given, records);
  const { server, missing } = await startKafka();
  if (server === null) throw new Error(missing);
  try {
    return await measure(server.address, records);
  } finally {
    await server.stop();
  }
}

/** On topics of their own, which stay where the broker is not ours. */
function measure(address: string, records: number): Promise<readonly BenchResult[]> {
  return inTemporaryDirectory(async (dir) => {
    const payloads = join(dir, 'payloads');
    await writeFile(payloads, Array.from({ length: 10_000 }, (_, index) => recordOf(index)).join('\n'));
    const prefix = `bench-${process.pid}.`;
    const bus = await openBus(address, prefix);
    await (await openBus(address, `java-${prefix}`)).close();
    const javaTopic = `java-${prefix}${TOPIC}`;
    const produced = await produce(bus, records);
    const javaProduced = await javaProduce(address, javaTopic, { payloads, records });
    const consumed = await consume(bus, records);
    const javaConsumed = await javaConsume(address, javaTopic, records);
    await bus.close();
    const details = { records, partitions: PARTITIONS, acks: 'all', compression: 'zstd' };
    return [
      { name: 'produce', ...rate(produced, 'ProducerPerformance (Java)', javaProduced), details },
      { name: 'consume', ...rate(consumed, 'ConsumerPerformance (Java)', javaConsumed), details },
    ];
  });
}

const rate = (value: number, name: string, reference: number) =>
  ({ value, unit: 'records/s', better: 'higher', reference: { name, value: reference } }) as const;

/** Opens the log on a broker with topics of its own. */
export function openBus(address: string, prefix: string): Promise<KafkaBus> {
  return openKafkaBus({
    server: { brokers: [address], clientId: 'bench', requestMs: 60_000 },
    ...{ prefix, partitions: { [TOPIC]: PARTITIONS }, replication: 1, retentionHours: 24, clock: systemClock },
    log: pino({ level: 'silent' }),
  });
}

/** Publishes records from several callers; returns records/s. */
export async function produce(bus: KafkaBus, records: number): Promise<number> {
  const started = performance.now();
  let next = 0;
  const publishAll = async (): Promise<void> => {
    while (next < records) {
      const from = next;
      next += BATCH;
      const batch: OutRecord[] = [];
      for (let index = from; index < Math.min(records, from + BATCH); index += 1)
        batch.push({ key: `m-${index % 10_000}`, value: Buffer.from(recordOf(index)), headers: JSON_HEADERS });
      await bus.publish(TOPIC, batch);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, publishAll));
  return perSecond(records, started);
}

/** Reads them back; returns records/s. Throws when some are missing. */
export async function consume(bus: KafkaBus, records: number): Promise<number> {
  const started = performance.now();
  let seen = 0;
  for await (const batch of readAll(bus, TOPIC)) seen += batch.records.length;
  if (seen !== records) throw new Error(`${seen} of ${records} records came back`);
  return perSecond(records, started);
}

const perSecond = (records: number, started: number): number => (records * 1000) / (performance.now() - started);

async function java(tool: string, args: readonly string[]): Promise<string> {
  const env = { ...process.env, CLASSPATH: join(LIBS, '*') };
  const { stdout } = await execute('java', ['-Xmx512m', `org.apache.kafka.tools.${tool}`, ...args], { env, maxBuffer: 10_000_000 });
  return stdout;
}

async function javaProduce(
  address: string,
  topic: string,
  { payloads, records }: { readonly payloads: string; readonly records: number },
): Promise<number> {
  const settings = [`bootstrap.servers=${address}`, 'acks=all', 'compression.type=zstd', 'batch.size=900000', 'linger.ms=5'];
  const output = await java('ProducerPerformance', [
    ...['--topic', topic, '--num-records', String(records), '--payload-file', payloads, '--throughput', '-1'],
    ...['--producer-props', ...settings],
  ]);
  return numberIn(output, new RegExp(`${records} records sent, ([\\d.]+) records/sec`));
}

async function javaConsume(address: string, topic: string, records: number): Promise<number> {
  const output = await java('ConsumerPerformance', [
    ...['--bootstrap-server', address, '--topic', topic, '--messages', String(records), '--timeout', '120000', '--hide-header'],
  ]);
  // start, end, MB, MB/s, records, records/s, ms of the rebalance, ms of fetching, MB/s and records/s of fetching.
  const line = output.trim().split('\n').at(-1) ?? '';
  return Number(line.split(',').at(-1));
}

function numberIn(output: string, pattern: RegExp): number {
  const found = pattern.exec(output)?.[1];
  if (found === undefined) throw new Error(`the tool said something else:\n${output.slice(-500)}`);
  return Number(found);
}
