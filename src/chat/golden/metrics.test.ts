import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { ago, anomalyOf, CALM, createChatUnderTest, type ChatUnderTest } from '../test-chat.ts';

let it: ChatUnderTest;
before(async () => void (it = await createChatUnderTest()));
beforeEach(() => it.reset());
after(() => it.close());

test('the approval rate, in Portuguese and English', async () => {
  await it.minutes(60, CALM);
  await it.transcript(`
> taxa de aprovação
📈 Taxa de aprovação
├── Agora: 94,2% (03:07–03:11)
├── Esperado: 94,2% (93,4–94,9%)
├── Última hora: 94,2% (mín 94,2%, máx 94,2%)
└── ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄`);
  await it.transcript(
    `
> what is the approval rate?
📈 Approval rate
├── Now: 94.2% (03:07–03:11)
├── Expected: 94.2% (93.4–94.9%)
├── Last hour: 94.2% (min 94.2%, max 94.2%)
└── ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄`,
    { sender: '888' },
  );
});

test('denials that rise are above what was expected', async () => {
  await it.minutes(48, CALM, { endsAgo: 12 });
  await it.minutes(12, { approved: 910, 'denied///51': 325, failed: 12 });
  await it.transcript(`
> negadas
📈 Negadas
├── Agora: 325/min (03:11)
├── Esperado: 60/min (36–84/min) ⚠️ acima do esperado
├── Última hora: 6.780 no total, média 113/min (mín 60/min, máx 325/min)
└── ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▆████

> taxa de aprovação
📈 Taxa de aprovação
├── Agora: 73,0% (03:07–03:11)
├── Esperado: 94,2% (93,4–94,9%) ⚠️ abaixo do esperado
├── Última hora: 90,0% (mín 73,0%, máx 94,2%)
└── ███████████████████▃▁▁▁▁`);
});

test('of a merchant in a wave of denials the rate is below that of the day before, whatever volume the forecast follows', async () => {
  const usual = { ...CALM, 'approved/loja-1/acq-1': 45, 'denied/loja-1/acq-1/51': 5 };
  await it.minutes(115, usual, { endsAgo: 5 });
  await it.minutes(5, { ...usual, 'denied/loja-1/acq-1/51': 205 });
  it.forecast = async ({ node, slice }) => {
    const expected = slice.status === 'approved' ? 45 : 200;
    const step = { minute: ago(0), expected, low80: 0, high80: expected, low99: 0, high99: expected, learning: false };
    return { node, from: ago(0), step_minutes: 1, learning: false, items: [step], drifts: [], detector_version: '1' };
  };
  await it.transcript(`
> taxa de aprovação do lojista loja-1
📈 Taxa de aprovação · lojista loja-1
├── Agora: 18,0% (03:07–03:11)
├── Esperado: 90,0% (87,6–92,0%) ⚠️ abaixo do esperado
├── Última hora: 67,5% (mín 18,0%, máx 90,0%)
└── ██████████████████████▁▁`);
});

test('of a merchant, and the next question about another', async () => {
  await it.minutes(60, { ...CALM, 'approved/loja-1/acq-1': 45, 'denied/loja-1/acq-1/51': 5, 'approved/loja-2/acq-1': 20 });
  it.forecast = async ({ node, slice }) => {
    const expected = slice.merchant_id === 'loja-1' ? (slice.status === 'approved' ? 45 : 50) : 20;
    const step = {
      minute: ago(0),
      expected,
      low80: expected - 5,
      high80: expected + 5,
      low99: expected - 12,
      high99: expected + 12,
      learning: false,
    };
    return { node, from: ago(0), step_minutes: 1, learning: false, items: [step], drifts: [], detector_version: '1' };
  };
  await it.transcript(
    `
> taxa de aprovação do lojista loja-1
📈 Taxa de aprovação · lojista loja-1
├── Agora: 90,0% (03:07–03:11)
├── Esperado: 90,0% (84,0–93,9%)
├── Última hora: 90,0% (mín 90,0%, máx 90,0%)
└── ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄

> e o volume?
📈 Volume · lojista loja-1
├── Agora: 50/min (03:11)
├── Esperado: 50/min (38–62/min)
├── Última hora: 3.000 no total, média 50/min (mín 50/min, máx 50/min)
└── ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄

> e a do lojista loja-2?
📈 Volume · lojista loja-2
├── Agora: 20/min (03:11)
├── Esperado: 20/min (8–32/min)
├── Última hora: 1.200 no total, média 20/min (mín 20/min, máx 20/min)
└── ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄

> negadas no código 51
📈 Negadas · código 51
├── Agora: 65/min (03:11)
├── Esperado: 20/min (8–32/min) ⚠️ acima do esperado
├── Última hora: 3.900 no total, média 65/min (mín 65/min, máx 65/min)
└── ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄`,
  );
});

