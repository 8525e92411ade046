import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { TOPICS, type Topic } from '@transaction-guardian/contracts/topics.ts';
import { pino } from 'pino';
import { keepLink, type SocketLink } from '../../wire/socket-link.ts';
import { serveSocket } from '../../wire/socket-server.ts';
import { FROM_START, TOPIC, type BusUnderTest } from '../bus-under-test.ts';
import { busConformance } from '../bus.conformance.ts';
import type { Bus } from '../bus.ts';
import { numbered, take, textOf } from '../conformance-records.ts';
import { createEmbeddedUnderTest } from './bus-under-test.ts';
import { createRemoteBus, type RemoteBus } from './remote-bus.ts';
import { createBusHost } from './serve-bus.ts';
import { until } from '../../test-until.ts';

const log = pino({ level: 'silent' });

/** An owner of an embedded log that can go and come again, and its clients. */
interface RemoteUnderTest extends BusUnderTest {
  begin(partitions: Partial<Record<Topic, number>>): Promise<void>;
  /** Ends the owner. */
  leave(): Promise<void>;
  /** A new owner of the same log. */
  comeBack(): Promise<void>;
  client(): Promise<RemoteBus>;
}

function createRemoteUnderTest(): RemoteUnderTest {
  // With its own thread the writer takes a while, as the one that ships.
  const embedded = createEmbeddedUnderTest('thread');
  const place = { path: join(embedded.dir, '../s.sock'), greeting: '1' };
  const links: SocketLink[] = [];
  let host: Bus | undefined;
  let end: (() => Promise<void>) | undefined;

  async function serve(bus: Bus): Promise<void> {
    host = bus;
    const { serve: welcome } = createBusHost(bus);
    end = await serveSocket(place, welcome);
  }
  async function leave(): Promise<void> {
    await end?.();
    await host?.close();
  }
  async function client(): Promise<RemoteBus> {
    const bus = createRemoteBus();
    const link = keepLink(place, log, bus.open);
    links.push(link);
    await until(() => link.state() === 'up');
    return bus;
  }
  const begin = async (partitions: Partial<Record<Topic, number>>): Promise<void> => serve(await embedded.open(partitions));
  const comeBack = async (): Promise<void> => serve(await embedded.reopen());
  return {
    ...embedded,
    begin,
    leave,
    comeBack,
    client,
    async open(partitions) {
      await begin(partitions);
      return client();
    },
    async reopen() {
      await leave();
      await comeBack();
      return client();
    },
    async release() {
      for (const link of links) link.close();
      await end?.();
      await embedded.release();
    },
  };
}

busConformance('remote, over a socket', async () => createRemoteUnderTest());

async function createSite(t: TestContext, partitions = 1): Promise<RemoteUnderTest> {
  const under = createRemoteUnderTest();
  t.after(() => under.release());
  await under.begin({ [TOPIC]: partitions });
  return under;
}

/** Asks until it is answered: what a client does while its owner is away. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined) return answer;
    await sleep(10);
  }
}

describe('clients of one log', () => {
  test('share the partitions of a group, and those of one that goes fall to the other', async (t) => {
    const under = await createSite(t, 2);
    const [first, second] = [await under.client(), await under.client()];
    const mine = await first.subscribe(FROM_START);
    const yours = await second.subscribe(FROM_START);
    await first.publish(TOPIC, numbered(0, 40));
    const batch = await mine.next({ timeoutMs: 5000 });
    const other = await yours.next({ timeoutMs: 5000 });
    assert.deepEqual([batch?.partition, other?.partition], [0, 1]);
    await second.close();
    const partitions = new Set<number>();
    while (partitions.size < 2) partitions.add((await mine.next())?.partition ?? -1);
    assert.ok(batch !== null && !mine.isCurrent(batch), 'the generation changed for the one that stayed too');
  });

  test('are refused while the owner is away, join again when it is back, and miss nothing', async (t) => {
    const under = await createSite(t);
    const bus = await under.client();
    const asked: number[] = [];
    let next = 0;
    const subscription = await bus.subscribe({
      // As a consumer does, which hands on all that it was given.
      ...{ ...FROM_START, handle: () => undefined },
      position: async (_partition, generation) => {
        asked.push(generation);
        return next;
      },
    });
    await bus.publish(TOPIC, numbered(0, 3));
    const batch = await subscription.next({ timeoutMs: 5000 });
    assert.deepEqual(batch?.records.map(textOf), ['0', '1', '2']);
    next = 3;
    const refused = assert.rejects(subscription.next(), { code: 'BUS_UNAVAILABLE', retryable: true });
    await under.leave();
    await refused;
    await assert.rejects(bus.publish(TOPIC, numbered(3, 1)), { code: 'BUS_UNAVAILABLE', retryable: true });
    await assert.rejects(subscription.next(), { code: 'BUS_UNAVAILABLE', retryable: true });
    assert.equal(subscription.isCurrent(batch), false);
    await under.comeBack();
    await patiently(() => bus.publish(TOPIC, numbered(3, 2)));
    assert.deepEqual(await take(subscription, 2), ['3', '4']);
    assert.equal(asked.length, 2);
    assert.ok((asked[0] ?? 0) < (asked[1] ?? 0), 'the position was asked at a higher generation');
  });

  test('go on where they were with latest when the owner is back', async (t) => {
    const under = await createSite(t);
    const bus = await under.client();
    const tail = await bus.subscribe({ topic: TOPIC, position: async () => 'latest' });
    await bus.publish(TOPIC, numbered(0, 2));
    assert.deepEqual(await take(tail, 2), ['0', '1']);
    await under.leave();
    await under.comeBack();
    const other = await under.client();
    await other.publish(TOPIC, numbered(2, 2));
    await patiently(() => bus.ranges(TOPICS.windows));
    assert.deepEqual(await take(tail, 2), ['2', '3']);
  });
});
