import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { suite, test, type TestContext } from 'node:test';
import { Registry } from 'prom-client';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { createEmbeddedUnderTest } from '../../src/bus/embedded/bus-under-test.ts';
import { systemClock } from '../../src/clock.ts';
import { createTestDetector, windowOf } from '../../src/detect/engine/test-detector.ts';
import { createDetectWorker, DETECT_GROUP } from '../../src/detect/stage/worker.ts';
import { createOutboxRelay } from '../../src/outbox/relay.ts';
import { openTestDatabase, silentLog } from '../../src/store/test-database.ts';
import { listScores } from '../../src/store/verbs/detector/list-scores.ts';
import { checkLog, type ReplacedLog } from '../../src/store/verbs/log/check-log.ts';
import { enqueueOutbox } from '../../src/store/verbs/outbox/enqueue-outbox.ts';
import { until } from '../../src/test-until.ts';

const MINUTES = 30;

/** A log, a database that knows it, a relay, and a detector that can be started and stopped. */
async function createSite(t: TestContext) {
  const database = await openTestDatabase();
  const under = createEmbeddedUnderTest('inline');
  const bus = await under.openWith({});
  const log = { topic: TOPICS.windows, id: bus.identity(TOPICS.windows), ranges: await bus.ranges(TOPICS.windows) };
  await database.transaction((tx) => checkLog(tx, [log]));
  const again: ReplacedLog[] = [];
  const base = { bus, database, clock: systemClock, log: silentLog };
  const readers = [{ topic: TOPICS.windows, group: DETECT_GROUP }];
  const relay = createOutboxRelay(
    { ...base, metrics: new Registry() },
    { readers, pollMs: 20, onAgain: (found: ReplacedLog) => again.push(found) },
  );
  await relay.start();
  const detector = (owner: string) =>
    createDetectWorker(
      { ...base, metrics: new Registry(), createDetector: (snapshot) => createTestDetector({}, snapshot), wakeRelay: relay.wake },
      { owner, detectorVersion: '1', configHash: 'c', snapshotEveryMinutes: 30, retryMs: 5 },
    );
  t.after(async () => {
    await relay.stop();
    await under.release();
    await database.close();
  });
  const judged = async (): Promise<number[]> => (await listScores(database)).map(({ observed }) => observed);
  /** Closes minutes [from, to), a block of the log each. */
  const close = async (from: number, to: number): Promise<void> => {
    for (let index = from; index < to; index++) {
      const window: ClosedWindow = windowOf(index, 100 + index);
      await enqueueOutbox(database, [{ topic: TOPICS.windows, key: '', value: JSON.stringify(window) }]);
      await relay.flush();
    }
  };
  const damage = (where: string): void => {
    const file = new DatabaseSync(join(under.dir, 'guardian.windows.sqlite'));
    const { changes } = file.prepare(`UPDATE blocks SET data = substr(data, 1, 5) WHERE ${where}`).run();
    file.close();
    assert.ok(Number(changes) > 0);
  };
  return { close, damage, detector, judged, again };
}

const ALL = Array.from({ length: MINUTES }, (_, index) => 100 + index);

suite('a block of minutes that is damaged while the program runs', () => {
  const damages = {
    'in the middle of what waits': 'first_offset BETWEEN 12 AND 14',
    'the first that waits': 'first_offset = 10',
    'two apart': 'first_offset IN (13, 17)',
  };
  for (const [name, where] of Object.entries(damages))
    test(`${name}: every minute is judged once, in order, without a restart`, async (t) => {
      const site = await createSite(t);
      const first = site.detector('one');
      await first.start();
      await site.close(0, 10);
      await until(async () => (await site.judged()).length === 10);
      await first.stop();
      await site.close(10, 20);
      site.damage(where);
      const second = site.detector('two');
      t.after(() => second.stop());
      await second.start();
      await site.close(20, MINUTES);
      await until(async () => (await site.judged()).length >= MINUTES);
      assert.deepEqual(await site.judged(), ALL);
      assert.deepEqual(
        site.again.map(({ topic, why, lost }) => ({ topic, why, lost })),
        [{ topic: TOPICS.windows, why: 'damaged', lost: 0 }],
      );
    });

  test('that was judged before is no loss', async (t) => {
    const site = await createSite(t);
    const stage = site.detector('one');
    await stage.start();
    t.after(() => stage.stop());
    await site.close(0, 20);
    await until(async () => (await site.judged()).length === 20);
    site.damage('first_offset BETWEEN 3 AND 5');
    await site.close(20, MINUTES);
    await until(async () => (await site.judged()).length >= MINUTES);
    assert.deepEqual([await site.judged(), site.again], [ALL, []]);
  });
});
