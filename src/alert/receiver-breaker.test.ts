import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Database } from '../store/database.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { anomalyOf, eventOf } from './test-anomaly.ts';
import { createAlertHarness } from './test-harness.ts';
import { createBreakers } from './receiver-breaker.ts';

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

const CALM = { underWay: 0, most: 4 };

test('after five failures in a row nothing is sent until the wait is over, then one send decides', () => {
  const states: string[] = [];
  const breakers = createBreakers(['a', 'b'], (receiver, state) => states.push(`${receiver} ${state}`));
  for (let failure = 1; failure <= 4; failure += 1) breakers.note('a', 8000, 0);
  assert.equal(breakers.room('a', 0, CALM), 4);
  breakers.note('a', 8000, 1000);
  assert.deepEqual([breakers.room('a', 8999, CALM), breakers.room('a', 9000, CALM), breakers.room('b', 0, CALM)], [0, 1, 4]);
  breakers.begin('a');
  assert.equal(breakers.room('a', 60_000, { underWay: 1, most: 4 }), 0);
  assert.equal(breakers.stateOf('a'), 'half_open');
  breakers.note('a', 600_000, 10_000);
  assert.deepEqual([breakers.room('a', 39_999, CALM), breakers.room('a', 40_000, CALM)], [0, 1], 'half a minute at most');
  breakers.begin('a');
  breakers.note('a', null, 41_000);
  assert.equal(breakers.room('a', 41_000, { underWay: 1, most: 4 }), 3);
  assert.deepEqual(states, ['a closed', 'b closed', 'a open', 'a half_open', 'a open', 'a half_open', 'a closed']);
});

test('a success between failures starts the count again; a send that nobody noted does not hold the breaker', () => {
  const breakers = createBreakers(['a'], () => undefined);
  for (let round = 0; round < 3; round += 1) {
    for (let failure = 1; failure <= 4; failure += 1) breakers.note('a', 1000, 0);
    breakers.note('a', null, 0);
  }
  assert.equal(breakers.stateOf('a'), 'closed');
  for (let failure = 1; failure <= 5; failure += 1) breakers.note('a', 1000, 0);
  breakers.begin('a');
  assert.equal(breakers.room('a', 5000, CALM), 1);
});

test('a dead receiver of many groups is tried one message at a time, and has them all soon after it is back', async (t) => {
  const harness = await createAlertHarness(database);
  t.after(harness.release);
  harness.answer = () => ({ kind: 'retry', error: 'HTTP 500', afterMs: 0 });
  const merchants = Array.from({ length: 8 }, (_, index) => `m-${index}`);
  await harness.publish(
    ...merchants.map((merchant, index) =>
      eventOf(
        'opened',
        10 + index,
        anomalyOf({ id: `an_${index}`, node: { kind: 'merchant', merchant_id: merchant }, slice: { merchant_id: merchant, share: 1 } }),
      ),
    ),
  );
  const go = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 5) await harness.advance(5000);
  };
  await go(60);
  const [health] = harness.worker.receivers();
  assert.equal(health?.breaker, 'open');
  const states = (await harness.metrics.getSingleMetric('guardian_receiver_breaker')?.get())?.values ?? [];
  assert.deepEqual(states.map(({ labels, value }) => `${labels['state']} ${value}`).toSorted(), ['closed 0', 'half_open 0', 'open 1']);
  const before = harness.sent.length;
  await go(240);
  // Each of eight would have been sent once a minute; the probe comes every half a minute.
  assert.ok(harness.sent.length - before <= 10, `${harness.sent.length - before} sends in four minutes`);
  const delivered = new Set<string>();
  harness.answer = ({ message }) => {
    delivered.add(message.groupKey);
    return { kind: 'delivered' };
  };
  await go(100);
  assert.equal(delivered.size, 8);
  assert.equal(harness.worker.receivers()[0]?.breaker, 'closed');
});
