import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import { openKafkaBus, type KafkaBus } from '../../src/bus/kafka/kafka.ts';
import { readAll } from '../../src/bus/read-all.ts';
import { openSpool } from '../../src/bus/spool/spool.ts';
import { createSpoolingIntake } from '../../src/bus/spool/spooling-intake.ts';
import { systemClock } from '../../src/clock.ts';
import { waitFor } from '../e2e/product.ts';
import { startFaultyWay, type WayFault } from '../faults/proxy.ts';
import type { KafkaServer } from './kafka-server.ts';

const TOPIC = TOPICS.transactions;
const REQUEST_MS = 3000;
const KEYS = 5;
const FAULTS: readonly WayFault[] = [{ kind: 'cut' }, { kind: 'silent' }, { kind: 'slow', delayMs: 20, loss: 0.05 }];

/** A spool before a broker to which the way fails in each manner, one after the other. */
export function kafkaWay(server: KafkaServer): void {
  test('what is accepted while the way to the broker fails is on the log in order, and nobody waits for the broker', async () => {
    const way = await startFaultyWay({ port: server.wayPort, target: server.wayTarget, seed: 7 });
    const folder = await mkdtemp(join(tmpdir(), 'guardian-way-'));
    const log = pino({ level: 'silent' });
    const metrics = new Registry();
    const bus = await openKafkaBus({
      server: { brokers: [`127.0.0.1:${way.port}`], clientId: 'way', requestMs: REQUEST_MS },
      ...{ prefix: 'way.', partitions: { [TOPIC]: 3 }, replication: 1, retentionHours: 24, clock: systemClock, log, metrics },
    });
    const spool = await openSpool({ dir: join(folder, 'spool'), maxBytes: 50_000_000, clock: systemClock, log, metrics });
    const intake = createSpoolingIntake({ intake: bus, spool, clock: systemClock, log, patienceMs: 1000 });
    intake.start();
    let sent = 0;
    const send = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n += 1, sent += 1) {
        await intake.publish(TOPIC, [{ key: `m-${sent % KEYS}`, value: Buffer.from(String(sent)) }]);
        await sleep(2);
      }
    };
    for (const fault of FAULTS) {
      await send(100);
      way.set(fault);
      await send(300);
      if (fault.kind !== 'slow') await refusesInTime(bus);
      way.set(null);
      await waitFor(async () => (intake.health().status === 'ok' ? true : undefined));
    }
    const seen = await readOrder(bus);
    assert.equal([...seen.values()].flat().length, sent, 'all of them');
    for (const [key, numbers] of seen)
      assert.deepEqual(
        numbers,
        numbers.toSorted((a, b) => a - b),
        key,
      );
    await intake.stop(1000);
    await bus.close();
    await way.close();
    await rm(folder, { recursive: true, force: true });
  });
}

async function refusesInTime(bus: KafkaBus): Promise<void> {
  const asked = performance.now();
  await assert.rejects(bus.ranges(TOPIC), { code: 'BUS_UNAVAILABLE', retryable: true });
  assert.ok(performance.now() - asked < REQUEST_MS * 20, `an answer after ${performance.now() - asked} ms`);
}

/** Numbers by key as the log has them first: what a failed publish left there comes again. */
async function readOrder(bus: KafkaBus): Promise<Map<string, number[]>> {
  const seen = new Map<string, number[]>();
  for await (const { records } of readAll(bus, TOPIC))
    for (const { key, value } of records) {
      const numbers = seen.get(key) ?? [];
      const number = Number(Buffer.from(value).toString());
      if (!numbers.includes(number)) numbers.push(number);
      seen.set(key, numbers);
    }
  return seen;
}
