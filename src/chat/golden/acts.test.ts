import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { writeAlerts } from '../../store/verbs/alert/write-alerts.ts';
import { BOB, storeTwoAlerts, VERA } from '../test-alerts.ts';
import { alertOf, anomalyOf, CALM, createChatUnderTest, NIGHT, type ChatUnderTest, textOfEnded } from '../test-chat.ts';

let it: ChatUnderTest;
before(async () => void (it = await createChatUnderTest()));
beforeEach(async () => {
  await it.reset();
  await it.minutes(60, { ...CALM, 'approved/loja-9/acq-1': 14 });
});
after(() => it.close());

const textOf = (text: string, options?: Parameters<ChatUnderTest['say']>[1]): Promise<string> => textOfEnded(it, text, options);

test('an acknowledgement has an owner, and the second one gets its name', async () => {
  await storeTwoAlerts(it);
  await it.say('alertas');
  await it.say('alerts', BOB);
  await it.transcript(`
> ack 1
✅ Zero transações #1: reconhecido por Ana. Volta a avisar às 03:42 se ainda estiver ativo.

> alertas
🚨 2 Alertas Ativos

🔴 Zero transações #1
├── Severidade: Crítico
├── Início: 03:00 (há 12 minutos)
└── 👤 Com Ana desde 03:12

🟡 Volume baixo · lojista loja-9 #2
├── Severidade: Atenção
├── Início: 02:32 (há 40 minutos)
└── Consequência de outro alerta ativo`);
  await it.transcript('> 1a\n⚠️ Zero transactions #1: Ana took it at 03:12', BOB);
});

test('a snooze by code is 15 minutes; by words as long as it says; until the end of the shift', async () => {
  await storeTwoAlerts(it);
  await it.say('alertas');
  await it.transcript(`
> 2s
💤 Volume baixo #2: soneca até 03:27. Se piorar, avisa antes.

> soneca 1 1h
💤 Zero transações #1: soneca até 04:12. Se piorar, avisa antes.

> soneca 1 até o fim do turno
💤 Zero transações #1: soneca até 08:00. Se piorar, avisa antes.

> soneca 1 até às 6h
💤 Zero transações #1: soneca até 06:00. Se piorar, avisa antes.

> soneca 1 até 3h
💤 Zero transações #1: soneca até 29/11, 03:00. Se piorar, avisa antes.

> soneca 1 2 dias
❌ A soneca vai até 24 horas; para mais, use um silêncio`);
});

