import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { MAX_ANSWER } from '@transaction-guardian/contracts/chat.ts';
import { createRandom } from '../../simulate/random.ts';
import { anyText } from '../grammar/test-texts.ts';
import { storeTwoAlerts, VERA } from '../test-alerts.ts';
import { CALM, createChatUnderTest, restartRunbook, type ChatUnderTest } from '../test-chat.ts';

const STRANGERS = 10_000;
const MESSAGES = 150;
/** What acts write. */
const EFFECTS = [
  'silence',
  'alert_response',
  'runbook_run',
  'incident',
  'feedback',
  'escalation_step',
  'access_link',
  'runbook_confirmation',
];

let it: ChatUnderTest;
before(async () => {
  it = await createChatUnderTest({ runbooks: { 'restart-api': restartRunbook('confirm: self\nalerts: [zero_transactions]') } });
  await it.reset();
  await it.minutes(60, { ...CALM, 'approved/loja-9/acq-1': 14 });
  await storeTwoAlerts(it);
});
after(() => it.close());

const rowsOf = async (table: string): Promise<number> =>
  (await it.database.query<{ n: number }>(`select count(*)::int as n from ${table}`))[0]?.n ?? 0;

test('a stranger gets one refusal and never data, whatever it writes', async () => {
  const random = createRandom('stranger');
  const heard = new Set<string>();
  for (let n = 0; n < STRANGERS; n += 1) {
    const sender = String(5000 + random.below(40));
    const { blocks, buttons, follow_ups, attachments } = await it.say(anyText(random), {
      sender,
      conversation: random.next() < 0.5 ? sender : '777',
    });
    assert.deepEqual([buttons, follow_ups, attachments], [[], [], []]);
    for (const { text } of blocks) heard.add(text);
  }
  assert.equal(heard.size, 1, [...heard].join('\n'));
  for (const table of [...EFFECTS, 'chat_answer', 'chat_context']) assert.equal(await rowsOf(table), 0, table);
});

test('whoever may only look changes nothing, whatever it writes; every answer fits', async () => {
  const random = createRandom('viewer');
  await it.say('alertas', VERA);
  for (let n = 0; n < MESSAGES; n += 1) {
    const { blocks, understood } = await it.say(anyText(random), VERA);
    const { length } = blocks.map(({ text }) => text).join('\n\n');
    assert.ok(length > 0 && length <= MAX_ANSWER, `${length} characters`);
    assert.ok(understood !== false || blocks.length > 0);
  }
  for (const table of EFFECTS) assert.equal(await rowsOf(table), 0, table);
});

test('a runbook that asks first never runs without its code', async () => {
  const random = createRandom('operator');
  await it.say('alertas');
  const runs = ['runbook restart-api', '1r', 'executa o runbook dele', 'executar restart-api', 'confirmar 7K3M9QXA', 'confirmar'];
  for (let n = 0; n < MESSAGES; n += 1) {
    const text = n % 5 === 0 ? `${anyText(random)}\n${runs[random.below(runs.length)] ?? ''}` : anyText(random);
    await it.say(text);
    it.clock.at += 1000;
  }
  assert.equal(await rowsOf('runbook_run'), 0);
  assert.ok((await rowsOf('runbook_confirmation')) > 0, 'it was asked for');
});
