import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { isGuardianError } from '../../errors.ts';
import { until } from '../../test-until.ts';
import { createDetector } from '../engine/create-detector.ts';
import type { Detector } from '../engine/detector.ts';
import { ZONE } from '../engine/test-traffic.ts';
import { readShards, shardMemory } from './shard-board.ts';
import { createShardPool, startShardBridge } from './shard-pool.ts';
import { createShardedDetector } from './sharded-detector.ts';
import { companyOf, type Given } from './test-company.ts';

const ENTRY = new URL('../../app/shard-process.ts', import.meta.url);
const OPTIONS = { timeZone: ZONE };
const give = (detector: Detector, given: Given) => ('window' in given ? detector.step(given.window) : detector.mark(given.notice));
const messages = (): Given[] => [...companyOf(4, 130, () => [])];

async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await sleep(20);
  }
}

suite('shards in processes of their own', () => {
  test('a shard that is killed stops the detector by name; from its last state it goes on and gives the same', async () => {
    const pool = createShardPool(2, ENTRY);
    try {
      const plain = createDetector(OPTIONS);
      let detector = createShardedDetector(OPTIONS, null, pool.links());
      const all = messages();
      const half = Math.floor(all.length / 2);
      for (const given of all.slice(0, half)) assert.deepEqual(give(detector, given), give(plain, given));
      const state = detector.snapshot();
      const [first = 0, second = 0] = pool.pids();
      assert.ok(first > 0 && second > 0 && first !== second);
      process.kill(second, 'SIGKILL');
      await gone(second);
      const [next] = all.slice(half);
      assert.ok(next !== undefined);
      assert.throws(
        () => {
          give(detector, next);
          give(detector, next);
        },
        (error) => isGuardianError(error, 'DETECT_SHARD_LOST') && /Shard 2 of 2 .*SIGKILL/.test(error.message),
      );
      detector = createShardedDetector(OPTIONS, state, pool.links());
      for (const given of all.slice(half)) assert.deepEqual(give(detector, given), give(plain, given));
      assert.ok(Buffer.from(detector.snapshot()).equals(plain.snapshot()));
      assert.deepEqual(detector.shardSeries.length, 2);
    } finally {
      const pids = pool.pids();
      await pool.close();
      for (const pid of pids) if (pid > 0) await gone(pid);
    }
  });

  test('a shard that owes an answer and does nothing is lost long before its time is over, which another thread sees', async () => {
    const board = shardMemory(2);
    const phases = (): string[] => readShards(board).map(({ phase }) => phase);
    const pool = createShardPool(2, ENTRY, { idleMs: 2000, board });
    try {
      assert.deepEqual(phases(), ['starting', 'starting']);
      const detector = createShardedDetector(OPTIONS, null, pool.links());
      assert.deepEqual(phases(), ['ready', 'ready']);
      const [given] = messages();
      assert.ok(given !== undefined);
      process.kill(pool.pids()[1] ?? 0, 'SIGSTOP');
      assert.throws(
        () => give(detector, given),
        (error) => isGuardianError(error, 'DETECT_SHARD_LOST') && /Shard 2 of 2 .*done nothing for 2 s/.test(error.message),
      );
      assert.deepEqual(
        readShards(board).map(({ phase, losses, lastLoss }) => [phase, losses, lastLoss]),
        [
          ['ready', 0, 'none'],
          ['lost', 1, 'silent'],
        ],
      );
      const again = createShardedDetector(OPTIONS, null, pool.links());
      assert.deepEqual(
        readShards(board).map(({ phase, cause }) => [phase, cause]),
        [
          ['loaded', 'other_loss'],
          ['loaded', 'own_loss'],
        ],
        'neither is ready before it has judged',
      );
      assert.deepEqual(give(again, given), give(createDetector(OPTIONS), given));
      assert.deepEqual(phases(), ['ready', 'ready']);
    } finally {
      await pool.close();
    }
    assert.deepEqual(phases(), ['none', 'none']);
  });

  test('a thread in front of a shard that fails takes its process along, and the detector does not wait for it', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'guardian-shard-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const entry = join(folder, 'shard.mjs');
    // The reply is none, and no signal but SIGKILL ends the process.
    writeFileSync(
      entry,
      `process.on('message', () => { process.send(null); process.on('disconnect', () => { for (;;); }); }); process.send('ready');`,
    );
    const board = shardMemory(1);
    const pool = createShardPool(1, pathToFileURL(entry), { board });
    const begun = performance.now();
    assert.throws(
      () => createShardedDetector(OPTIONS, null, pool.links()),
      (error) => isGuardianError(error, 'DETECT_SHARD_LOST') && /Shard 1 of 1 .*the thread in front of it failed/.test(error.message),
    );
    assert.ok(performance.now() - begun < 55_000, 'before its time is over');
    const [pid = 0] = pool.pids();
    assert.ok(pid > 0);
    await gone(pid);
    assert.deepEqual(
      readShards(board).map(({ phase, losses, lastLoss }) => [phase, losses, lastLoss]),
      [['lost', 1, 'ended']],
    );
    await pool.close();
  });

  test('a thread in front of a shard that is ended by force is noted, and its process ended', async () => {
    const board = shardMemory(1);
    const threads: Worker[] = [];
    const kill = (pid: number): void => void process.kill(pid, 'SIGKILL');
    const pool = createShardPool(1, ENTRY, { board, startBridge: (settings) => void threads.push(startShardBridge(settings, kill)) });
    const detector = createShardedDetector(OPTIONS, null, pool.links());
    const [given] = messages();
    assert.ok(given !== undefined);
    const [pid = 0] = pool.pids();
    process.kill(pid, 'SIGSTOP');
    await threads[0]?.terminate();
    await until(() => readShards(board)[0]?.phase === 'lost', 'the note');
    // It is stopped, and would not end with its channel. Nobody takes note of its end.
    const stat = `/proc/${pid}/stat`;
    if (existsSync('/proc/self/stat')) await until(() => !existsSync(stat) || readFileSync(stat, 'utf8').includes(') Z '), 'its end');
    assert.throws(
      () => give(detector, given),
      (error) => isGuardianError(error, 'DETECT_SHARD_LOST') && /the thread in front of it has ended/.test(error.message),
    );
    const again = createShardedDetector(OPTIONS, null, pool.links());
    assert.deepEqual(give(again, given), give(createDetector(OPTIONS), given));
    await pool.close();
  });

  test('a shard that does not answer in time is lost, and another one takes its place', async () => {
    const pool = createShardPool(1, ENTRY, { patienceMs: 5000 });
    try {
      const detector = createShardedDetector(OPTIONS, null, pool.links());
      const [given] = messages();
      assert.ok(given !== undefined);
      const [pid = 0] = pool.pids();
      process.kill(pid, 'SIGSTOP');
      assert.throws(
        () => give(detector, given),
        (error) => isGuardianError(error, 'DETECT_SHARD_LOST') && /did not answer within 5 s/.test(error.message),
      );
      const again = createShardedDetector(OPTIONS, null, pool.links());
      assert.deepEqual(give(again, given), give(createDetector(OPTIONS), given));
      assert.notEqual(pool.pids()[0], pid);
      await gone(pid);
    } finally {
      await pool.close();
    }
  });
});