test('of a period, with minutes that nobody knows as dots', async () => {
  await it.minutes(20, CALM, { endsAgo: 10 });
  await it.minutes(10, {}, { state: 'silent', scores: false });
  await it.transcript(`
> volume entre 2h42 e 3h12
📈 Volume (02:42–03:11)
├── No período: 24.940 no total, média 1.247/min (mín 1.247/min, máx 1.247/min)
├── ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄········
└── ⚠️ 10 de 30 minutos sem dados: fora destes números

⚠️ Fluxo PARADO: nada chega ao monitoramento (última transação: 03:01)`);
});

test('the list, lag, latency and what was lost', async () => {
  await it.minutes(60, CALM);
  await it.anomalies(
    anomalyOf('an_00000a', 50, 20, { lost_transactions: 400, lost_by_currency: [{ currency: 'BRL', amount: 32_000 }] }),
    anomalyOf('an_00000b', 10, null, { lost_transactions: 155, lost_by_currency: [{ currency: 'BRL', amount: 12_400 }] }),
  );
  it.latency.push(
    { minute: Date.parse(ago(2)), count: 90, p50: 0.003, p99: 0.212 },
    { minute: Date.parse(ago(1)), count: 60, p50: 0.003, p99: 0.045 },
  );
  await it.transcript(`
> métricas
📈 Métricas
├── Taxa de aprovação
├── Volume
├── Aprovadas
├── Negadas
├── Falhas
├── Estornos
├── Estornos do backend
├── Reembolsos
├── Latência da API
├── Atraso
└── Valor perdido

Com lojista, adquirente, código ou período: "negadas da adquirente X", "volume ontem"

> latência da API
⏱️ Latência da API
├── Agora: p50 3,0 ms, p99 45 ms (03:11)
├── Última hora: p99 máx 212 ms, 150 requisições em 2 min
└── █▁

> atraso
⏱️ Atraso
├── Registros na fila: 0
├── Minutos sem avaliação: 0
└── Detector: em dia (avaliado até 03:12)

> valor perdido
💸 Valor perdido (última hora)
├── Em aberto: ~R$ 12,4 mil, 155 aprovadas a menos (1 anomalia)
├── No período: ~R$ 44,4 mil, 555 aprovadas a menos (2 anomalias)
└── Estimativa: aprovadas a menos × ticket médio`);
});

test('a chart comes with a metric, from the same minutes, and none without enough of them', async () => {
  await it.minutes(60, CALM);
  const { attachments } = await it.say('taxa de aprovação');
  const [chart] = attachments;
  assert.deepEqual(
    [chart?.type, chart?.name, chart?.description],
    ['image/png', 'approval-rate.png', 'Taxa de aprovação, 02:12–03:11: 94,2% no último minuto'],
  );
  const png = Buffer.from(chart?.data ?? '', 'base64');
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [chart?.width, chart?.height]);
  assert.ok(png.length < 200_000, `${png.length} bytes`);
  assert.deepEqual((await it.say('latência da API')).attachments, []);
  await it.reset();
  await it.minutes(3, CALM);
  assert.deepEqual((await it.say('volume')).attachments, []);
});
