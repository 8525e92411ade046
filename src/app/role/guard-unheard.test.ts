import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import { openEmbeddedBus, type EmbeddedBus } from '../../bus/embedded/embedded.ts';
import { systemClock } from '../../clock.ts';
import type { Config } from '../../config/config-schema.ts';
import { GuardianError } from '../../errors.ts';
import type { SharedTurn } from '../../redis/redis-turn.ts';
import type { Database } from '../../store/database.ts';
import { until } from '../../test-until.ts';
import type { ProcessWatch } from '../process-watch.ts';
import { guardUnheard } from './guard-unheard.ts';
import { notifiedReceiver } from './test-receiver.ts';

const LOG = pino({ level: 'silent' });
const away = async (): Promise<never> => {
  throw new GuardianError('STORE_UNAVAILABLE', 'away', { retryable: true });
};
const DATABASE: Database = { query: away, exec: away, copy: away, transaction: away, close: async () => undefined };
const FIRING = 'GuardianDetectionStandsStill firing';
const RESOLVED = 'GuardianDetectionStandsStill resolved';

/** Two processes that hear of nobody until `heard`, each with a data directory of its own unless `root` is given, on a clock that the test
 *  moves. */
function startGuards(t: TestContext, config: Config, bus: EmbeddedBus | null, at: { root?: string; turn?: SharedTurn } = {}) {
  const { root, turn = null } = at;
  const roots: string[] = [];
  let now = 0;
  let silentMs = 0;
  let isHeard = false;
  let looks = 0;
  const clock = { now: systemClock.now, monotonic: () => now };
  const watch: ProcessWatch = {
    view: (role) => ({ role, state: isHeard ? 'working' : 'missing', silentMs: isHeard ? 0 : now + silentMs, reports: [] }),
  };
  const seen = {
    subscribe: async (options: Parameters<EmbeddedBus['subscribe']>[0]) => (bus === null ? away() : bus.subscribe(options)),
    async ranges(topic: Parameters<EmbeddedBus['ranges']>[0]) {
      looks += 1;
      return bus === null ? away() : bus.ranges(topic);
    },
  };
  const begin = (own = mkdtempSync(join(tmpdir(), 'guardian-unheard-'))) => {
    if (!roots.includes(own)) roots.push(own);
    const place = { clock, log: LOG, root: own, database: DATABASE };
    const options = { watch, roles: ['data', 'alert'], bus: seen, hasLog: () => bus !== null, hasDatabase: () => false, turn } as const;
    return guardUnheard(config, place, options);
  };
  const stops = [begin(root), begin(root)];
  t.after(async () => {
    for (const stop of stops) await stop();
    for (const root of roots) rmSync(root, { recursive: true, force: true });
  });
  return {
    /** Moves the clock on. */
    pass: (seconds: number) => void (now += seconds * 1000),
    /** Nobody was heard for so long, by a clock that stands. */
    silence: (seconds: number) => void (silentMs = seconds * 1000),
    /** Until each has looked at the log twice more. */
    async look() {
      const before = looks;
      await until(() => looks >= before + 4, 'looks');
    },
    heard: () => void (isHeard = true),
    stopFirst: async () => stops[0]?.(),
    async restartFirst() {
      await stops[0]?.();
      stops[0] = begin(roots[0]);
    },
  };
}

async function openBus(t: TestContext): Promise<EmbeddedBus> {
  const dir = mkdtempSync(join(tmpdir(), 'guardian-unheard-bus-'));
  const retention = { hours: 24, bytes: 1_000_000_000 };
  const options = { partitions: {}, retention, clock: systemClock, log: LOG, writer: 'inline', maxPendingRecords: 1000 } as const;
  const bus = await openEmbeddedBus({ dir, ...options });
  t.after(async () => {
    await bus.close();
    rmSync(dir, { recursive: true, force: true });
  });
  return bus;
}

test('nobody is heard because the database is away: one of the processes notifies, which the log elects, and resolves it', async (t) => {
  const { told, config } = await notifiedReceiver(t);
  const guards = startGuards(t, config, await openBus(t));
  guards.pass(1.5);
  await guards.look();
  assert.deepEqual(told, [], 'others may get on: that is seen a little later');
  guards.pass(1);
  await until(() => told.length > 0, 'the message');
  guards.pass(60);
  for (let round = 0; round < 3; round += 1) await guards.look();
  assert.deepEqual(told, [FIRING], 'the other one says nothing, however long it lasts');
  guards.heard();
  await until(() => told.length > 1, 'the end');
  assert.deepEqual(told, [FIRING, RESOLVED]);
});

test('while log and database are away nobody can be elected: each notifies, and resolves it, over a restart too', async (t) => {
  const { told, config } = await notifiedReceiver(t);
  const guards = startGuards(t, config, null);
  guards.pass(1);
  await until(() => told.length === 2, 'both');
  await guards.restartFirst();
  guards.heard();
  await until(() => told.length === 4, 'the end of both');
  assert.deepEqual(told, [FIRING, FIRING, RESOLVED, RESOLVED]);
});

test('of the processes on one data directory one notifies, while log and database are away; when it ends another one resolves it', async (t) => {
  const { told, config } = await notifiedReceiver(t);
  const guards = startGuards(t, config, null, { root: mkdtempSync(join(tmpdir(), 'guardian-unheard-')) });
  guards.silence(20);
  await until(() => told.length > 0, 'the message');
  await sleep(2500);
  assert.deepEqual(told, [FIRING], 'the other one says nothing');
  await guards.stopFirst();
  await sleep(2500);
  assert.deepEqual(told, [FIRING], 'the other one knows what was sent');
  guards.heard();
  await until(() => told.length > 1, 'the end');
  assert.deepEqual(told, [FIRING, RESOLVED]);
});

test('processes of several machines take turns where a server says whose it is; where it does not, each notifies', async (t) => {
  const { told, config } = await notifiedReceiver(t);
  let asked = 0;
  const close = async (): Promise<void> => undefined;
  const first = startGuards(t, config, null, { turn: { take: async () => true, close } });
  first.silence(20);
  await until(() => told.length === 2, 'both, whose turn it is');
  const second = startGuards(t, config, null, { turn: { take: async () => ++asked < 0, close } });
  second.silence(20);
  await until(() => asked >= 6, 'looks');
  assert.equal(told.length, 2);
  const third = startGuards(t, config, null, { turn: { take: away, close } });
  third.silence(20);
  await until(() => told.length === 4, 'both, of which nobody knows whose turn it is');
});

test('a process that hears of nobody says nothing while minutes are judged: others work', async (t) => {
  const { told, config } = await notifiedReceiver(t);
  const bus = await openBus(t);
  const guards = startGuards(t, config, bus);
  const value = new TextEncoder().encode('{}');
  for (let second = 0; second < 6; second += 1) {
    guards.pass(1);
    await bus.publish(TOPICS.windows, [{ value }]);
    await guards.look();
  }
  assert.deepEqual(told, []);
  guards.pass(4);
  await until(() => told.length > 0, 'the message once nothing is judged any more');
});
