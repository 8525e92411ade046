import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Database } from '../../store/database.ts';
import { openTestDatabase } from '../../store/test-database.ts';
import { listNotifications } from '../../store/verbs/notification/list-notifications.ts';
import { anomalyOf, eventOf, resolvedOf } from '../test-anomaly.ts';
import { CLAWDBOT, createAlertHarness } from '../test-harness.ts';
import type { Receiver } from './receiver-schema.ts';

const PHONE: Receiver = {
  ...{ kind: 'telegram', name: 'phone', bot_token: '1:a', chat_id: '7', api_url: 'http://127.0.0.1:1' },
  ...{ send_resolved: true, briefings: true, silence_notices: true },
};

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

const merchant = (index: number) => {
  const place = { merchant_id: `m-${index}` };
  const severity = index === 39 ? ('critical' as const) : ('warning' as const);
  return { id: `an_${index}`, node: { kind: 'merchant' as const, ...place }, slice: { ...place, share: 1 }, severity };
};

test('alerts of 40 merchants at once are one message for people, sent again as one, and answered one by one', async (t) => {
  const harness = await createAlertHarness(database, [PHONE, CLAWDBOT]);
  t.after(harness.release);
  let isDown = true;
  harness.answer = ({ receiver }) =>
    receiver === 'phone' && isDown
      ? { kind: 'retry', error: 'HTTP 500', afterMs: 0 }
      : { kind: 'delivered', receipt: { to: '7', providerMessageId: `${harness.sent.length}` } };
  await harness.publish(...Array.from({ length: 40 }, (_, index) => eventOf('opened', 10 + index, anomalyOf(merchant(index)))));
  await harness.advance(5000);
  isDown = false;
  for (let second = 0; second < 60; second += 1) await harness.advance(1000);
  const phone = harness.sent.filter(({ receiver }) => receiver === 'phone');
  assert.deepEqual(
    phone.map(({ message }) => message.firing.length),
    [40, 40],
  );
  assert.equal(phone[0]?.id, phone[1]?.id);
  assert.equal(harness.sent.length - phone.length, 40, 'a webhook gets each group by its key');
  const rows = (await listNotifications(database, { receiver: 'phone' }, { limit: 100 })).items;
  assert.deepEqual(new Set(rows.map(({ state }) => state)), new Set(['delivered']));

  await harness.publish(eventOf('resolved', 90, resolvedOf(merchant(3))));
  await harness.advance(60_000);
  const last = harness.sent.findLast(({ receiver }) => receiver === 'phone');
  assert.deepEqual([last?.message.firing.length, last?.message.resolved.length], [0, 1]);
  assert.equal(last?.previous?.isShared, true, 'a message about 40 merchants is not marked as resolved for one');
});
