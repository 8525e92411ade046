import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Health } from '@transaction-guardian/contracts/stats.ts';
import { openTestDatabase, silentLog } from '../store/test-database.ts';
import { readServiceStates } from '../store/verbs/uptime/service-states.ts';
import { createUptimeRecorder } from './recorder.ts';
import { readUptime, uptimeOf } from './uptime.ts';

const START = Date.parse('2026-11-28T03:00:00Z');

/** A recorder whose clocks and health the test moves. */
async function recorded() {
  const database = await openTestDatabase();
  const time = { wall: START, monotonic: 0 };
  const clock = { now: () => time.wall, monotonic: () => time.monotonic };
  const now: { status: Health['status'] | 'fails'; isAway: boolean } = { status: 'healthy', isAway: false };
  const health = (): Health => {
    if (now.status === 'fails') throw new Error('no answer');
    return { status: now.status, uptime: '', uptime_seconds: 0, version: '', checks: {} };
  };
  const away = {
    ...database,
    transaction: async <T>(work: Parameters<typeof database.transaction<T>>[0]): Promise<T> => {
      if (now.isAway) throw new Error('away');
      return database.transaction(work);
    },
  };
  const make = () => createUptimeRecorder({ database: away, clock, log: silentLog, health }, { lookMs: 15_000, writeMs: 15_000 });
  let recorder = make();
  return {
    database,
    now,
    time,
    /** A process that dies takes with it what it had not written. */
    crash: () => void (recorder = make()),
    async pass(seconds: number): Promise<void> {
      for (let at = 0; at < seconds; at += 15) {
        time.wall += 15_000;
        time.monotonic += 15_000;
        await recorder.look();
      }
    },
    look: () => recorder.look(),
    intervals: async () => {
      const rows = await readServiceStates(database, { from: 0, to: START * 2 });
      return rows.map(({ started_at, ended_at, state }) => [(started_at - START) / 1000, (ended_at - START) / 1000, state]);
    },
  };
}

test('the record says healthy, degraded and unhealthy as it was, a change counting as the worse', async (t) => {
  const it = await recorded();
  t.after(() => it.database.close());
  await it.look();
  await it.pass(60);
  it.now.status = 'degraded';
  await it.pass(30);
  it.now.status = 'unhealthy';
  await it.pass(15);
  it.now.status = 'healthy';
  await it.pass(30);
  assert.deepEqual(await it.intervals(), [
    [0, 60, 'healthy'],
    [60, 90, 'degraded'],
    [90, 120, 'unhealthy'],
    [120, 135, 'healthy'],
  ]);
});

test('what nobody saw is unknown: after kill -9, a freeze and a jump of the clock', async (t) => {
  const it = await recorded();
  t.after(() => it.database.close());
  await it.look();
  await it.pass(60);
  it.crash();
  it.time.wall += 600_000;
  it.time.monotonic += 600_000;
  await it.look();
  await it.pass(60);
  // SIGSTOP for five minutes.
  it.time.wall += 300_000;
  it.time.monotonic += 300_000;
  await it.look();
  await it.pass(60);
  // Somebody sets the clock an hour ahead.
  it.time.wall += 3_600_000;
  await it.pass(60);
  assert.deepEqual(await it.intervals(), [
    [0, 60, 'healthy'],
    [660, 720, 'healthy'],
    [1020, 1080, 'healthy'],
    [4695, 4740, 'healthy'],
  ]);
  const uptime = await readUptime(it.database, it.time.wall, 30);
  assert.ok(uptime !== null && Math.abs(uptime.healthy - 225 / 4740) < 1e-9 && Math.abs(uptime.unknown - 4515 / 4740) < 1e-9);
});

test('a clock that is set back takes away what lies in the future, and nothing counts twice', async (t) => {
  const it = await recorded();
  t.after(() => it.database.close());
  await it.look();
  await it.pass(600);
  it.time.wall -= 300_000;
  await it.look();
  await it.pass(60);
  const uptime = await readUptime(it.database, it.time.wall, 30);
  assert.ok(uptime !== null && uptime.healthy > 0.99 && uptime.healthy <= 1, JSON.stringify(uptime));
  assert.ok((await it.intervals()).every(([, end]) => Number(end) <= (it.time.wall - START) / 1000));
});

test('a clock that begins in 1970 takes no record away', async (t) => {
  const it = await recorded();
  t.after(() => it.database.close());
  await it.look();
  await it.pass(600);
  it.time.wall = 0;
  await it.look();
  await it.pass(60);
  it.time.wall = START + 700_000;
  await it.look();
  const uptime = await readUptime(it.database, START + 600_000, 30);
  assert.equal(uptime?.healthy, 1);
});

test('a database that is away gets the record later; starting and no answer are not healthy', async (t) => {
  const it = await recorded();
  t.after(() => it.database.close());
  it.now.isAway = true;
  it.now.status = 'starting';
  await it.look();
  await it.pass(30);
  assert.deepEqual(await it.intervals(), []);
  it.now.status = 'fails';
  await it.pass(15);
  it.now.isAway = false;
  it.now.status = 'healthy';
  await it.pass(30);
  assert.deepEqual(await it.intervals(), [
    [0, 45, 'unhealthy'],
    [45, 60, 'unknown'],
    [60, 75, 'healthy'],
  ]);
});

test('without a record there is no uptime', async (t) => {
  const database = await openTestDatabase();
  t.after(() => database.close());
  assert.equal(await readUptime(database, START, 30), null);
});

test('shares add up to one, and time without an interval is unknown', () => {
  const interval = fc
    .record({
      started_at: fc.integer({ min: -500, max: 1500 }),
      length: fc.nat(400),
      state: fc.constantFrom('healthy', 'degraded', 'unhealthy', 'unknown'),
    })
    .map(({ started_at, length, state }) => ({ started_at, ended_at: started_at + length, state }) as const);
  fc.assert(
    fc.property(fc.array(interval, { maxLength: 12 }), (intervals) => {
      const shares = uptimeOf(intervals, 0, 1000);
      const sum = shares.healthy + shares.degraded + shares.unhealthy + shares.unknown;
      assert.ok(Math.abs(sum - 1) < 1e-9);
      const covered = new Set<number>();
      for (const one of intervals) for (let at = Math.max(0, one.started_at); at < Math.min(1000, one.ended_at); at++) covered.add(at);
      assert.ok(shares.unknown * 1000 >= 1000 - covered.size - 1e-6);
    }),
    { numRuns: 300 },
  );
  assert.deepEqual(uptimeOf([], 0, 1000), { from: 0, to: 1000, healthy: 0, degraded: 0, unhealthy: 0, unknown: 1 });
});
