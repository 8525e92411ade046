import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configSentence } from './config-problem.ts';
import { loadConfig } from './config-load.ts';

const RECEIVERS = JSON.stringify([{ name: 'pager', url: 'http://127.0.0.1:8080/' }]);

const load = (env: Record<string, unknown>) =>
  loadConfig({
    env: {
      GUARDIAN_ALERT_RECEIVERS: RECEIVERS,
      ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, JSON.stringify(value)])),
    },
    cwd: '/nowhere',
  });
const sentences = (env: Record<string, unknown>) => load(env).problems.map((problem) => configSentence('en', problem));

test('routes have matchers, receivers and nothing to go on by default', () => {
  const { config, problems } = load({ GUARDIAN_ALERT_ROUTES: [{ matchers: ['severity="critical"'], receivers: ['pager'] }] });
  assert.deepEqual(problems, []);
  assert.deepEqual(config.alert.routes, [{ matchers: ['severity="critical"'], receivers: ['pager'], continue: false }]);
});

test('a route to nobody is named, and then every receiver gets all', () => {
  const env = { GUARDIAN_ALERT_ROUTES: [{ receivers: ['pagr'] }] };
  assert.match(sentences(env).join(), /^alert\.routes \[0\]\.receivers: sends to an unknown receiver, "pagr"; receivers: pager/);
  assert.deepEqual(load(env).config.alert.routes, []);
});

test('a matcher that cannot be read is named with its place', () => {
  const found = sentences({ GUARDIAN_ALERT_ROUTES: [{ matchers: ['severity', 'shop="x"', 'type=~"("'], receivers: ['pager'] }] });
  assert.match(found[0] ?? '', /\[0\]\.matchers\[0\]: has an invalid matcher, "severity"/);
  assert.match(found[1] ?? '', /\[0\]\.matchers\[1\]: has a matcher on an unknown label/);
  assert.match(found[2] ?? '', /\[0\]\.matchers\[2\]: has a regular expression that is invalid/);
});

test('a rule of inhibition names its source and labels that exist', () => {
  const found = sentences({
    GUARDIAN_ALERT_INHIBIT_RULES: [{ source_matchers: ['merchant_id=""'], target_matchers: ['merchant_id!=""'], equal: ['tpye'] }],
  });
  assert.match(found[0] ?? '', /\[0\]\.source_matchers: needs at least one matcher/);
  assert.match(found[1] ?? '', /\[0\]\.equal: has an unknown label, "tpye"/);
});
