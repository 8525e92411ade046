import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromAlertmanager, sameMatchers, toAlertmanager, type WireMatcher } from './translate.ts';

const wire = (name: string, value: string, isRegex = false, isEqual = true): WireMatcher => ({ name, value, isRegex, isEqual });

test('matchers of ours say the same in Alertmanager, and the worst severity is one of them', () => {
  assert.deepEqual(toAlertmanager(['merchant_id="m-1"', 'type!="spike"', 'status=~"denied|failed"', 'acquirer!~"r.*"'], 'warning'), [
    wire('merchant', 'm-1'),
    wire('type', 'spike', false, false),
    wire('status', 'denied|failed', true),
    wire('acquirer', 'r.*', true, false),
    wire('severity', 'warning|info', true),
  ]);
  assert.deepEqual(toAlertmanager(['type="spike"'], 'critical'), [wire('type', 'spike')]);
  assert.deepEqual(toAlertmanager(['type="spike"'], 'info').at(-1), wire('severity', 'info'));
});

test('matchers of Alertmanager come back as they went', () => {
  const texts = ['merchant_id="m \\"1\\""', 'type!="spike"', 'cause=~"merchant .*"', 'severity="warning"'];
  assert.deepEqual(fromAlertmanager(toAlertmanager(texts, 'critical')), { kind: 'ours', matchers: texts });
});

test('a label that our alerts never have is empty there', () => {
  assert.deepEqual(fromAlertmanager([wire('merchant', 'm-1'), wire('team', 'x', false, false)]), {
    kind: 'ours',
    matchers: ['merchant_id="m-1"'],
  });
  assert.deepEqual(fromAlertmanager([wire('merchant', 'm-1'), wire('instance', 'db-1')]), { kind: 'elsewhere' });
  assert.deepEqual(fromAlertmanager([wire('merchant', 'm-1'), wire('instance', '.*', true)]), {
    kind: 'ours',
    matchers: ['merchant_id="m-1"'],
  });
});

test('a silence of the alerts of others is none of ours; one that cannot be said here is named', () => {
  assert.equal(fromAlertmanager([wire('alertname', 'HostDown')]).kind, 'elsewhere');
  assert.equal(fromAlertmanager([wire('service', 'billing'), wire('severity', 'critical')]).kind, 'elsewhere');
  assert.deepEqual(fromAlertmanager([wire('type', '(?i)spike', true)]), { kind: 'unknown', why: 'type=~"(?i)spike"' });
  assert.equal(fromAlertmanager([wire('instance', '.*', true)]).kind, 'unknown', 'everything there is');
});

test('the order of matchers says nothing', () => {
  assert.equal(sameMatchers([wire('a', '1'), wire('b', '2')], [wire('b', '2'), wire('a', '1')]), true);
  assert.equal(sameMatchers([wire('a', '1')], [wire('a', '1', true)]), false);
});
