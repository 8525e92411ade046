import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { GuardianError } from '../errors.ts';
import { guardKnownIds } from './known-ids.ts';

test('an outage of the store is reported once, however often it is tried, and the next one again', async () => {
  const said: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void said.push(line) });
  let asked = 0;
  let isDown = true;
  const ask = async () => {
    asked += 1;
    if (isDown) throw new Error('down');
    return { known: new Map<string, string>(), isWhole: true };
  };
  const knownIds = guardKnownIds(ask, log, { timeoutMs: 1000, pauseMs: 1 });
  const until = async (isReached: () => boolean) => {
    while (!isReached()) {
      await knownIds(['a']);
      await sleep(2);
    }
  };
  await until(() => asked >= 12);
  assert.equal(said.length, 1);
  isDown = false;
  const before = asked;
  await until(() => asked > before + 1);
  isDown = true;
  await until(() => said.length > 1);
  assert.equal(said.length, 2);
});

test('a store that is still starting is asked again at once, and nothing is logged about it', async () => {
  const said: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void said.push(line) });
  let isStarting = true;
  const ask = async () => {
    if (isStarting) throw new GuardianError('APP_STARTING', 'starting', { retryable: true });
    return { known: new Map([['a', 'hash']]), isWhole: true };
  };
  const knownIds = guardKnownIds(ask, log, { timeoutMs: 1000, pauseMs: 60_000 });
  for (let n = 0; n < 12; n += 1) assert.equal(await knownIds(['a']), null);
  isStarting = false;
  assert.deepEqual((await knownIds(['a']))?.known, new Map([['a', 'hash']]));
  assert.deepEqual(said, []);
});
