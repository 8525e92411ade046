import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { BOB, storeTwoAlerts, VERA } from '../test-alerts.ts';
import { CALM, createChatUnderTest, type ChatUnderTest } from '../test-chat.ts';

let it: ChatUnderTest;
before(async () => void (it = await createChatUnderTest()));
beforeEach(async () => {
  await it.reset();
  await it.minutes(60, { ...CALM, 'approved/loja-9/acq-1': 14 });
});
after(() => it.close());

test('an acknowledgement and a snooze are taken back, by whomever', async () => {
  await storeTwoAlerts(it);
  await it.transcript(`
> alertas ativos do lojista loja-9
🚨 1 Alerta Ativo

🟡 Volume baixo · lojista loja-9 #1
├── Severidade: Atenção
└── Início: 02:32 (há 40 minutos)

> ack
✅ Volume baixo #1: reconhecido por Ana. Volta a avisar às 03:42 se ainda estiver ativo.

> desfazer ack 1
↩️ Volume baixo #1: sem responsável de novo, volta a avisar

> desfaz o reconhecimento
ℹ️ Volume baixo #1: ninguém tinha reconhecido

> 1s
💤 Volume baixo #1: soneca até 03:27. Se piorar, avisa antes.

> cancelar soneca
↩️ Volume baixo #1: fim da soneca, volta a avisar`);
  await it.say('alerts', BOB);
  await it.transcript(
    `
> ack all
✅ 2 alerts acknowledged: repeats and escalation stop

> undo ack 1 and 2
↩️ Zero transactions #1: without an owner again, it notifies again
↩️ Low volume #2: without an owner again, it notifies again

> unsnooze 1
ℹ️ Zero transactions #1: it was not snoozed`,
    BOB,
  );
});

test('a silence is ended by its place in the list, by its id, or alone without either', async () => {
  await storeTwoAlerts(it);
  await it.say('silenciar lojista loja-9 por 2h');
  await it.transcript(`
> encerrar silêncio
🔔 Silêncio encerrado: lojista: loja-9. 1 alerta ativo volta a avisar.

> encerrar silêncio
✅ Nada silenciado

> encerrar silêncio 1
Envie "silêncios" primeiro.`);
  await it.say('silenciar lojista loja-9 por 2h');
  await it.say('silenciar status="failed" por 1h');
  const listed = await it.say('silêncios');
  assert.deepEqual(
    listed.buttons.map(({ label, text }) => [label, text]),
    [
      ['Encerrar 1', 'encerrar silêncio 1'],
      ['Encerrar 2', 'encerrar silêncio 2'],
    ],
  );
  const second = /🔕 (.+) #2/.exec(listed.blocks[0]?.text ?? '')?.[1] ?? '';
  await it.transcript(`
> encerrar silêncio 3
Não existe o item 3: a última lista tem 2

> encerrar silêncio
Qual deles? Envie "silêncios" e diga o número.

> encerrar silêncio 2
🔔 Silêncio encerrado: ${second}${second.startsWith('lojista') ? '. 1 alerta ativo volta a avisar.' : ''}

> encerrar silêncio 2
ℹ️ O silêncio já tinha terminado

> end silence si_000000000000
❌ O silêncio si_000000000000 não existe`);
  await it.transcript('> end silence 1\nSend "silences" first.', BOB);
});

test('the list of one person is not that of another, and a viewer takes nothing back', async () => {
  await storeTwoAlerts(it);
  await it.say('silenciar lojista loja-9 por 2h');
  await it.say('alertas', VERA);
  await it.say('silêncios', VERA);
  for (const line of ['desfazer ack 1', 'cancelar soneca 1', 'encerrar silêncio 1', 'escalar 1', 'aceito', 'incidente 1 P1'])
    assert.match(
      (await it.say(line, VERA)).blocks[0]?.text ?? '',
      line === 'aceito' ? /^Nenhum briefing/ : /^Você não tem permissão: é preciso o papel de operador \(operator\)$/,
      line,
    );
  assert.equal((await it.database.query(`select 1 from silence where ended_at is null`)).length, 1);
});
