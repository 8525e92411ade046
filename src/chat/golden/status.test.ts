import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { alertOf, anomalyOf, CALM, createChatUnderTest, NIGHT, recordUptime, type ChatUnderTest } from '../test-chat.ts';

let it: ChatUnderTest;
before(async () => void (it = await createChatUnderTest()));
beforeEach(() => it.reset());
after(() => it.close());

/** The example of the contract: 99.97 %, 1,247 a minute, 94.2 %, the last critical anomaly three days ago. */
async function calm(): Promise<void> {
  await it.minutes(60, CALM);
  await recordUptime(it);
  await it.anomalies(anomalyOf('an_000001', 3 * 1440 + 30, 20));
}

test('a calm night, in Portuguese', async () => {
  await calm();
  await it.transcript(`
> status do sistema
✅ Transaction Guardian Status
├── API: healthy (uptime 99,97%)
├── Transações/min: 1.247
├── Taxa aprovação: 94,2%
├── Anomalias (1h): 0
├── Alertas ativos: 0
└── Último incidente: há 3 dias (anomalia crítica)`);
});

test('a calm night, in English', async () => {
  await calm();
  await it.transcript(
    `
> system status
✅ Transaction Guardian Status
├── API: healthy (uptime 99.97%)
├── Transactions/min: 1,247
├── Approval rate: 94.2%
├── Anomalies (1h): 0
├── Active alerts: 0
└── Last incident: 3 days ago (critical anomaly)`,
    { sender: '888' },
  );
});

test('an outage', async () => {
  await it.minutes(60, CALM);
  await recordUptime(it);
  const outage = anomalyOf('an_000002', 12, null, { type: 'failures_above_normal' });
  await it.anomalies(outage);
  await it.alerts(alertOf(outage, 'aaaaaaaaaaaaaaa1'));
  await it.transcript(`
> como está o sistema?
🚨 Transaction Guardian Status
├── API: healthy (uptime 99,97%)
├── Transações/min: 1.247
├── Taxa aprovação: 94,2%
├── Anomalias (1h): 1
├── Alertas ativos: 1
└── Último incidente: em andamento há 12min (anomalia crítica)`);
});

test('a detector that is behind is never shown as fine', async () => {
  await it.minutes(50, CALM, { endsAgo: 10 });
  await it.minutes(10, CALM, { judged: false, scores: false });
  it.health.status = 'degraded';
  await it.transcript(`
> status
🚨 Transaction Guardian Status
├── API: degraded (uptime ainda sem registro)
├── Transações/min: 1.247 (até 03:11)
├── Taxa aprovação: 94,2% (até 03:11)
├── Anomalias (1h): 0 (avaliado até 03:02)
├── Alertas ativos: 0 (avaliado até 03:02)
├── ⚠️ Detector ATRASADO: avaliado até 03:02, 10 min de atraso
└── Último incidente: nenhuma anomalia crítica registrada`);
});

test('a stream that has stopped is never shown as fine', async () => {
  await it.minutes(60, CALM, { endsAgo: 15 });
  await it.minutes(15, {}, { state: 'silent', scores: false });
  await it.transcript(`
> health check
🚨 Transaction Guardian Status
├── API: healthy (uptime ainda sem registro)
├── Transações/min: sem dados (última às 02:56)
├── Taxa aprovação: 94,2% (até 02:56)
├── Anomalias (1h): 0 (avaliado até 03:12)
├── Alertas ativos: 0 (avaliado até 03:12)
├── ⚠️ Fluxo PARADO: nada chega ao monitoramento (última transação: 02:56)
└── Último incidente: nenhuma anomalia crítica registrada`);
});

test('a stream that stopped hours ago says when, and hides no alert that is open', async () => {
  await it.minutes(60, CALM, { endsAgo: 120 });
  await it.minutes(120, {}, { state: 'silent', scores: false });
  const outage = anomalyOf('an_000002', 125, null, { type: 'zero_transactions' });
  await it.anomalies(outage);
  await it.alerts(alertOf(outage, 'aaaaaaaaaaaaaaa1'));
  await it.transcript(
    `
> status
🚨 Transaction Guardian Status
├── API: healthy (uptime not recorded yet)
├── Transactions/min: no data (last at 01:11)
├── Approval rate: no data (last at 01:11)
├── Anomalies (1h): 1 (judged up to 03:12)
├── Active alerts: 1 (judged up to 03:12)
├── ⚠️ Stream STALLED: nothing reaches the monitoring (last transaction: 01:11)
└── Last incident: going on for 2h05 (critical anomaly)`,
    { sender: '888' },
  );
});

test('nothing has come yet', async () => {
  await it.transcript(`
> status
⚠️ Transaction Guardian Status
├── API: healthy (uptime ainda sem registro)
├── Transações/min: sem dados
├── Taxa aprovação: sem dados
├── Anomalias (1h): 0 (nada avaliado)
├── Alertas ativos: 0 (nada avaliado)
├── ⚠️ Nenhum minuto de transações fechado ainda
└── Último incidente: nenhuma anomalia crítica registrada`);
});

