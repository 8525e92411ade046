import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Alert } from '@transaction-guardian/contracts/alert.ts';
import { deliverPages } from '../../briefing/test-pages.ts';
import { makeBriefings } from '../../briefing/make-briefings.ts';
import { writeAlerts } from '../../store/verbs/alert/write-alerts.ts';
import { BOB } from '../test-alerts.ts';
import { alertOf, anomalyOf, CALM, createChatUnderTest, NIGHT, recordUptime, type ChatUnderTest } from '../test-chat.ts';

let it: ChatUnderTest;
before(async () => void (it = await createChatUnderTest()));
beforeEach(async () => {
  await it.reset();
  await it.minutes(480, CALM);
});
after(() => it.close());

const withSummary = (alert: Alert, summary: string): Alert => ({ ...alert, summary });
/** What the stage does at midnight. */
const makeDue = () =>
  it.database.transaction((tx) =>
    makeBriefings(tx, NIGHT, {
      shifts: [{ name: 'night', start: '00:00', end: '08:00' }],
      timeZone: 'America/Sao_Paulo',
      localeOf: () => 'pt-BR',
      receivers: [],
      externalUrl: '',
      gather: { pagesBudget: 2, shiftsAWeek: 7 },
      lateMs: 90_000,
      judged: true,
    }),
  );

test('the briefing of a night shift, in both languages', async () => {
  const failing = anomalyOf('an_00000b', 27, null, {
    type: 'failures_above_normal',
    node: { kind: 'merchant', merchant_id: 'XYZ' },
    slice: { merchant_id: 'XYZ', share: 1 },
  });
  const low = anomalyOf('an_00000a', 100, 12, { severity: 'warning' });
  await it.anomalies(low, failing);
  await it.alerts(
    withSummary(alertOf(failing, 'aaaaaaaaaaaaaaa1'), 'Merchant XYZ com taxa de falha 12%'),
    withSummary(alertOf(low, 'aaaaaaaaaaaaaaa2'), 'Volume baixo às 01:32'),
  );
  await it.say('incidente API lenta');
  await it.transcript(`
> briefing
🌙 Briefing Turno Noturno

📊 Últimas 8 horas:
├── Total TX: 598.560
├── Aprovadas: 94,2%
├── Anomalias: 2 (1 resolvida)
├── Incidentes: 0 P1, 0 P2, 1 P3
├── Mensagens ao plantão: 0 (orçamento: 2)
└── 0% dos alertas terminaram em até 5 min

⚠️ Atenção:
├── Merchant XYZ com taxa de falha 12%
└── Volume baixo às 01:32 (resolvido)

📋 Pendências:
├── inc-1 P3: API lenta
└── Merchant XYZ com taxa de falha 12%

🩺 Sistema:
├── Detector em dia
└── Entrega de mensagens sem falhas

Bom turno! 🦞`);
  await it.transcript(
    `
> briefing
🌙 Night Shift Briefing

📊 Last 8 hours:
├── Total TX: 598,560
├── Approved: 94.2%
├── Anomalies: 2 (1 resolved)
├── Incidents: 0 P1, 0 P2, 1 P3
├── Pages: 0 (budget: 2)
└── 0% of the alerts ended within 5 min

⚠️ Attention:
├── Merchant XYZ com taxa de falha 12%
└── Volume baixo às 01:32 (resolved)

📋 Pending:
├── inc-1 P3: API lenta
└── Merchant XYZ com taxa de falha 12%

🩺 System:
├── Detector up to date
└── Messages are delivered

Have a good shift! 🦞`,
    BOB,
  );
});

test('without data, or with a detector that is behind, the briefing says so', async () => {
  await it.reset();
  assert.match(
    (await it.say('briefing')).blocks[0]?.text ?? '',
    /Aprovadas: sem transações[\s\S]*⚠️ O detector ainda não avaliou todos os minutos[\s\S]*Nenhum minuto de transações fechado ainda$/,
  );
});

test('a briefing that waits is accepted by its button or by a reply; the second one gets the name of the first', async () => {
  await recordUptime(it);
  await it.say('incidente API lenta');
  await it.transcript('> aceito\nNenhum briefing de turno para aceitar ainda');
  await makeDue();
  const asked = await it.say('briefing');
  assert.match(asked.blocks[0]?.text ?? '', /\n\n🤝 O briefing do turno night \(00:00\) espera quem aceite: "aceito"$/);
  assert.deepEqual(asked.buttons, [{ label: 'Aceitar', text: 'aceitar briefing night-2026-11-28-start', style: 'primary' }]);
  await it.transcript(`
> aceitar briefing night-2026-11-28-start
🤝 Briefing do turno night (00:00) aceito por Ana
Com você agora (1):
└── inc-1 P3: API lenta`);
  await it.transcript('> accept\n⚠️ Ana accepted this briefing at 03:12', BOB);
  await it.transcript('> accept briefing night-2026-11-29-start\n❌ There is no such briefing', BOB);
  assert.doesNotMatch((await it.say('briefing')).blocks[0]?.text ?? '', /🤝/);
});

test('what ended since the briefing was made is not handed over as if it still waited', async () => {
  await recordUptime(it);
  const failing = anomalyOf('an_00000b', 27, null, { type: 'failures_above_normal' });
  const low = anomalyOf('an_00000a', 20, null);
  const told = [
    withSummary(alertOf(failing, 'aaaaaaaaaaaaaaa1'), '🚨 CRÍTICO: Falhas acima do normal'),
    withSummary(alertOf(low, 'aaaaaaaaaaaaaaa2'), '🚨 CRÍTICO: Volume baixo'),
  ] as const;
  await it.alerts(...told);
  await makeDue();
  const ended: Alert = { ...told[1], status: 'resolved', ends_at: told[1].updated_at };
  await writeAlerts(it.database, [{ alert: ended, translations: {}, groupKey: 'g', version: 2 }]);
  await it.transcript(`
> aceito
🤝 Briefing do turno night (00:00) aceito por Ana
Com você agora (1):
└── 🚨 CRÍTICO: Falhas acima do normal
Não espera mais (1):
└── 🚨 CRÍTICO: Volume baixo`);
});

test('a noisy cause is demoted by the button of the briefing, and taken back by the next one', async () => {
  await deliverPages(it.database, { n: 20, until: NIGHT, severity: 'warning', merchant: 'loja-9' });
  const asked = await it.say('briefing');
  const tap = asked.buttons[0]?.text ?? '';
  assert.match(tap, /^rebaixar [0-9a-f]{8}$/);
  const done = await it.say(tap);
  assert.equal(
    done.blocks[0]?.text,
    '📉 Rebaixado até 05/12, 03:12: alerta: Volume baixo, lojista: loja-9. Os alertas continuam nas listas; no fim, o aviso diz o que ficou oculto. Acima de Atenção, avisa como sempre.',
  );
  assert.match(
    (await it.say(done.buttons[0]?.text ?? '')).blocks[0]?.text ?? '',
    /^🔔 Silêncio encerrado: alerta: Volume baixo, lojista: loja-9$/,
  );
  await it.transcript('> demote 00000000\n❌ No briefing proposes to demote 00000000', BOB);
});
