import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { OutRecord } from '../bus.ts';
import { openSpool, type Spool, type SpoolOptions } from './spool.ts';

const TOPIC = TOPICS.transactions;
const log = pino({ level: 'silent' });

/** Declares a test with a folder of its own. */
function inFolder(
  fact: string,
  work: (folder: {
    readonly dir: string;
    open(options?: Partial<SpoolOptions>): Promise<Spool>;
    readonly metrics: () => Promise<string>;
  }) => Promise<void>,
): void {
  it(fact, async () => {
    const dir = join(mkdtempSync(join(tmpdir(), 'guardian-spool-')), 'spool');
    let metrics = new Registry();
    const clock = { now: () => 1_700_000_060_000, monotonic: () => 0 };
    const open = (options: Partial<SpoolOptions> = {}): Promise<Spool> => {
      metrics = new Registry();
      return openSpool({ dir, maxBytes: 1_000_000, clock, log, metrics, ...options });
    };
    try {
      await work({ dir, open, metrics: () => metrics.metrics() });
    } finally {
      rmSync(join(dir, '..'), { recursive: true, force: true });
    }
  });
}

const records = (from: number, count: number): OutRecord[] =>
  Array.from({ length: count }, (_, index) => ({
    key: `padaria São João ${index % 3}`,
    value: Buffer.from(`{"n":${from + index}}`),
    headers: { 'schema-version': '1' },
  }));

/** Takes everything out. */
async function drain(spool: Spool): Promise<string[]> {
  const texts: string[] = [];
  for (let file = await spool.oldest(); file !== null; file = await spool.oldest()) {
    texts.push(...file.records.map(({ value }) => Buffer.from(value).toString()));
    await file.remove();
  }
  return texts;
}
const textsOf = (all: readonly OutRecord[]): string[] => all.map(({ value }) => Buffer.from(value).toString());

describe('the spool', () => {
  inFolder('gives back topic, key, value and headers in their order, over several files and a crash', async ({ dir, open }) => {
    const crashed = await open({ fileBytes: 2000 });
    await Promise.all(Array.from({ length: 20 }, (_, turn) => crashed.append(TOPIC, records(turn * 10, 10))));
    for (let turn = 20; turn < 30; turn += 1) await crashed.append(TOPIC, records(turn * 10, 10));
    assert.equal(crashed.state().records, 300);
    assert.ok(readdirSync(dir).length > 3);
    // Not closed: what has an answer is on the disk.
    const spool = await open({ fileBytes: 2000 });
    assert.deepEqual(spool.state(), { ...crashed.state(), oldestAt: 1_700_000_060_000 });
    const first = await spool.oldest();
    assert.deepEqual({ ...first?.records[4] }, { topic: TOPIC, at: 1_700_000_060_000, ...records(4, 1)[0], key: 'padaria São João 1' });
    await spool.append(TOPIC, records(300, 1));
    assert.deepEqual(await drain(spool), textsOf(records(0, 301)));
    assert.deepEqual([spool.isEmpty(), spool.state().bytes, readdirSync(dir)], [true, 0, []]);
  });

  inFolder('holds every record that was answered before the process was killed, whenever that was', async ({ dir, open }) => {
    const answered: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      const script = new URL('./crash-spooler.ts', import.meta.url).pathname;
      const child = spawn(process.execPath, [script, dir, String(round * 1_000_000)], { stdio: ['ignore', 'pipe', 'inherit'] });
      let timer: NodeJS.Timeout | undefined;
      for await (const line of createInterface({ input: child.stdout })) {
        timer ??= setTimeout(() => child.kill('SIGKILL'), 10 + round * 25);
        // The last line may be torn by the kill.
        if (line.endsWith(' .')) answered.push(Number.parseInt(line, 10));
      }
    }
    const spool = await open();
    const held = (await drain(spool)).map(Number);
    assert.ok(answered.length > 40, String(answered.length));
    assert.deepEqual(
      answered.filter((number) => !held.includes(number)),
      [],
    );
    assert.deepEqual(
      held,
      held.toSorted((a, b) => a - b),
      'in the order in which they came',
    );
  });

  inFolder('belongs to its owner alone', async ({ dir, open }) => {
    const spool = await open();
    await spool.append(TOPIC, records(0, 1));
    assert.equal(statSync(dir).mode & 0o777, 0o700);
    assert.deepEqual(
      readdirSync(dir).map((name) => statSync(join(dir, name)).mode & 0o777),
      [0o600],
    );
  });

  inFolder('refuses what does not fit, holds what it has, and takes records again when there is room', async ({ open, metrics }) => {
    const spool = await open({ maxBytes: 3000 });
    const answers = await Promise.allSettled(Array.from({ length: 10 }, (_, turn) => spool.append(TOPIC, records(turn * 5, 5))));
    const taken = answers.filter(({ status }) => status === 'fulfilled').length;
    assert.ok(taken > 0 && taken < 10, String(taken));
    const refused = answers.at(-1) as PromiseRejectedResult;
    assert.deepEqual([refused.reason.code, refused.reason.retryable], ['BUS_UNAVAILABLE', true]);
    assert.match(refused.reason.message, /spool is full/);
    assert.ok(spool.state().bytes <= 3000);
    assert.match(await metrics(), new RegExp(`guardian_spool_refused_records_total ${(10 - taken) * 5}\n`));
    assert.match(await metrics(), new RegExp(`guardian_spool_records ${taken * 5}\n`));
    assert.deepEqual(await drain(spool), textsOf(records(0, taken * 5)));
    await spool.append(TOPIC, records(0, 5));
  });

  inFolder('of a spool that is switched off nothing is taken, and what was left is given back', async ({ open }) => {
    await (await open()).append(TOPIC, records(0, 3));
    const spool = await open({ maxBytes: 0 });
    await assert.rejects(spool.append(TOPIC, records(3, 1)), /switched off/);
    assert.deepEqual(await drain(spool), textsOf(records(0, 3)));
  });

  inFolder('drops a last record that was not written to its end', async ({ dir, open, metrics }) => {
    const before = await open();
    await before.append(TOPIC, records(0, 3));
    const [name = ''] = readdirSync(dir);
    const whole = readFileSync(join(dir, name));
    appendFileSync(join(dir, name), whole.subarray(0, 40));
    const spool = await open();
    assert.deepEqual(await drain(spool), textsOf(records(0, 3)));
    assert.match(await metrics(), /guardian_spool_damaged_bytes_total 0\n/);
    assert.deepEqual(readdirSync(dir), []);
  });

  inFolder('passes over a damaged record, keeps its file and says so', async ({ dir, open, metrics }) => {
    const before = await open();
    await before.append(TOPIC, records(0, 5));
    const [name = ''] = readdirSync(dir);
    const content = readFileSync(join(dir, name));
    const frame = content.length / 5;
    content.writeUInt8(content.readUInt8(frame * 2 + 30) ^ 0xff, frame * 2 + 30);
    content.writeUInt32BE(0xffffffff, frame * 3 + 8);
    writeFileSync(join(dir, name), content);
    const spool = await open();
    assert.deepEqual(await drain(spool), textsOf([...records(0, 2), ...records(4, 1)]));
    assert.match(await metrics(), new RegExp(`guardian_spool_damaged_bytes_total ${2 * frame}\n`));
    assert.deepEqual(readdirSync(dir), [`${name}.damaged`]);
    assert.equal((await open()).isEmpty(), true);
  });
});