test('whoever is awake acknowledges a storm at once', async () => {
  const many = Array.from({ length: 1000 }, (_, at) =>
    anomalyOf(`an_3${String(at).padStart(5, '0')}`, 10, null, {
      severity: 'warning',
      type: 'failures_above_normal',
      node: { kind: 'merchant', merchant_id: `loja-${at}` },
    }),
  );
  await it.anomalies(...many);
  await it.alerts(...many.map((one, at) => alertOf(one, `b${String(at).padStart(15, '0')}`)));
  const oldest = anomalyOf('an_00000a', 55, null, { type: 'zero_transactions' });
  await it.anomalies(oldest);
  await it.alerts(alertOf(oldest, 'aaaaaaaaaaaaaaa1'));
  const listed = (await it.say('alertas')).blocks[0]?.text ?? '';
  assert.match(listed, /^🚨 1\.001 Alertas Ativos\n\n🔴 Zero transações #1\n/, 'all are counted, and the worst is first, however old');
  let rest = '';
  for (let page = await it.say('mais'); ; page = await it.say('mais')) {
    rest += page.blocks[0]?.text ?? '';
    if (!page.more) break;
  }
  assert.match(rest, /#50\n/);
  assert.match(rest, /… e mais 951 alertas; os piores vêm primeiro\nPara reconhecer todos de uma vez: "estou acordado"$/);
  await it.transcript(`
> estou acordado
☕ Certo. ✅ 1.001 alertas reconhecidos: repetições e escalonamento param
Causas novas continuam avisando.`);
  await it.transcript("> I'm awake\n☕ Got it. No firing alert without an owner\nNew causes still notify.", BOB);
  const rows = await it.database.query<{ n: number }>(
    `select count(*)::int as n from audit where entry->>'verb' = 'alert.acknowledge' and entry->>'result' = 'done' and jsonb_array_length(entry->'after'->'acknowledged') = 1001`,
  );
  assert.equal(rows[0]?.n, 1, 'one row of the audit for the storm');
});

test('a silence names what it hides, always ends, and is listed', async () => {
  await storeTwoAlerts(it);
  await it.transcript(`
> silenciar lojista LOJA-9
Por quanto tempo? Todo silêncio tem fim: "silenciar lojista X por 1h"

> silenciar lojista loja-8 por 1h
Nenhuma transação nas últimas 24 horas para o lojista loja-8. Você quis dizer loja-9?

> silenciar lojista LOJA-9 por 2h
🔕 Silenciado até 05:12: lojista: loja-9 (1 alerta oculto agora)

> silêncios
1 silêncio ativo

🔕 lojista: loja-9 #1
├── Até 05:12, por Ana
├── Motivo: pedido pelo chat (telegram)
└── Oculta 1 alerta

> silenciar tudo por 1h
O quê? "silenciar lojista X por 1h", "silenciar 1 por 30m"`);
});

test('what has ended since the list was shown is said, and nothing is done to it', async () => {
  await storeTwoAlerts(it);
  await it.say('alertas');
  const zero = anomalyOf('an_00000a', 12, 8, { type: 'zero_transactions' });
  await it.anomalies(zero);
  await writeAlerts(it.database, [{ alert: alertOf(zero, 'aaaaaaaaaaaaaaa1'), translations: {}, groupKey: 'g', version: 2 }]);
  await it.transcript(`
> silenciar 1 por 1h
ℹ️ Zero transações #1: já resolvido, nenhum silêncio criado. Para o que vier: "silenciar lojista X por 1h"

> ack 1
ℹ️ Zero transações #1: já resolvido

> 1s
ℹ️ Zero transações #1: já resolvido

> escalar 1
ℹ️ Zero transações #1: já resolvido

> 1r
ℹ️ Zero transações #1: já resolvido. Nada foi executado; para executar mesmo assim: "runbook restart-api"

> silêncios
✅ Nada silenciado

> andamento
Nenhum runbook foi executado nesta conversa`);
  const { buttons } = await it.say('detalhes do 1');
  assert.deepEqual(
    buttons.map(({ text }) => text),
    ['link 1'],
  );
  for (const table of ['silence', 'alert_response', 'runbook_run', 'escalation_step'])
    assert.equal((await it.database.query(`select 1 from ${table}`)).length, 0, table);
});

test('a runbook runs step by step, as in the contract', async () => {
  const answer = await textOf('executar runbook restart-api');
  assert.equal(
    answer.replace(/\d+s$/m, '0s'),
    `🔄 Executando runbook: restart-api

[1/4] Verificando dependências... ✅
[2/4] Salvando estado atual... ✅
[3/4] Reiniciando API... ✅
[4/4] Health check... ✅

✅ Runbook concluído em 0s`,
  );
  assert.equal(await textOf('andamento'), answer);
});

test('a runbook of an alert, one that asks first, one that fails, one that does not exist', async () => {
  await storeTwoAlerts(it);
  await it.say('alertas');
  const ran = await textOf('1r');
  assert.match(ran, /restart-api[\s\S]*Runbook concluído/);
  assert.equal(await textOf('andamento'), ran, 'the run of a code is the run of the conversation');
  assert.match(
    await textOf('executa o runbook do 2'),
    /^Nenhum runbook executável para Volume baixo\. O passo a passo está na página low-volume\.$/,
  );
  const asked = await it.say('runbook clear-cache');
  assert.match(asked.blocks[0]?.text ?? '', /^⚠️ Confirma o runbook clear-cache\? Envie "confirmar [A-Z0-9]+" em até 120 segundos\.$/);
  const code = asked.buttons[0]?.text ?? '';
  assert.match(await textOf(code, BOB), /^❌ /, 'not hers');
  assert.match(await textOf(code), /Limpando cache\.\.\. ✅/);
  assert.match(await textOf(code), /^❌ /, 'once');
  assert.match(await textOf('runbook scale-workers'), /\[2\/2\] Escalando\.\.\. ❌/);
  assert.match(await textOf('runbook no-such-thing'), /no-such-thing.*restart-api/s);
  assert.match(await textOf('runbooks'), /^📖 Runbooks\n├── restart-api: teste/);
});

test('whoever may only look changes nothing', async () => {
  await storeTwoAlerts(it);
  await it.say('alertas', VERA);
  for (const line of ['ack 1', '1s', 'silenciar 1 por 1h', 'estou acordada', 'runbook restart-api', 'ruído 1'])
    assert.equal(await textOf(line, VERA), 'Você não tem permissão: é preciso o papel de operador (operator)', line);
  assert.equal((await it.database.query('select 1 from alert_response')).length, 0);
});

test('a message that acts and comes again after a crash acts once and counts from when it came first', async () => {
  await storeTwoAlerts(it);
  await it.say('alertas');
  const first = await it.say('soneca 1 1h', { message_id: 'page' });
  // Killed after the act, before the answer was kept.
  await it.database.query(`update chat_answer set answer = null where message_id = 'page'`);
  it.clock.at = NIGHT + 60_000;
  const again = await it.say('soneca 1 1h', { message_id: 'page' });
  assert.deepEqual(again.blocks, first.blocks);
  assert.equal((await it.database.query('select 1 from alert_response')).length, 1);
});

test('a gateway without the right to act vouches for nobody', async () => {
  await storeTwoAlerts(it);
  const local = {
    id: 'local',
    kind: 'local',
    name: 'local program',
    claimed_name: null,
    channel: 'local',
    address: '127.0.0.1',
    scopes: ['read', 'write'],
    role: null,
    message_id: null,
  } as const;
  assert.match(await textOf('alertas', { caller: local }), /2 Alertas/);
  assert.match(await textOf('ack 1', { caller: local }), /não tem permissão/);
});

test('a message that only looks acts for nobody, and says so; its questions are answered', async () => {
  await storeTwoAlerts(it);
  assert.equal(
    await textOf('ack aaaaaaaaaaaaaaa1', { read_only: true }),
    'Aqui só se consulta. Para agir, escreva direto ao bot, de uma conta autorizada (owners do plugin).',
  );
  assert.match(await textOf('alertas', { read_only: true }), /^🚨 2 Alertas Ativos/);
  assert.match(await textOf('ack aaaaaaaaaaaaaaa1'), /reconhecido por Ana/);
  assert.equal((await it.say('bananas voam')).understood, false);
  assert.equal((await it.say('status')).understood, undefined);
});
