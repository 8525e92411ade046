import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import { pino } from 'pino';
import { systemClock } from '../../clock.ts';
import type { Bus } from '../bus.ts';
import { readAll } from '../read-all.ts';
import { openEmbeddedBus } from './embedded.ts';
import { seededNumbers } from '../../detect/forest/random.ts';

const ROUNDS = 15;
const SEED = 20_261_122;
const LONGEST_LIFE_MS = 150;

/** Lets a child publish until it is killed `lifeMs` after its first acknowledgement; gives the acknowledged numbers. */
async function publishUntilKilled(dir: string, writer: string, round: number, lifeMs: number): Promise<number[]> {
  const script = new URL('./crash-publisher.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, dir, writer, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const acknowledged: number[] = [];
  let timer: NodeJS.Timeout | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    timer ??= setTimeout(() => child.kill('SIGKILL'), lifeMs);
    const [from, count] = line.split(' ').map(Number);
    // The last line may be torn by the kill; only whole lines end with a full stop.
    if (!line.endsWith(' .') || from === undefined || count === undefined) continue;
    for (let index = 0; index < count; index += 1) acknowledged.push(from + index);
  }
  await ended;
  clearTimeout(timer);
  return acknowledged;
}

async function readStored(bus: Bus): Promise<Map<number, number[]>> {
  const stored = new Map<number, number[]>();
  for (const { partition, next } of await bus.ranges(TOPICS.transactions)) {
    const offsets: number[] = [];
    const numbers: number[] = [];
    for await (const batch of readAll(bus, TOPICS.transactions)) {
      if (batch.partition !== partition) continue;
      for (const record of batch.records) {
        offsets.push(record.offset);
        numbers.push(Number(Buffer.from(record.value).toString()));
      }
    }
    assert.deepEqual(
      offsets,
      Array.from({ length: next }, (_, offset) => offset),
      `offsets of partition ${partition}`,
    );
    stored.set(partition, numbers);
  }
  return stored;
}

async function checkStored(dir: string, acknowledged: readonly number[]): Promise<void> {
  const log = pino({ level: 'silent' });
  const bus = await openEmbeddedBus({
    dir,
    partitions: {},
    retention: { hours: 1, bytes: 1e9 },
    clock: systemClock,
    log,
    writer: 'inline',
  });
  try {
    const stored = await readStored(bus);
    const numbers = [...stored.values()].flat();
    const distinct = new Set(numbers);
    assert.equal(distinct.size, numbers.length, 'a record is stored twice');
    assert.deepEqual(
      acknowledged.filter((number) => !distinct.has(number)),
      [],
      'acknowledged records are missing',
    );
    for (const [partition, own] of stored) {
      assert.ok(
        own.every((number, index) => index === 0 || number > (own[index - 1] ?? 0)),
        `partition ${partition} is out of order`,
      );
    }
  } finally {
    await bus.close();
  }
}

describe('embedded bus under kill -9', { timeout: 900_000 }, () => {
  for (const writer of ['thread', 'inline']) {
    it(`loses, doubles and reorders no acknowledged record, writer ${writer}`, async () => {
      const dir = mkdtempSync(join(tmpdir(), 'guardian-bus-crash-'));
      const random = seededNumbers(SEED).next;
      const acknowledged: number[] = [];
      try {
        for (let round = 0; round < ROUNDS; round += 1) {
          acknowledged.push(...(await publishUntilKilled(dir, writer, round, random() * LONGEST_LIFE_MS)));
          if (round % 5 === 4) await checkStored(dir, acknowledged);
        }
        assert.ok(acknowledged.length > ROUNDS * 10, `only ${acknowledged.length} records were acknowledged`);
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    });
  }
});
