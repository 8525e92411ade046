import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FeedbackPage } from '@transaction-guardian/contracts/feedback.ts';
import { runInTest, testFolder, testServer } from '../test-run.ts';

const PAGE: FeedbackPage = {
  items: [
    {
      number: 2,
      anomaly_id: 'an_2',
      anomaly_type: 'denials_above_normal',
      node: 'merchant_status:m-1:denied',
      verdict: 'noise',
      by: 'ana',
      by_name: 'Ana Souza',
      comment: 'lote noturno',
      given_at: '2026-11-22T03:14:00.000Z',
      minute: '2026-11-22T03:13:00.000Z',
      in_force: true,
      ended: null,
    },
  ],
  next_cursor: null,
  actor: 'local',
  useful_share: 0.25,
  pattern_factor: 1,
  effects: [{ node: 'merchant:m-1', family: 'denial', noise: 3, useful: 1, threshold_shift_nats: 0.7 }],
};

test('the list shows who said what, how far the thresholds moved and how many verdicts were useful', async (t) => {
  const asked: string[] = [];
  const url = await testServer(t, (request, response) => {
    asked.push(request.url ?? '');
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify(request.url === '/api/v1/stats' ? { time_zone: 'America/Manaus' } : PAGE));
  });
  const run = { cwd: testFolder(t), env: { GUARDIAN_LOCALE: 'pt-BR' } };
  const { code, out } = await runInTest(['feedback', 'list', '--node', 'merchant:m-1', '--url', url], run);
  assert.equal(code, 0);
  assert.deepEqual(asked, ['/api/v1/feedback?limit=50&node=merchant%3Am-1', '/api/v1/stats']);
  assert.deepEqual(out.trimEnd().split('\n'), [
    '21/11/2026, 23:14  ruído  merchant_status:m-1:denied  an_2  Ana Souza',
    '    lote noturno',
    'Ajustes de limiar (maior = menos alertas):',
    '  merchant:m-1 (negadas): +0,7 nats, 3,0 ruído, 1,0 útil',
    'Úteis: 25% dos vereditos em vigor',
  ]);
});

test('a reset names the node and says how many verdicts it undid', async (t) => {
  const bodies: string[] = [];
  const url = await testServer(t, (request, response, body) => {
    bodies.push(`${request.method} ${request.url} ${body}`);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"undone":2}');
  });
  const run = { cwd: testFolder(t), env: { GUARDIAN_LOCALE: 'en' } };
  const { code, out } = await runInTest(['feedback', 'reset', '--node', 'fleet', '--url', url], run);
  assert.equal(code, 0);
  assert.equal(out.trim(), '2 verdicts reset.');
  assert.deepEqual(bodies, ['POST /api/v1/feedback/reset {"node":"fleet"}']);
});
