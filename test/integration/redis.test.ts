import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { detailOf } from '@transaction-guardian/contracts/text/part-text.ts';
import type { Health } from '@transaction-guardian/contracts/stats.ts';
import { Registry } from 'prom-client';
import { guessLimitConformance } from '../../src/auth/guess-limit.conformance.ts';
import { createRedisGuessLimit } from '../../src/auth/guess-limit-redis.ts';
import { sharedSessionsConformance } from '../../src/auth/shared-sessions.conformance.ts';
import { createRedisSessions } from '../../src/auth/shared-sessions-redis.ts';
import { isGuardianError } from '../../src/errors.ts';
import { acceptedIdsConformance } from '../../src/ingest/accepted-ids.conformance.ts';
import { createRedisAcceptedIds } from '../../src/ingest/accepted-ids-redis.ts';
import { sharedAnswersConformance } from '../../src/read/shared-answers.conformance.ts';
import { createRedisAnswers } from '../../src/read/shared-answers-redis.ts';
import { openRedis, type Redis } from '../../src/redis/connection.ts';
import { createRedisTurn } from '../../src/redis/redis-turn.ts';
import { silentLog } from '../../src/store/test-database.ts';
import { until } from '../../src/test-until.ts';
import { runGuardian, startProduct } from '../e2e/product.ts';
import { startRedis, type RedisServer } from './redis-server.ts';

const PAUSE_MS = 200;
const clock = { now: () => Date.now() };
let server: RedisServer;
const opened: Redis[] = [];
let made = 0;

before(async () => {
  server = await startRedis();
});
after(async () => {
  for (const redis of opened) await redis.close();
  await server.stop();
});

/** A connection of its own; the same name shares its keys. */
async function connected(name: string, metrics = new Registry()): Promise<Redis> {
  const limits = { connectMs: 5000, commandMs: 5000, pauseMs: PAUSE_MS };
  const redis = openRedis({ url: server.url, prefix: `${name}:`, ...limits, log: silentLog, metrics });
  opened.push(redis);
  await until(() => redis.health().status === 'ok', 'the connection');
  return redis;
}

/** Two processes of one installation. */
async function pair<Port>(make: (redis: Redis) => Port): Promise<readonly [Port, Port]> {
  const name = `pair${++made}`;
  return [make(await connected(name)), make(await connected(name))];
}

guessLimitConformance('redis', async (windowMs) => createRedisGuessLimit(await connected(`limit${++made}`), windowMs));
sharedSessionsConformance('redis', () => pair((redis) => createRedisSessions(redis, clock)));
acceptedIdsConformance('redis', () => pair((redis) => createRedisAcceptedIds(redis)));
sharedAnswersConformance('redis', () => pair((redis) => createRedisAnswers(redis)));

test('one of two processes has a turn, and keeps it for as long as it asks', async () => {
  const [one, other] = await pair((redis) => createRedisTurn(redis, 'unheard', `process-${++made}`));
  assert.deepEqual([await one.take(), await other.take(), await one.take(), await other.take()], [true, false, true, false]);
});

test('every key ends by itself', async () => {
  const redis = await connected('ends');
  await createRedisAcceptedIds(redis).add(new Map([['a', 'h']]));
  const forgive = await createRedisGuessLimit(redis).take('a');
  forgive?.();
  await createRedisSessions(redis, clock).useLink('n', Date.now() + 60_000);
  await createRedisAnswers(redis).put('q', 'x', 60_000);
  for (const key of ['id:a', 'guesses:a', 'guesses', 'link:n', 'answer:q']) {
    await until(async () => /^:[1-9]/.test(await server.command('PTTL', `ends:${key}`)), key);
  }
});

test('a server that is full refuses what would grow, says so, and is used again when it has room', async () => {
  const redis = await connected('full');
  const answers = createRedisAnswers(redis);
  await server.command('CONFIG', 'SET', 'maxmemory', '1');
  await assert.rejects(answers.put('q', 'x', 60_000), (error) => isGuardianError(error, 'REDIS_UNAVAILABLE'));
  assert.equal(redis.health().status, 'degraded');
  assert.match(detailOf(redis.health()), /OOM/);
  await server.command('CONFIG', 'SET', 'maxmemory', '0');
  await until(async () =>
    answers.put('q', 'x', 60_000).then(
      () => true,
      () => false,
    ),
  );
  assert.equal(redis.health().status, 'ok');
});

test('a server that is killed is refused at once, and used again when it is back', async () => {
  const metrics = new Registry();
  const redis = await connected('killed', metrics);
  const answers = createRedisAnswers(redis);
  await server.kill();
  await until(() => redis.health().status === 'degraded', 'the loss');
  for (let count = 0; count < 10; count++) await assert.rejects(answers.get('q'), (error) => isGuardianError(error, 'REDIS_UNAVAILABLE'));
  assert.match(await metrics.metrics(), /guardian_circuit_breaker_state\{dependency="redis"\} [12]/);
  await server.start();
  await until(async () =>
    answers.get('q').then(
      () => true,
      () => false,
    ),
  );
  assert.deepEqual(redis.health(), { status: 'ok' });
  assert.match(await metrics.metrics(), /guardian_circuit_breaker_state\{dependency="redis"\} 0/);
});

test('a server that does not answer is waited for briefly, and then left alone', async () => {
  const limits = { connectMs: 5000, commandMs: 20, pauseMs: 60_000 };
  const redis = openRedis({ url: server.url, prefix: 'slow:', ...limits, log: silentLog, metrics: new Registry() });
  opened.push(redis);
  await until(() => redis.health().status === 'ok');
  server.freeze();
  try {
    for (let count = 0; count < 5; count++) await assert.rejects(redis.run((at) => at.ping()));
    let isAsked = false;
    await assert.rejects(
      redis.run(async () => {
        isAsked = true;
        return null;
      }),
    );
    assert.equal(isAsked, false);
    assert.equal(redis.health().status, 'degraded');
  } finally {
    server.resume();
  }
});

test('the whole program goes on without its Redis server, says so, and uses it again', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'guardian-redis-'));
  const product = await startProduct(dir, ['--redis.url', server.url, '--redis.prefix', 'product:']);
  t.after(async () => {
    await product.stop();
    await rm(dir, { recursive: true, force: true });
  });
  const post = async (id: string) => (await product.post('/transaction', JSON.stringify({ id, status: 'approved' }))).status;
  const redisOf = async () => (await product.get<Health>('/health')).checks['redis']?.status;
  const { output } = await runGuardian(['link', '--data_dir', dir]);
  const token = /token=(\S+)/.exec(output)?.[1] ?? '';
  assert.equal(await post('a'), 202);
  await until(async () => (await server.command('GET', 'product:id:a')).length > 10, 'the id on the server');
  assert.equal(await redisOf(), 'ok');
  await server.kill();
  await until(async () => (await redisOf()) === 'degraded', 'the check');
  assert.equal(await post('b'), 202);
  assert.equal(await post('a'), 200, 'what it knows itself is still a repeat');
  assert.equal((await fetch(`${product.address}/stats`)).status, 200);
  assert.equal((await product.post('/session', JSON.stringify({ token }))).status, 204);
  assert.equal((await product.post('/session', JSON.stringify({ token }))).status, 401, 'a link works once');
  await server.start();
  await until(async () => (await redisOf()) === 'ok', 'the recovery');
  assert.equal(await post('c'), 202);
  await until(async () => (await server.command('GET', 'product:id:c')).length > 10, 'the next id on the server');
});
