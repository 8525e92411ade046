import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { BOB } from '../test-alerts.ts';
import { alertOf, anomalyOf, ago, CALM, createChatUnderTest, type ChatUnderTest } from '../test-chat.ts';

let it: ChatUnderTest;
before(async () => void (it = await createChatUnderTest()));
beforeEach(async () => {
  await it.reset();
  await it.minutes(60, CALM);
});
after(() => it.close());

const DAY = 1440;
/** A run that has ended, so many minutes ago, and what its file is suggested for. */
async function ran(
  id: string,
  runbook: string,
  { from, to, state = 'done' }: { from: number; to: number; state?: string },
  alerts: string[],
): Promise<void> {
  const record = { id, runbook, state, alert: null, definition: { name: runbook, alerts } };
  await it.database.query(
    `insert into runbook_run (id, runbook, state, record, holder, lease_until, started_at, ended_at) values ($1, $2, $3, $4::jsonb, 'x', now(), $5, $6)`,
    [id, runbook, state, JSON.stringify(record), Date.parse(ago(from)), Date.parse(ago(to))],
  );
}

test('why says which runbook helped when something like it happened', async () => {
  const zero = (id: string, began: number, lasted: number | null) => anomalyOf(id, began, lasted, { type: 'zero_transactions' });
  const now = zero('an_00000a', 12, null);
  await it.anomalies(now, zero('an_00000b', 3 * DAY, 20), zero('an_00000c', 9 * DAY, 120), zero('an_00000d', 20 * DAY, 30));
  await it.alerts(alertOf(now, 'aaaaaaaaaaaaaaa1'));
  // Over 5 minutes after it; an hour and a half after it; failed.
  await ran('r1', 'restart-api', { from: 3 * DAY - 10, to: 3 * DAY - 15 }, ['zero_transactions']);
  await ran('r2', 'restart-api', { from: 9 * DAY - 10, to: 9 * DAY - 11 }, ['zero_transactions']);
  await ran('r3', 'clear-cache', { from: 20 * DAY - 20, to: 20 * DAY - 21, state: 'failed' }, ['zero_transactions']);
  // Of something else, and when nothing was wrong.
  await ran('r4', 'collect-diagnostics', { from: 3 * DAY - 10, to: 3 * DAY - 11 }, ['low_volume']);
  await ran('r5', 'restart-api', { from: 5 * DAY, to: 5 * DAY - 1 }, ['zero_transactions']);
  await it.say('alertas');
  const { blocks } = await it.say('por quê 1');
  const text = blocks[0]?.text ?? '';
  assert.match(text, /Parecidas em 90 dias: 3, a última há 3 dias; duração mediana 30min/);
  assert.match(
    text,
    /Runbook que ajudou: restart-api \(1 de 2 vezes, fim em até 15 min\)\n.*Runbook clear-cache: 1 vez, sem efeito em 15 min$/s,
  );
  assert.doesNotMatch(text, /collect-diagnostics/);
  const english = (await it.say('why an_00000a', BOB)).blocks[0]?.text ?? '';
  assert.match(english, /Runbook that helped: restart-api \(1 of 2 times, over within 15 min\)/);
});
