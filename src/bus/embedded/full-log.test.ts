import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import { createEmbeddedUnderTest } from './bus-under-test.ts';
import type { RetentionFloor } from './writer.ts';

// What repeats would be compressed away.
const RECORD = { value: randomBytes(200_000) };
const MINUTE_MS = 60_000;

for (const writer of ['inline', 'thread'] as const) {
  test(`a log full of uncounted transactions refuses new ones, keeps the old ones, and opens again (${writer})`, async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const under = createEmbeddedUnderTest(writer);
    t.after(() => under.release());
    let counted: number | null = null;
    const floor = async (): Promise<RetentionFloor | null> =>
      counted === null ? null : new Map([[TOPICS.transactions, new Map([[0, counted]])]]);
    const bus = await under.openWith({ retention: { hours: 1, bytes: 1_000_000 }, floor });
    const publish = () => bus.publish(TOPICS.transactions, [RECORD]);
    const told = (text: string) => under.logged.some(({ msg }) => String(msg).includes(text));
    const retain = async (until: string): Promise<void> => {
      while (!told(until)) {
        t.mock.timers.tick(MINUTE_MS);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };

    for (let index = 0; index < 8; index++) await publish();
    under.clock.set(under.clock.now() + 1000 * MINUTE_MS);
    for (let minute = 0; minute < 3; minute++) {
      t.mock.timers.tick(MINUTE_MS);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await publish();
    assert.equal(
      (await bus.ranges(TOPICS.transactions))[0]?.earliest,
      0,
      'before it is known what is counted, nothing is deleted or refused',
    );
    counted = 0;
    await retain('full of uncounted');
    await assert.rejects(publish(), { code: 'BUS_FULL', retryable: true, message: /bus\.retention_bytes/ });
    assert.equal((await bus.ranges(TOPICS.transactions))[0]?.earliest, 0);
    await bus.publish(TOPICS.windows, [RECORD]);

    counted = 9;
    await retain('room again');
    assert.deepEqual(await publish(), [{ partition: 0, offset: 9 }]);
    assert.ok(((await bus.ranges(TOPICS.transactions))[0]?.earliest ?? 0) > 0);
  });
}
