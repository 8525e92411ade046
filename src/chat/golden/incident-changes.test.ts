import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { BOB } from '../test-alerts.ts';
import { alertOf, anomalyOf, CALM, createChatUnderTest, type ChatUnderTest } from '../test-chat.ts';

let it: ChatUnderTest;
before(async () => void (it = await createChatUnderTest()));
beforeEach(async () => {
  await it.reset();
  await it.minutes(60, { ...CALM, 'approved/loja-9/acq-1': 14 });
});
after(() => it.close());

test('an incident is taken, noted, changed and resolved by its number', async () => {
  await it.say('incidente API lenta');
  await it.transcript(`
> incidente 1 meu
✅ Feito

🟡 P3 inc-1: API lenta
├── Status: triado
├── Aberto: 03:12 (há 1 minuto)
└── Responsável: Ana

> incidente 1 nota Adquirente acq-1 fora: ligar, 0800.
🗒️ Nota no incidente inc-1

> inc-1 P1
✅ Feito

🔴 P1 inc-1: API lenta
├── Status: triado
├── Aberto: 03:12 (há 1 minuto)
└── Responsável: Ana

> incidente 1 título API e *adquirente* lentas
✅ Feito

🔴 P1 inc-1: API e *adquirente* lentas
├── Status: triado
├── Aberto: 03:12 (há 1 minuto)
└── Responsável: Ana

> incidente 1 post-mortem
❌ inc-1 está triado: não pode ir para post-mortem

> resolver incidente 1
✅ Feito

🔴 P1 inc-1: API e *adquirente* lentas
├── Status: resolvido
├── Aberto: 03:12 (há 1 minuto)
└── Responsável: Ana

> incidente 1
🔴 P1 inc-1: API e *adquirente* lentas
├── Status: resolvido
├── Aberto: 03:12 (há 1 minuto)
└── Responsável: Ana

🕒 Linha do tempo
├── 03:12 Ana abriu o incidente, P3: API lenta
├── 03:12 Responsável: Ana
├── 03:12 Ana: detectado → triado
├── 03:12 Ana: Adquirente acq-1 fora: ligar, 0800.
├── 03:12 Prioridade: P3 → P1
├── 03:12 Ana mudou o título: API lenta → API e *adquirente* lentas
└── 03:12 Ana: triado → resolvido`);
});

test('the same, in English', async () => {
  await it.say('incident slow API', BOB);
  await it.transcript(
    `
> take incident 1
✅ Done

🟡 P3 inc-1: slow API
├── Status: triaged
├── Opened: 03:12 (1 minute ago)
└── Owner: Bob

> incident 1 note the acquirer answers again, since 03:05
🗒️ Note added to incident inc-1

> incident 1 nobody
✅ Done

🟡 P3 inc-1: slow API
├── Status: triaged
├── Opened: 03:12 (1 minute ago)
└── Owner: nobody

> incident 2 resolved
❌ There is no incident inc-2`,
    BOB,
  );
});

test('behind a number nothing is guessed and nothing is opened', async () => {
  await it.say('incidente API lenta');
  const asked = /^O que fazer com o inc-1\? "incidente 1 nota <texto>"/;
  for (const line of ['incidente 1 resolvdo', 'incidente 1 lojistas parados', 'incidente 1 p9', 'incidente 1 nota'])
    assert.match((await it.say(line)).blocks[0]?.text ?? '', asked, line);
  assert.match(
    (await it.say('abrir incidente 3 lojistas parados')).blocks[0]?.text ?? '',
    /^📝 Incidente inc-2 aberto, P3\n├── 3 lojistas parados\n/,
  );
  assert.match(
    (await it.say('incidente "4 lojistas parados"')).blocks[0]?.text ?? '',
    /^📝 Incidente inc-3 aberto, P3\n├── 4 lojistas parados\n/,
  );
  const rows = await it.database.query('select title, state from incident order by number');
  assert.deepEqual(
    rows,
    ['API lenta', '3 lojistas parados', '4 lojistas parados'].map((title) => ({ title, state: 'detected' })),
  );
});

test('a note that comes twice stands once, and carries no card number and no mark of direction', async () => {
  await it.say('incidente API lenta');
  const text = 'incidente 1 nota cartão 4111 1111 1111 1111 \u202edo lojista <b>*x*</b>';
  await it.say(text, { message_id: 'n' });
  await it.database.query(`update chat_answer set answer = null where message_id = 'n'`);
  await it.say(text, { message_id: 'n' });
  const notes = await it.database.query<{ text: string }>(`select data ->> 'text' as text from incident_entry where kind = 'note'`);
  assert.deepEqual(notes, [{ text: 'cartão **** **** **** 1111  do lojista <b>*x*</b>' }]);
});

test('the lines of the summary of an alert stay apart on the one line of the timeline', async () => {
  const zero = anomalyOf('an_00000a', 12, null, { type: 'zero_transactions' });
  await it.anomalies(zero);
  await it.alerts({ ...alertOf(zero, 'aaaaaaaaaaaaaaa1'), summary: 'código 51\n1.125/min, esperado 141\nDesde 03:00' });
  await it.say('alertas');
  await it.say('incidente API fora');
  const shown = (await it.say('incidente 1')).blocks[0]?.text ?? '';
  assert.match(shown, /Alerta incluído: código 51 · 1\.125\/min, esperado 141 · Desde 03:00$/m);
});
