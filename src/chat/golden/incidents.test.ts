import { after, before, beforeEach, test } from 'node:test';
import { anomalyOf, CALM, createChatUnderTest, recordUptime, type ChatUnderTest } from '../test-chat.ts';

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
└── Para ver os abertos: incidentes

> incidentes
1 incidente aberto

🟡 P3 inc-1: API *lenta* **** **** **** 1111
├── Status: detectado
├── Aberto: 03:12 (há 1 minuto)
└── Responsável: ninguém

> status
✅ Transaction Guardian Status
├── API: healthy (uptime 99,97%)
├── Transações/min: 1.247
├── Taxa aprovação: 94,2%
├── Anomalias (1h): 0
├── Alertas ativos: 0
└── Último incidente: em andamento há 0min (inc-1, P3)`);
});

test('an incident, in English', async () => {
  await it.transcript(
    `
> incident slow API
📝 Incident inc-1 opened, P3
├── slow API
└── To see the open ones: incidents`,
    { sender: '888' },
  );
});

test('the briefing of a night shift, in both languages', async () => {
  await it.anomalies(
    anomalyOf('an_00000a', 100, 12, { severity: 'warning' }),
    anomalyOf('an_00000b', 27, null, {
      type: 'failures_above_normal',
      node: { kind: 'merchant', merchant_id: 'XYZ' },
      slice: { merchant_id: 'XYZ', share: 1 },
    }),
  );
  await it.say('incidente API lenta');
  await it.transcript(`
> briefing
🌙 Briefing Turno Noturno

📊 Últimas 8 horas:
├── Total TX: 598.560
├── Aprovadas: 94,2%
├── Anomalias: 2 (1 resolvida)
└── Incidentes: 0 P1, 0 P2, 1 P3

⚠️ Atenção:
├── Falhas acima do normal · lojista XYZ, desde 02:45 (aberta)
└── Volume baixo, às 01:32 (resolvida)

Bom turno! 🦞`);
  await it.transcript(
    `
> briefing
🌙 Night Shift Briefing

📊 Last 8 hours:
├── Total TX: 598,560
├── Approved: 94.2%
├── Anomalies: 2 (1 resolved)
└── Incidents: 0 P1, 0 P2, 1 P3

⚠️ Watch:
├── Failures above normal · merchant XYZ, since 02:45 (open)
└── Low volume, at 01:32 (resolved)

Have a good shift! 🦞`,
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
