import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Problem } from '@transaction-guardian/contracts/problem.ts';
import type { RunAnswer, RunbookDryRun, RunbookList, RunbookRunPage, RunRecord } from '@transaction-guardian/contracts/runbook.ts';
import type { FastifyInstance } from 'fastify';
import type { Database } from '../../store/database.ts';
import { openTestDatabase } from '../../store/test-database.ts';
import { catalogueOf, runbookText, script, startTestServer, type TestServer } from '../../runbook/test-runbooks.ts';
import { createRequestLanguage } from '../request-language.ts';
import { CLI_HEADERS, createTestServer } from '../server-under-test.ts';
import { registerRunbookRoutes } from './runbook-runs.ts';

const PARAMETER = 'parameters:\n  - { name: count, type: integer, minimum: 1, maximum: 9, description: { pt-BR: a, en: b } }';
const CATALOGUE = catalogueOf({
  asks: runbookText('asks', script('1'), `confirm: self\nalerts: [no_data]\n${PARAMETER}`),
  hangs: runbookText('hangs', script('setInterval(() => {}, 1000)')),
});
let database: Database;
let app: FastifyInstance;
let server: TestServer;

before(async () => {
  database = await openTestDatabase();
  server = startTestServer(database, CATALOGUE);
  const deps = { service: server.service, reader: server.reader, language: createRequestLanguage('en'), timeZone: 'UTC' };
  ({ app } = await createTestServer({ deps: { routes: [(one) => registerRunbookRoutes(one, deps)] } }));
});
after(async () => {
  await server.runs.stop();
  await app.close();
  await database.close();
});

const post = (path: string, payload?: unknown) =>
  app.inject({
    method: 'POST',
    url: `/api/v1/${path}`,
    headers: CLI_HEADERS,
    ...(payload === undefined ? {} : { payload: payload as object }),
  });
const get = (path: string) => app.inject({ method: 'GET', url: `/api/v1/${path}`, headers: CLI_HEADERS });
const fieldsOf = (problem: Problem) => (problem.errors ?? []).map(({ field, rule }) => `${field} ${rule}`);

test('runbooks are listed, also those that an alert suggests', async () => {
  const all = (await get('runbooks')).json<RunbookList>();
  assert.deepEqual(
    all.items.map(({ name }) => name),
    ['asks', 'hangs'],
  );
  assert.deepEqual(all.items[0]?.parameters, [{ name: 'count', type: 'integer', description: 'b', required: true, rule: '1..9' }]);
  assert.deepEqual(
    (await get('runbooks?alert_type=no_data')).json<RunbookList>().items.map(({ name }) => name),
    ['asks'],
  );
  assert.equal((await get('runbooks/asks')).statusCode, 200);
});

test('a request with a code, its confirmation, and the record', async () => {
  const asked = await post('runbooks/asks/runs', { parameters: { count: '3' } });
  assert.equal(asked.statusCode, 202);
  const { confirmation } = asked.json<RunAnswer>();
  assert.match(confirmation?.code ?? '', /^[0-9A-HJKMNP-TV-Z]{8}$/);
  assert.deepEqual(confirmation?.dry_run.parameters, { count: 3 });
  const started = (await post('runbooks/confirm', { code: confirmation?.code })).json<RunAnswer>();
  assert.equal((await server.ended(started.run?.id ?? '')).state, 'done');
  const twice = await post('runbooks/confirm', { code: confirmation?.code });
  assert.equal(twice.statusCode, 409);
  assert.deepEqual([twice.json<Problem>().code, twice.json<Problem & { reason: string }>().reason], ['RUNBOOK_REFUSED', 'code_used']);
  const { items } = (await get('runbook-runs?runbook=asks')).json<RunbookRunPage>();
  assert.deepEqual(
    items.map(({ id }) => id),
    [started.run?.id],
  );
  assert.equal((await get(`runbook-runs/${started.run?.id}`)).json<RunRecord>().state, 'done');
});

test('a run is cancelled', async () => {
  const { run } = (await post('runbooks/hangs/runs')).json<RunAnswer>();
  assert.equal((await post('runbooks/hangs/runs')).statusCode, 409);
  assert.equal((await post(`runbook-runs/${run?.id}/cancel`)).statusCode, 202);
  assert.equal((await server.ended(run?.id ?? '')).state, 'cancelled');
  assert.equal((await post(`runbook-runs/${run?.id}/cancel`)).statusCode, 409);
});

test('a dry run does nothing', async () => {
  const told = (await post('runbooks/asks/dry-run', { parameters: { count: 2 } })).json<RunbookDryRun>();
  assert.deepEqual([told.steps.length, told.obstacles], [1, []]);
});

test('bad input is named with its field and rule', async () => {
  const before = (await get('runbook-runs')).json<RunbookRunPage>().items.length;
  for (const { path, payload, status, fields } of [
    { path: 'runbooks/asks/runs', payload: { parameters: { count: 10 } }, status: 422, fields: ['parameters.count range'] },
    { path: 'runbooks/asks/runs', payload: {}, status: 422, fields: ['parameters.count missing'] },
    {
      path: 'runbooks/asks/runs',
      payload: { parameters: { count: 1, constructor: 'x' } },
      status: 422,
      fields: ['parameters.constructor unknown'],
    },
    { path: 'runbooks/asks/runs', payload: { parameters: [] }, status: 422, fields: ['parameters type'] },
    { path: 'runbooks/asks/runs', payload: { params: {} }, status: 422, fields: ['params unknown_field'] },
    { path: 'runbooks/asks/runs', payload: [], status: 422, fields: ['(body) type'] },
    { path: 'runbooks/confirm', payload: {}, status: 422, fields: ['code required'] },
    { path: 'runbooks/confirm', payload: { code: 7 }, status: 422, fields: ['code code'] },
    { path: 'runbooks/nothing/runs', payload: {}, status: 404, fields: [] },
    { path: 'runbook-runs/nothing/resume', payload: {}, status: 404, fields: [] },
    { path: 'runbook-runs/nothing/cancel', payload: {}, status: 404, fields: [] },
  ]) {
    const answer = await post(path, payload);
    assert.deepEqual([answer.statusCode, ...fieldsOf(answer.json<Problem>())], [status, ...fields], `${path} ${JSON.stringify(payload)}`);
  }
  assert.equal((await get('runbook-runs/nothing')).statusCode, 404);
  assert.match((await get('runbooks/nothing')).json<Problem>().detail ?? '', /There is no runbook nothing\. Available: asks, hangs\./);
  assert.equal((await get('runbook-runs')).json<RunbookRunPage>().items.length, before);
});

test('a program without a role looks, and does not act', async () => {
  const headers = { host: 'localhost' };
  assert.equal((await app.inject({ method: 'GET', url: '/api/v1/runbooks', headers })).statusCode, 200);
  for (const path of ['runbooks/hangs/runs', 'runbooks/confirm', 'runbook-runs/x/cancel', 'runbook-runs/x/resume']) {
    const answer = await app.inject({ method: 'POST', url: `/api/v1/${path}`, headers, payload: { code: 'x' } });
    assert.ok(answer.statusCode === 401 || answer.statusCode === 403, `${path} ${answer.statusCode}`);
  }
});
