import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Progress } from '@transaction-guardian/contracts/progress.ts';
import { awaitJudged } from './await-judged.ts';
import type { Cli } from './cli.ts';
import type { ServerClient } from './server-client.ts';

/** A server that gives one look after the other; the last one stays. */
function serverOf(looks: readonly Progress[]) {
  let asked = 0;
  const client = { get: async () => looks[Math.min(asked++, looks.length - 1)] } as unknown as ServerClient;
  return { client, asked: () => asked };
}

function cliOf(t: TestContext): Cli {
  const clock = { now: () => 0, monotonic: () => performance.now() };
  const stop = new AbortController();
  t.after(() => stop.abort());
  return { clock, signal: stop.signal, stderr: { write: () => true }, say: (key: string) => key, note: () => undefined } as unknown as Cli;
}

const look = (accepted: number, counted: number, closed: number, judged: number): Progress => ({
  accepted: { 0: accepted },
  counted: { 0: counted },
  closed: { 0: closed },
  judged: { 0: judged },
});

test('waits for its own records and for the minutes that they close, not for what comes behind them', async (t) => {
  const { client, asked } = serverOf([
    look(100, 0, 5, 5),
    look(150, 60, 5, 5),
    look(200, 100, 9, 5),
    look(250, 110, 9, 6),
    look(300, 120, 20, 7),
    look(350, 130, 30, 9),
    look(400, 140, 40, 9),
  ]);
  assert.deepEqual(await awaitJudged(cliOf(t), client, { pollMs: 1 }), { records: 0, minutes: 0 });
  assert.ok(asked() <= 7, 'it is through although accepted and closed run ahead');
});

test('a server on which nothing moves is left, with what still waits', async (t) => {
  const stuck = serverOf([look(100, 40, 9, 2)]);
  assert.deepEqual(await awaitJudged(cliOf(t), stuck.client, { pollMs: 1, stalledMs: 20 }), { records: 60, minutes: 7 });
});
