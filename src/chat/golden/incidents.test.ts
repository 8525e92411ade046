import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { CALM, createChatUnderTest, recordUptime, type ChatUnderTest } from '../test-chat.ts';

let it: ChatUnderTest;
before(async () => void (it = await createChatUnderTest()));
beforeEach(async () => {
  await it.reset();
  await it.minutes(480, CALM);
});
after(() => it.close());

test('an incident is opened, listed, and is the last one of the status', async () => {
  await recordUptime(it);
  await it.transcript(`
> incidentes
✅ Nenhum incidente aberto

> incidente API *lenta* 4111 1111 1111 1111
📝 Incidente inc-1 aberto, P3
├── API *lenta* **** **** **** 1111
└── Seguir: incidente 1 nota <texto>, incidente 1 resolvido

> incidentes
1 incidente aberto

🟡 P3 inc-1: API *lenta* **** **** **** 1111
├── Status: detectado
├── Aberto: 03:12 (há 1 minuto)
└── Responsável: ninguém

> status
⚠️ Transaction Guardian Status
├── API: healthy (uptime 99,97%)
├── Transações/min: 1.247
├── Taxa aprovação: 94,2%
├── Anomalias (1h): 0
├── Alertas ativos: 0
└── Último incidente: em andamento há 1min (inc-1, P3)`);
});

test('mean times of incidents, of a period, and of another one when it is asked again', async () => {
  await it.say('incidente API fora');
  await it.say('incidente 1 P1');
  await it.say('incidente 1 resolvido');
  await it.say('incidente fila parada');
  it.clock.at += 60_000;
  await it.transcript(`
> mttr
📐 2 incidentes, 1 aberto: últimos 30 dias
├── MTTD: – (primeiro minuto ruim até a detecção)
├── Entrega: – (detecção até a primeira mensagem)
├── MTTA: – (detecção até a primeira ação)
├── MTTR: 0s (primeiro minuto ruim até a resolução)
└── MTBF: – (sem incidente, entre duas falhas)

🔴 P1: 1 · MTTD – · MTTA – · MTTR 0s · MTBF –
🟡 P3: 1 · MTTD – · MTTA – · MTTR – · MTBF –

> e ontem?
Nenhum incidente: 27/11, 00:00–23:59`);
  await it.transcript(
    `
> incident times last 7 days
📐 2 incidents, 1 open: last 7 days
├── MTTD: – (first bad minute to detection)
├── Delivery: – (detection to the first message)
├── MTTA: – (detection to the first act)
├── MTTR: 0s (first bad minute to resolution)
└── MTBF: – (without an incident, between two failures)

🔴 P1: 1 · MTTD – · MTTA – · MTTR 0s · MTBF –
🟡 P3: 1 · MTTD – · MTTA – · MTTR – · MTBF –`,
    { sender: '888' },
  );
});

test('of several open incidents the status names the worst, and how many more there are', async () => {
  for (const line of ['incidente API fora', 'incidente 1 P1', 'incidente fila parada', 'incidente lojista reclama']) await it.say(line);
  const last = async () => (await it.say('status')).blocks[0]?.text.split('\n').at(-1);
  assert.equal(await last(), '└── Último incidente: em andamento há 1min (inc-1, P1), e mais 2 abertos');
  await it.say('incidente 1 resolvido');
  await it.say('incidente 3 resolvido');
  assert.equal(await last(), '└── Último incidente: em andamento há 1min (inc-2, P3)');
  await it.say('incidente 2 resolvido');
  assert.match((await last()) ?? '', /há 1 minuto \(inc-3, P3\)$/);
});

test('an incident, in English', async () => {
  await it.transcript(
    `
> incident slow API
📝 Incident inc-1 opened, P3
├── slow API
└── Go on: incident 1 note <text>, incident 1 resolved`,
    { sender: '888' },
  );
});

test('who is on call, in both languages', async () => {
  await it.transcript(`
> plantão
📟 Plantão night
├── Agora: Ana, até 08:00
└── Depois: Bob, a partir de 08:00`);
  await it.transcript(
    `
> who is on call?
📟 On call: night
├── Now: Ana, until 08:00
└── Next: Bob, from 08:00`,
    { sender: '888' },
  );
});