test('a part that is not well is named', async () => {
  await it.minutes(60, CALM);
  it.health.status = 'degraded';
  it.health.checks = {
    proof: { status: 'degraded', reasons: [{ code: 'part_proof_never', params: { receiver: 'clawdbot' } }] },
    'receiver:clawdbot': {
      status: 'degraded',
      detail: 'ECONNREFUSED; breaker open',
      reasons: [
        { code: 'failure_refused', params: { message: 'ECONNREFUSED' } },
        { code: 'part_breaker_open', params: {} },
      ],
    },
    log: {
      status: 'degraded',
      reasons: [
        {
          ...{ code: 'part_spooled', params: { records: 12_345, bytes: 2_000_000, most: 64_000_000, seconds: 130 } },
          cause: { code: 'failure_no_answer', params: { message: 'The log did not confirm records within 3000 ms.' } },
        },
      ],
    },
    alert: {
      status: 'degraded',
      reasons: [
        {
          ...{ code: 'part_receiver_failing', params: { receiver: 'clawdbot', since: new Date(NIGHT).toISOString() } },
          cause: { code: 'failure_refused', params: { message: 'ECONNREFUSED' } },
        },
      ],
    },
    disk: { status: 'degraded', reasons: [{ code: 'self_disk_filling', params: { hours: 2.4, free: 900 } }] },
    data: { status: 'degraded', losses: [{ at: new Date(NIGHT).toISOString(), part: 'database', why: 'rebuilt' }] },
    store: { status: 'ok' },
  };
  await it.transcript(`
> status
⚠️ Transaction Guardian Status
├── API: degraded (uptime ainda sem registro)
├── Transações/min: 1.247
├── Taxa aprovação: 94,2%
├── Anomalias (1h): 0
├── Alertas ativos: 0
├── ⚠️ Teste de entrega (canário) sem comprovação no prazo
├── ⚠️ destinatário clawdbot: degradado (conexão recusada; disjuntor aberto: as tentativas pausam)
├── ⚠️ log durável: degradado (12.345 registros aceitos aguardam no spool (2.000.000 de 64.000.000 bytes, o mais antigo há 2m 10s): sem resposta no prazo)
├── ⚠️ disco: degradado (cheio em 2,4 h no ritmo da última hora; 900 MB livres)
├── ⚠️ arquivos de dados: degradado (28/11, 03:12: o banco de dados foi reconstruído a partir do log)
└── Último incidente: nenhuma anomalia crítica registrada`);
});

test('an alert that is held back is not active, and nothing looks well with it', async () => {
  await calm();
  const low = anomalyOf('an_00000b', 12, null, { severity: 'warning' });
  await it.anomalies(low);
  await it.alerts(alertOf(low, 'aaaaaaaaaaaaaaa2'));
  await it.say('alertas');
  await it.say('1s');
  await it.transcript(`
> status
⚠️ Transaction Guardian Status
├── API: healthy (uptime 99,97%)
├── Transações/min: 1.247
├── Taxa aprovação: 94,2%
├── Anomalias (1h): 1
├── Alertas ativos: 0 (+1 retido: soneca, silêncio ou consequência)
└── Último incidente: há 3 dias (anomalia crítica)`);
  await it.say('cancelar soneca 1');
  await it.say('ack 1');
  const answer = await it.say('status');
  assert.match(answer.blocks[0]?.text ?? '', /^🚨[\s\S]*Alertas ativos: 1\n/, 'somebody works on it: it is active');
});

test('how old the last proof of each receiver is, and what nothing proves is not well', async () => {
  await calm();
  const at = { last_proven_at: '2026-11-28T06:00:00Z' };
  const clawdbot = { receiver: 'clawdbot', channel: 'webhook', ...at, age_s: 200, state: 'proven' as const, error: null };
  const chats = [
    { channel: 'telegram', to: '777', ...at, age_s: 200 },
    { channel: 'whatsapp', to: '+5511987654321', ...at, age_s: 7300 },
  ];
  const phone = { receiver: 'phone', channel: 'telegram', last_proven_at: null, age_s: null, state: 'unknown' as const, error: null };
  it.deliveries = [
    { ...clawdbot, chats },
    { ...phone, chats: [] },
  ];
  await it.transcript(`
> status
✅ Transaction Guardian Status
├── API: healthy (uptime 99,97%)
├── Transações/min: 1.247
├── Taxa aprovação: 94,2%
├── Anomalias (1h): 0
├── Alertas ativos: 0
├── Última entrega comprovada: clawdbot há 3 minutos (telegram há 3 minutos, whatsapp há 2 horas), phone nunca
└── Último incidente: há 3 dias (anomalia crítica)`);
  it.deliveries = [
    {
      ...{ ...clawdbot, state: 'unproven' },
      chats: [...chats, { channel: 'telegram', to: '-100500', ...at, age_s: 30 }],
    },
    { ...phone, state: 'failing', chats: [] },
  ];
  const english = (await it.say('status', { sender: '888' })).blocks[0]?.text ?? '';
  assert.match(english, /^⚠️ Transaction Guardian Status\n/);
  assert.ok(
    english.includes(
      '├── ⚠️ Last proven delivery: clawdbot 3 minutes ago (the newest not proven, telegram …777 3 minutes ago, whatsapp 2 hours ago, telegram …0500 30 seconds ago), phone never (failing)\n',
    ),
    english,
  );
});
