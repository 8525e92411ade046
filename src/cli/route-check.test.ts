import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../config/config-load.ts';
import { checkRoutes } from './route-check.ts';

const RECEIVERS = ['pager', 'chat'].map((name) => ({ name, url: 'http://127.0.0.1:8080/' }));
const cli = { say: (key: string, params: object = {}) => `${key} ${JSON.stringify(params)}` };
const check = (routes: object[]) => {
  const env = { GUARDIAN_ALERT_RECEIVERS: JSON.stringify(RECEIVERS), GUARDIAN_ALERT_ROUTES: JSON.stringify(routes) };
  const { config, problems } = loadConfig({ env, cwd: '/nowhere' });
  assert.deepEqual(problems, []);
  return checkRoutes(cli, config);
};

test('routes under which every receiver can get an alert are well', () => {
  assert.equal(check([]), null);
  assert.equal(check([{ matchers: ['severity="critical"'], receivers: ['pager'] }])?.warning, undefined, 'the rest goes to everybody');
  assert.equal(check([{ matchers: ['severity="critical"'], receivers: ['pager'] }, { receivers: ['chat'] }])?.warning, undefined);
});

test('a receiver that gets nothing, and a route that nothing reaches, are named', () => {
  assert.match(check([{ receivers: ['pager'] }])?.detail ?? '', /routes\.left .*chat/);
  assert.match(
    check([{ receivers: ['pager', 'chat'] }, { matchers: ['type="spike"'], receivers: ['chat'] }])?.detail ?? '',
    /routes\.below .*0/,
  );
  assert.equal(check([{ receivers: ['pager'], continue: true }, { receivers: ['chat'] }])?.warning, undefined);
});
