import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FLEET_GROUP } from '../../group.ts';
import { alertFor, anomalyOf, resolvedOf } from '../../test-anomaly.ts';
import { MAX_ALERTS, webhookPayload } from './payload.ts';

const MESSAGE = { receiver: 'clawdbot', groupKey: FLEET_GROUP, resolved: [], missed: [], externalUrl: 'http://127.0.0.1:8001' };

test('the payload has the fields and forms of version 4', () => {
  const payload = webhookPayload({ ...MESSAGE, firing: [alertFor(anomalyOf())] });
  assert.deepEqual(Object.keys(payload).sort(), [
    'alerts',
    'commonAnnotations',
    'commonLabels',
    'externalURL',
    'groupKey',
    'groupLabels',
    'receiver',
    'status',
    'truncatedAlerts',
    'version',
  ]);
  assert.equal(payload.version, '4');
  assert.deepEqual(payload.groupLabels, { scope: 'fleet' });
  const [alert] = payload.alerts;
  assert.deepEqual(Object.keys(alert ?? {}).sort(), [
    'annotations',
    'endsAt',
    'fingerprint',
    'generatorURL',
    'labels',
    'startsAt',
    'status',
  ]);
  assert.equal(alert?.startsAt, '2025-07-12T20:09:00.000Z');
  assert.equal(alert?.endsAt, '0001-01-01T00:00:00Z');
  assert.equal(alert?.generatorURL, 'http://127.0.0.1:8001/alerts/an_1');
});

test('a message with anything that fires is firing; the most severe alert leads it and only what all share is common', () => {
  const warning = alertFor(anomalyOf());
  const critical = alertFor(anomalyOf({ id: 'an_2', type: 'approval_rate_down', severity: 'critical', node: { kind: 'fleet' } }));
  const resolved = alertFor(resolvedOf({ id: 'an_3', type: 'spike' }));
  const payload = webhookPayload({ ...MESSAGE, firing: [warning, critical], resolved: [resolved] });
  assert.equal(payload.status, 'firing');
  assert.deepEqual(
    payload.alerts.map((alert) => `${alert.status} ${alert.labels['severity']}`),
    ['firing critical', 'firing warning', 'resolved warning'],
  );
  assert.equal(payload.commonLabels['severity'], undefined);
  assert.equal(payload.commonLabels['service'], 'transaction-guardian');
  assert.equal(webhookPayload({ ...MESSAGE, firing: [], resolved: [resolved] }).status, 'resolved');
});

test('a huge group is cut, the most severe alerts stay', () => {
  const many = Array.from({ length: MAX_ALERTS + 5 }, (_, index) =>
    alertFor(anomalyOf({ id: `an_${index}`, severity: index === MAX_ALERTS + 4 ? 'critical' : 'warning' })),
  );
  const payload = webhookPayload({ ...MESSAGE, firing: many });
  assert.equal(payload.truncatedAlerts, 5);
  assert.equal(payload.alerts.length, MAX_ALERTS);
  assert.equal(payload.alerts[0]?.labels['severity'], 'critical');
});
