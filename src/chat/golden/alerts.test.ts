import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { ago, alertOf, anomalyOf, CALM, createChatUnderTest, HOST_DOWN, type ChatUnderTest } from '../test-chat.ts';

let it: ChatUnderTest;
before(async () => void (it = await createChatUnderTest()));
beforeEach(() => it.reset());
after(() => it.close());

async function outage(): Promise<void> {
  const denied = anomalyOf('an_00000a', 12, null, {
    type: 'denials_above_normal',
    node: { kind: 'status', status: 'denied' },
    slice: { status: 'denied', auth_code: '51', share: 0.97 },
    reasons: [
      { code: 'above', params: { what: 'denied', observed: 325, expected: 60, z: 30.7 } },
      { code: 'code', params: { share: 0.97, code: '51' } },
    ],
    lost_transactions: 3180,
    lost_by_currency: [{ currency: 'BRL', amount: 254_400 }],
  });
  const slow = anomalyOf('an_00000b', 40, null, {
    severity: 'warning',
    node: { kind: 'merchant', merchant_id: 'loja-9' },
    slice: { merchant_id: 'loja-9', share: 1 },
    reasons: [{ code: 'below', params: { what: 'total', observed: 2, expected: 14, z: -4.1 } }],
  });
  await it.anomalies(denied, slow);
  await it.alerts(alertOf(slow, 'aaaaaaaaaaaaaaa2'), alertOf(denied, 'aaaaaaaaaaaaaaa1'));
}

test('two alerts, the worst first, in Portuguese', async () => {
  await it.minutes(60, CALM);
  await outage();
  await it.transcript(`
> mostra alertas
🚨 2 Alertas Ativos

🔴 Negadas acima do normal · código 51 #1
├── Severidade: Crítico
├── Início: 03:00 (há 12 minutos)
├── Perda: 3.180 aprovadas a menos (~R$ 254,4 mil)
└── Descrição: Negadas 325,0/min contra 60,0 esperadas (z +30,7); 97% no código 51.

🟡 Volume baixo · lojista loja-9 #2
├── Severidade: Atenção
├── Início: 02:32 (há 40 minutos)
└── Descrição: Total 2,0/min contra 14,0 esperados (z -4,1).`);
});

test('a loss that the detector has not reported again for minutes names its time', async () => {
  await it.minutes(60, CALM);
  const outage = anomalyOf('an_00000c', 8, null, { type: 'zero_transactions', lost_transactions: 75 });
  await it.anomalies({ ...outage, updated_at: ago(7) });
  await it.alerts(alertOf(outage, 'aaaaaaaaaaaaaaa3'));
  const { blocks } = await it.say('alertas');
  assert.match(blocks[0]?.text ?? '', /── Perda: 75 aprovadas a menos \(até 03:05\)$/m);
});

test('one alert, in English', async () => {
  await it.minutes(60, CALM);
  const zero = anomalyOf('an_00000c', 5, null, { type: 'zero_transactions' });
  await it.anomalies(zero);
  await it.alerts(alertOf(zero, 'aaaaaaaaaaaaaaa3'));
  await it.transcript(
    `
> show alerts
🚨 1 Active Alert

🔴 Zero transactions #1
├── Severity: Critical
└── Started: 03:07 (5 minutes ago)`,
    { sender: '888' },
  );
});

test('none, and everything is judged', async () => {
  await it.minutes(60, CALM);
  await it.transcript(`
> alertas
✅ Nenhum alerta ativo no momento!

> problemas
✅ Nenhum alerta ativo no momento!`);
});

test('none, but the detector is behind', async () => {
  await it.minutes(50, CALM, { endsAgo: 10 });
  await it.minutes(10, CALM, { judged: false, scores: false });
  await it.transcript(`
> alertas
⚠️ Nenhum alerta ativo, mas nem tudo foi avaliado

⚠️ Detector ATRASADO: avaliado até 03:02, 10 min de atraso`);
});

test('those of one merchant', async () => {
  await it.minutes(60, { ...CALM, 'approved/loja-9/acq-1': 14 });
  await outage();
  await it.transcript(`
> alertas do lojista LOJA-9
🚨 1 Alerta Ativo

🟡 Volume baixo · lojista loja-9 #1
├── Severidade: Atenção
├── Início: 02:32 (há 40 minutos)
└── Descrição: Total 2,0/min contra 14,0 esperados (z -4,1).

> alertas do lojista loja-8
Nenhuma transação nas últimas 24 horas para o lojista loja-8. Você quis dizer loja-9?`);
});

test('what Alertmanager holds of other rules stands apart, and what it does not have yet is marked', async () => {
  await it.minutes(60, CALM);
  await outage();
  const ours = { ...HOST_DOWN, fingerprint: 'aaaaaaaaaaaaaaa1', name: 'GuardianDenialsAboveNormal' };
  it.held = { alerts: [{ ...HOST_DOWN, isSuppressed: true }, ours], absent: ['am-2'], hasOurs: true };
  await it.transcript(`
> alertas
🚨 3 Alertas Ativos

🔴 Negadas acima do normal · código 51 #1
├── Severidade: Crítico
├── Início: 03:00 (há 12 minutos)
├── Perda: 3.180 aprovadas a menos (~R$ 254,4 mil)
└── Descrição: Negadas 325,0/min contra 60,0 esperadas (z +30,7); 97% no código 51.

🟡 Volume baixo · lojista loja-9 #2
├── Severidade: Atenção
├── Início: 02:32 (há 40 minutos)
├── ⏳ Ainda não está no Alertmanager
└── Descrição: Total 2,0/min contra 14,0 esperados (z -4,1).

Só no Alertmanager, de outras regras: 1

🔴 HostDown #3
├── Severidade: Crítico
├── Início: 03:02 (há 10 minutos)
├── 🔕 Silenciado ou inibido no Alertmanager
└── Descrição: db-1 não responde

⚠️ Não responde: am-2`);
});

test('an Alertmanager that does not answer is named, and the list is ours alone', async () => {
  await it.minutes(60, CALM);
  it.held = { alerts: null, absent: ['am-1'], hasOurs: true };
  await it.transcript(`
> alertas
✅ Nenhum alerta ativo no momento!

⚠️ O Alertmanager não responde (am-1): estes são só os alertas do Transaction Guardian`);
});
