import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Forecast } from '@transaction-guardian/contracts/forecast.ts';
import { runInTest, testFolder, testServer } from '../test-run.ts';

const STEP = { minute: '2026-11-22T15:00:00.000Z', expected: 5.25, low80: 2, high80: 8, low99: 0, high99: 12, learning: false };
const FORECAST: Forecast = {
  node: 'status:denied',
  from: STEP.minute,
  step_minutes: 15,
  learning: true,
  items: [STEP, { ...STEP, minute: '2026-11-22T15:15:00.000Z', learning: true }],
  drifts: [{ anomaly_id: 'an_1', node: 'status:denied', crosses_at: '2026-11-22T15:12:00.000Z', confirmed: 99, measured: 103 }],
  detector_version: '2',
};

test('asks the server for the node and horizon and prints one step a line, in the zone of the server', async (t) => {
  const asked: string[] = [];
  const url = await testServer(t, (request, response) => {
    asked.push(request.url ?? '');
    const body = request.url === '/api/v1/stats' ? { time_zone: 'America/New_York' } : FORECAST;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const argv = ['forecast', '--url', url, '--node', 'status:denied', '--minutes', '30', '--step', '15'];
  const { code, out } = await runInTest(argv, {
    cwd: testFolder(t),
    env: { GUARDIAN_LOCALE: 'en', GUARDIAN_TIME_ZONE: 'America/Sao_Paulo' },
  });
  assert.equal(code, 0);
  assert.deepEqual(asked, ['/api/v1/forecast?node=status%3Adenied&minutes=30&step=15', '/api/v1/stats']);
  const lines = out.trim().split('\n');
  assert.equal(lines.length, 4);
  assert.match(lines[1] ?? '', /22 Nov, 10:00.*5\.3.*2.*8.*0.*12/);
  assert.match(lines[2] ?? '', /learning/);
  assert.match(lines[3] ?? '', /status:denied.*threshold.*10:12.*99 of 103/);
});
