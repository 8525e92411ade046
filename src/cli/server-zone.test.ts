import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runInTest, testFolder, testServer } from './test-run.ts';

/** One o'clock in New York, for the second time; three in São Paulo, the zone of a command without a configuration. */
const AT = '2026-11-01T06:00:00.000Z';
const PERSON = { id: 'ana', kind: 'person', name: 'Ana', claimed_name: null };
const ANSWERS: Readonly<Record<string, object>> = {
  '/api/v1/stats': { time_zone: 'America/New_York' },
  '/api/v1/audit': {
    items: [{ number: 1, at: AT, actor: PERSON, channel: 'api', address: null, verb: 'feedback.reset', result: 'done', arguments: {} }],
    next_cursor: null,
  },
  '/api/v1/access': {
    links: [],
    sessions: [{ id: 's1', actor: 'ana', opened_at: AT, expires_at: AT, ended_at: null, address: null }],
  },
  '/api/v1/access/codes': { code: 'ABCD', expires_at: AT },
  '/api/v1/runbook-runs': {
    items: [{ id: 'r1', runbook: 'restart-api', state: 'done', started_at: AT, requested_by: PERSON }],
    next_cursor: null,
  },
};

for (const args of [
  ['audit', 'list'],
  ['access', 'list'],
  ['access', 'code'],
  ['runbook', 'runs'],
]) {
  test(`guardian ${args.join(' ')} --url prints times in the zone of the server`, async (t) => {
    const url = await testServer(t, (request, response) => {
      const answer = ANSWERS[(request.url ?? '').replace(/\?.*/, '')];
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? {}));
    });
    const { out, err } = await runInTest([...args, '--url', url], { cwd: testFolder(t), env: { GUARDIAN_LOCALE: 'en' } });
    assert.match(out, /01:00/, out + err);
    assert.doesNotMatch(out, /03:00/);
  });
}

test('guardian import --url reads local times, and prints what it found, in the zone of the server', async (t) => {
  const anomaly = { type: 'no_data', started_at: AT, duration_minutes: 187, reason: 'No data; since 01:00' };
  const asked: string[] = [];
  const url = await testServer(t, (request, response) => {
    const path = (request.url ?? '').replace(/\?.*/, '').replace('/api/v1', '');
    const answers: Readonly<Record<string, object>> = {
      '/stats': { time_zone: 'America/New_York' },
      '/transactions/batch': { summary: { accepted: 1, duplicate: 0, refused: 0, failed: 0 } },
      '/progress': { accepted: {}, counted: {}, closed: {}, judged: {} },
      '/anomalies': { items: [anomaly], next_cursor: null },
      '/heartbeat': { status: 'accepted' },
    };
    if (path === '/anomalies') asked.push(request.url ?? '');
    const answer = answers[path];
    const lines = path === '/transactions/batch' ? '{"line":2,"status":"accepted"}\n' : '';
    response
      .writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
      .end(`${lines}${JSON.stringify(answer ?? {})}\n`);
  });
  const cwd = testFolder(t);
  writeFileSync(join(cwd, 'local.csv'), 'timestamp,status,count\n2026-11-01 02:00:00,approved,40\n');
  const { out, err } = await runInTest(['import', 'local.csv', '--url', url], { cwd, env: { GUARDIAN_LOCALE: 'en' } });
  assert.match(out, /Nov.* 01:00.*No data.*since 01:00/, out + err);
  assert.doesNotMatch(out, /03:00/);
  assert.match(asked.join(), /since=2026-11-01T07:00:00/);
});
