import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Forecast } from '@transaction-guardian/contracts/forecast.ts';
import type { Problem } from '@transaction-guardian/contracts/problem.ts';
import type { ForecastQuery } from '../../detect/forecast/forecast.ts';
import { GuardianError } from '../../errors.ts';
import { createRequestLanguage } from '../request-language.ts';
import { createTestServer } from '../server-under-test.ts';
import { registerForecastRoute } from './forecast.ts';

const ANSWER: Forecast = {
  node: 'fleet',
  from: '2026-11-22T12:00:00.000Z',
  step_minutes: 1,
  learning: false,
  items: [{ minute: '2026-11-22T12:00:00.000Z', expected: 100, low80: 87, high80: 113, low99: 75, high99: 127, learning: false }],
  drifts: [],
  detector_version: '2',
};

async function ask(url: string, forecast: (query: ForecastQuery) => Promise<Forecast | null>, language = 'en') {
  const { app } = await createTestServer({
    deps: { routes: [(server) => registerForecastRoute(server, { forecast, language: createRequestLanguage('pt-BR') })] },
  });
  const response = await app.inject({ url, headers: { 'accept-language': language } });
  await app.close();
  return response;
}

test('the forecast of the fleet for an hour, minute by minute, is what is asked by default', async () => {
  const asked: ForecastQuery[] = [];
  const response = await ask('/forecast', async (query) => {
    asked.push(query);
    return ANSWER;
  });
  assert.equal(response.statusCode, 200);
  assert.deepEqual(response.json(), ANSWER);
  assert.deepEqual(asked, [{ node: 'fleet', slice: {}, minutes: 60, step: 1 }]);
});

test('a long horizon comes in quarters of an hour, and a step that is asked for is kept', async () => {
  const steps: number[] = [];
  const note = async ({ step }: ForecastQuery) => {
    steps.push(step);
    return ANSWER;
  };
  await ask('/forecast?minutes=1440', note);
  await ask('/forecast?minutes=1440&step=60&node=merchant_status:m-1:denied', note);
  assert.deepEqual(steps, [15, 60]);
});

test('a node that was never counted is not found, by name and in the language of the caller', async () => {
  const response = await ask('/forecast?node=merchant:m-9', async () => null, 'pt-BR');
  assert.equal(response.statusCode, 404);
  assert.equal(response.json<Problem>().detail, 'Nenhuma transação foi contada para merchant:m-9.');
});

test('a wrong horizon, step, node or parameter is refused by field', async () => {
  for (const [query, field] of [
    ['minutes=1441', 'minutes'],
    ['minutes=0', 'minutes'],
    ['step=7', 'step'],
    ['node=planet:mars', 'node'],
    ['horizon=5', 'horizon'],
  ]) {
    const response = await ask(`/forecast?${query}`, async () => ANSWER);
    assert.equal(response.statusCode, 400, query);
    assert.equal(response.json<Problem>().errors?.[0]?.field, field);
  }
});

test('a refusal is in the language of the caller, for every kind of rule', async () => {
  for (const [query, pt, en] of [
    ['minutes=abc', 'deve ser um número inteiro', 'must be an integer'],
    ['minutes=1.5', 'deve ser um número inteiro', 'must be an integer'],
    ['node=fleet&node=fleet', 'só pode ser informado uma vez', 'must be given only once'],
    ['node=planet:mars', 'deve ser fleet, status:<status>', 'must be fleet, status:<status>'],
  ] as const) {
    for (const [language, message] of [
      ['pt-BR', pt],
      ['en', en],
    ] as const) {
      const problem = (await ask(`/forecast?${query}`, async () => ANSWER, language)).json<Problem>();
      assert.ok(problem.errors?.[0]?.message.startsWith(message), `${query}: ${problem.errors?.[0]?.message}`);
    }
  }
});

test('while the detector is being started again the answer says to try later', async () => {
  const response = await ask('/forecast', async () => {
    throw new GuardianError('STORE_UNAVAILABLE', 'The pipeline is being started again.', { retryable: true });
  });
  assert.equal(response.statusCode, 503);
  assert.equal(response.json<Problem>().code, 'STORE_UNAVAILABLE');
});
