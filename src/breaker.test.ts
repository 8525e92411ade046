import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createBreaker } from './breaker.ts';
import { until } from './test-until.ts';

const log = pino({ level: 'silent' });
const refusal = (reason: string): Error => new Error(`refused: ${reason}`);

test('after five failures in a row the dependency is left alone, and asked by one call after the pause', async () => {
  const metrics = new Registry();
  const breaker = createBreaker({ dependency: 'postgres', log, metrics, pauseMs: 50 });
  createBreaker({ dependency: 'redis', log, metrics });
  const state = async (): Promise<string> => /state\{dependency="postgres"\} (\d)/.exec(await metrics.metrics())?.[1] ?? '';
  let asked = 0;
  let isAway = true;
  const work = async (): Promise<string> => {
    asked += 1;
    if (isAway) throw new Error('connection refused');
    return 'answer';
  };
  const ask = (): Promise<string> => breaker.run(work, refusal);
  assert.equal(await state(), '0');
  for (let tries = 0; tries < 5; tries += 1) await assert.rejects(ask, /^Error: connection refused$/);
  await assert.rejects(ask, /refused: left alone .*connection refused/);
  assert.deepEqual([asked, breaker.isOpen(), await state()], [5, true, '2']);
  isAway = false;
  await until(async () => (await ask().catch(() => undefined)) === 'answer');
  assert.deepEqual([asked, breaker.isOpen(), await state()], [6, false, '0']);
  assert.match(await metrics.metrics(), /state\{dependency="redis"\} 0/);
});

test('an error that is no outage does not open it', async () => {
  const breaker = createBreaker({ dependency: 'postgres', log, isFailure: (error) => !(error instanceof RangeError) });
  const fail = async (): Promise<never> => {
    throw new RangeError('bad statement');
  };
  for (let tries = 0; tries < 20; tries += 1) await assert.rejects(breaker.run(fail, refusal), RangeError);
});
