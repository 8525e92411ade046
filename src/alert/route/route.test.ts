import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Database } from '../../store/database.ts';
import { openTestDatabase } from '../../store/test-database.ts';
import type { Receiver } from '../notify/receiver-schema.ts';
import { anomalyOf, eventOf } from '../test-anomaly.ts';
import { createAlertHarness } from '../test-harness.ts';
import type { Route } from './config.ts';
import { createRouteTrace, createRouting } from './route.ts';

const RECEIVERS = ['pager', 'chat', 'acquirers'];
const ROUTES: readonly Route[] = [
  { matchers: ['acquirer!=""'], receivers: ['acquirers'], continue: true },
  { matchers: ['severity="critical"'], receivers: ['pager', 'chat'], continue: false },
  { matchers: ['type="drift_warning"'], receivers: ['chat'], continue: false },
];
const to = (labels: Record<string, string>) => Object.fromEntries(createRouting(ROUTES, RECEIVERS)(labels));

test('the first route that an alert meets takes it, and further ones where it goes on', () => {
  assert.deepEqual(to({ severity: 'critical' }), { chat: 'named', pager: 'named' });
  assert.deepEqual(to({ severity: 'critical', acquirer: 'rede' }), { acquirers: 'yes', chat: 'named', pager: 'named' });
});

test('what no route takes goes to everybody', () => {
  assert.deepEqual(Object.keys(to({ severity: 'warning' })), RECEIVERS);
  assert.deepEqual([...createRouting([], RECEIVERS)({}).keys()], RECEIVERS);
});

test('a decision names its routes', () => {
  assert.deepEqual(createRouteTrace(ROUTES)({ severity: 'critical', acquirer: 'rede' }), [
    { index: 0, receivers: ['acquirers'], goesOn: true },
    { index: 1, receivers: ['pager', 'chat'], goesOn: false },
  ]);
});

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

test('each receiver gets the alerts that the routes give it, and a warning where a route names its type', async (t) => {
  const receivers = RECEIVERS.map((name): Receiver => ({
    kind: 'webhook',
    name,
    url: 'http://127.0.0.1:9/',
    send_resolved: true,
    briefings: true,
    silence_notices: true,
    receipts: false,
  }));
  const harness = await createAlertHarness(database, receivers);
  t.after(harness.release);
  await harness.restart({ routes: ROUTES });
  await harness.publish(
    eventOf('opened', 1, anomalyOf({ severity: 'critical' })),
    eventOf(
      'opened',
      2,
      anomalyOf({ id: 'an_2', type: 'drift_warning', severity: 'info', node: { kind: 'merchant', merchant_id: 'm-1' } }),
    ),
    eventOf('opened', 3, anomalyOf({ id: 'an_3', node: { kind: 'acquirer', acquirer: 'rede' }, slice: { share: 1 } })),
  );
  await harness.advance(5000);
  const sent = harness.sent.flatMap(({ receiver, payload }) =>
    payload.alerts.map(({ labels }) => `${receiver}: ${labels['type']} ${labels['severity']}`),
  );
  assert.deepEqual(sent.toSorted(), [
    'acquirers: denials_above_normal warning',
    'chat: denials_above_normal critical',
    'chat: drift_warning info',
    'pager: denials_above_normal critical',
  ]);
});
