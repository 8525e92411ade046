import { after, before, beforeEach, test } from 'node:test';
import { anomalyOf, CALM, createChatUnderTest, type ChatUnderTest } from '../test-chat.ts';

let it: ChatUnderTest;
before(async () => void (it = await createChatUnderTest()));
beforeEach(() => it.reset());
after(() => it.close());

const figures = (z_score: number, ml_score: number) => ({
  minute: '2026-11-28T04:32:00.000Z',
  observed: 1,
  expected: 1,
  expected_low: 1,
  expected_high: 1,
  z_score,
  ml_score,
  p_value: 0.001,
});

/** The example of the contract, at night: two anomalies, both over. */
async function example(): Promise<void> {
  await it.minutes(180, CALM);
  await it.anomalies(
    anomalyOf('an_00000a', 100, 12, { peak: figures(-2.8, 0.87) }),
    anomalyOf('an_00000b', 27, 5, { type: 'spike', peak: figures(3.1, 0.78) }),
  );
}

test('the last two hours, in Portuguese', async () => {
  await example();
  await it.transcript(`
> anomalias últimas 2 horas
🔍 Anomalias (últimas 2h):

01:32 - Volume baixo #1
├── Score ML: 0,87
├── Z-Score: -2,8
├── Status: Resolvido
└── Duração: 12min

02:45 - Pico de volume #2
├── Score ML: 0,78
├── Z-Score: 3,1
├── Status: Resolvido
└── Duração: 5min

Total: 2 anomalias, ambas resolvidas`);
});

test('the last two hours, in English', async () => {
  await example();
  await it.transcript(
    `
> anomalies last 2 hours
🔍 Anomalies (last 2h):

01:32 - Low volume #1
├── ML score: 0.87
├── Z-score: -2.8
├── Status: Resolved
└── Duration: 12min

02:45 - Volume spike #2
├── ML score: 0.78
├── Z-score: 3.1
├── Status: Resolved
└── Duration: 5min

Total: 2 anomalies, both resolved`,
    { sender: '888' },
  );
});

test('the last hour, tonight, between two times, and what is still open', async () => {
  await it.minutes(200, CALM);
  await it.anomalies(anomalyOf('an_00000a', 20, null, { peak: figures(-9.5, 0.99) }));
  await it.transcript(`
> anomalias última hora
🔍 Anomalias (última hora):

02:52 - Volume baixo #1
├── Score ML: 0,99
├── Z-Score: -9,5
├── Status: Em aberto
└── Duração: 20min

Total: 1 anomalia, ainda aberta

> anomalias entre 1h e 2h
✅ Nenhuma anomalia (01:00–01:59)

> e esta madrugada?
🔍 Anomalias (00:00–03:11):

02:52 - Volume baixo #1
├── Score ML: 0,99
├── Z-Score: -9,5
├── Status: Em aberto
└── Duração: 20min

Total: 1 anomalia, ainda aberta`);
});

test('a period of which not everything was judged is not called free of anomalies', async () => {
  await it.minutes(60, CALM);
  await it.transcript(`
> anomalias ontem
⚠️ Nenhuma anomalia registrada (27/11, 00:00–23:59), mas nem tudo foi avaliado

⚠️ 1.440 de 1.440 minutos do período sem avaliação: podem esconder anomalias

> anomalias últimas 3 horas
⚠️ Nenhuma anomalia registrada (últimas 3h), mas nem tudo foi avaliado

⚠️ 115 de 175 minutos do período sem avaliação: podem esconder anomalias`);
});
