import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Database } from '../store/database.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { complaintsOf, playRound, scenarioOf } from './test-fault-round.ts';

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

const ROUNDS = Number(process.env['FAULT_ROUNDS'] ?? 5);
const FIRST_SEED = Number(process.env['FAULT_SEED'] ?? 1);

test('whatever the channels do and wherever the process dies, each critical alert and its end reach somebody, in time and once', async (t) => {
  const complaints: string[] = [];
  const counts = { rounds: 0, alerts: 0, crashes: 0, lostAnswers: 0, messages: 0, complaints: 0 };
  for (let seed = FIRST_SEED; seed < FIRST_SEED + ROUNDS; seed += 1) {
    const scenario = scenarioOf(seed);
    const played = await playRound(database, scenario);
    const found = complaintsOf(scenario, played);
    complaints.push(...found);
    if (found.length > 0) {
      const { alerts, ...facts } = scenario;
      t.diagnostic(JSON.stringify({ ...facts, alerts: alerts.map(({ id, from, until }) => ({ id, from, until })), found }));
    }
    counts.rounds += 1;
    counts.alerts += scenario.alerts.length;
    counts.crashes += played.diedAt === null ? 0 : 1;
    counts.lostAnswers += scenario.losesAnswers ? 1 : 0;
    counts.messages += played.taken.length;
    counts.complaints += found.length;
  }
  t.diagnostic(JSON.stringify(counts));
  assert.deepEqual(complaints, []);
});
