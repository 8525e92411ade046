import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { BOB, storeTwoAlerts } from '../test-alerts.ts';
import { alertOf, anomalyOf, CALM, createChatUnderTest, type ChatUnderTest } from '../test-chat.ts';

let it: ChatUnderTest;
before(async () => void (it = await createChatUnderTest()));
beforeEach(async () => {
  await it.reset();
  await it.minutes(60, { ...CALM, 'approved/loja-9/acq-1': 14 });
});
after(() => it.close());

test('an alert is escalated now, a step at a time, until there is none left', async () => {
  await storeTwoAlerts(it);
  await it.say('alertas');
  await it.transcript(`
> escalar 1
📣 Zero transações #1: escalado, passo 1 de 2: Bob

> escalar
📣 Zero transações #1: escalado, passo 2 de 2: boss

> escalar 1
⚠️ Zero transações #1: todos os passos já foram dados (2)

> escalar 2
❌ Volume baixo #2: nenhum escalonamento configurado para essa severidade (oncall.escalation)

> escalar 1 e 2
Um por vez: diga o número de um alerta`);
  const sent = await it.database.query<{ receiver: string; text: string }>(
    `select receiver, message -> 'firing' -> 0 -> 'annotations' ->> 'description' as text from notification order by receiver`,
  );
  assert.deepEqual(sent, [
    { receiver: 'boss', text: '\nEscalonamento, passo 2: ninguém está de plantão' },
    { receiver: 'pager', text: '\nEscalonamento, passo 1: Bob' },
  ]);
});

test('who owns an alert may escalate it; the same message does it once; what is over is not escalated', async () => {
  await storeTwoAlerts(it);
  await it.say('alerts', BOB);
  await it.say('ack 1', BOB);
  const first = await it.say('escalate 1', { ...BOB, message_id: 'up' });
  await it.database.query(`update chat_answer set answer = null where message_id = 'up'`);
  assert.deepEqual((await it.say('escalate 1', { ...BOB, message_id: 'up' })).blocks, first.blocks);
  assert.match(first.blocks[0]?.text ?? '', /^📣 Zero transactions #1: escalated, step 1 of 2: Bob$/);
  assert.equal((await it.database.query('select 1 from escalation_step')).length, 1);
  const gone = anomalyOf('an_00000c', 90, 10, { type: 'zero_transactions' });
  await it.anomalies(gone);
  await it.alerts(alertOf(gone, 'aaaaaaaaaaaaaaa3'));
  await it.transcript('> escalate an_00000c\nℹ️ Zero transactions: already resolved', BOB);
});
