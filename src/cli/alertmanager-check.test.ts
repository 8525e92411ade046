import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveFake, type FakeAnswer } from '../alert/notify/test-http-server.ts';
import { systemClock } from '../clock.ts';
import { loadConfig } from '../config/config-load.ts';
import { checkAlertmanagers } from './alertmanager-check.ts';

const cli = { clock: systemClock, say: (key: string, params: object = {}) => `${key} ${JSON.stringify(params)}` };
const STATUS = { versionInfo: { version: '0.27.0' }, cluster: { status: 'ready' } };

test('each Alertmanager is asked for its version and the alerts of ours; what does not work is named', async (t) => {
  const asked: string[] = [];
  const serve = (answer: (path: string) => FakeAnswer) =>
    serveFake(t, ({ method, path, query, headers }) => {
      asked.push(`${method} ${path} ${query.get('filter') ?? ''} ${headers.authorization ?? ''}`.trim());
      return answer(path);
    });
  const well = await serve((path) => ({ body: path.endsWith('/status') ? STATUS : [{ fingerprint: 'a' }, { fingerprint: 'b' }] }));
  const closed = await serve(() => ({ status: 401, body: 'no' }));
  const proxied = await serve((path) => (path.endsWith('/status') ? { body: STATUS } : { status: 403 }));
  const stranger = await serve(() => ({ body: { hello: 'world' } }));
  const alertmanagers = [
    { name: 'well', url: `${well}/am/`, token: 'secret' },
    ...Object.entries({ closed, proxied, stranger, absent: 'http://127.0.0.1:9' }).map(([name, url]) => ({ name, url })),
  ];
  const { config } = loadConfig({ env: {}, cwd: import.meta.dirname, flags: {} });
  const checks = await checkAlertmanagers(cli, { alert: { ...config.alert, alertmanagers } });
  assert.deepEqual(
    checks.map(({ ok }) => ok),
    [true, false, false, false, false],
  );
  assert.equal(checks[0]?.detail, `doctor.alertmanager.ok ${JSON.stringify({ url: well, version: '0.27.0', n: 2 })}`);
  assert.deepEqual(asked.filter((what) => what.includes('/am/')).toSorted(), [
    'GET /am/api/v2/alerts service="transaction-guardian" Bearer secret',
    'GET /am/api/v2/status  Bearer secret',
  ]);
  assert.match(checks[1]?.detail ?? '', /^doctor\.alertmanager\.refused .*HTTP 401/);
  assert.match(checks[2]?.detail ?? '', /^doctor\.alertmanager\.refused .*HTTP 403/);
  assert.match(checks[3]?.detail ?? '', /^doctor\.alertmanager\.other/);
  assert.match(checks[4]?.detail ?? '', /^doctor\.receiver\.fail/);
  assert.doesNotMatch(JSON.stringify(checks), /secret/);
});

test('without Alertmanagers there is nothing to check', async () => {
  const { config } = loadConfig({ env: {}, cwd: import.meta.dirname, flags: {} });
  assert.deepEqual(await checkAlertmanagers(cli, config), []);
});
