import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import { Registry } from 'prom-client';
import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { FeedbackNotice } from '@transaction-guardian/contracts/feedback.ts';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import type { Bus } from '../../bus/bus.ts';
import { createEmbeddedUnderTest } from '../../bus/embedded/bus-under-test.ts';
import { readAll } from '../../bus/read-all.ts';
import type { Stage } from '../../stage.ts';
import type { Database } from '../../store/database.ts';
import { openTestDatabase, silentLog } from '../../store/test-database.ts';
import { readSnapshot } from '../../store/verbs/detector/detector-snapshot.ts';
import { listAnomalies } from '../../store/verbs/anomaly/list-anomalies.ts';
import { listFeedback } from '../../store/verbs/feedback/list-feedback.ts';
import { listScores } from '../../store/verbs/detector/list-scores.ts';
import { readJudged } from '../../store/verbs/detector/read-judged.ts';
import { readOffsets } from '../../store/verbs/log/read-offset.ts';
import { takeOutbox } from '../../store/verbs/outbox/take-outbox.ts';
import { writeAnomalies } from '../../store/verbs/anomaly/write-anomalies.ts';
import { createDetector } from '../engine/create-detector.ts';
import type { Detector } from '../engine/detector.ts';
import { noticeOf } from '../feedback/test-notice.ts';
import { createTestDetector, windowOf, type TestDetectorOptions } from '../engine/test-detector.ts';
import { companyOf } from '../shard/test-company.ts';
import { createShardPool } from '../shard/shard-pool.ts';
import { createShardedDetector } from '../shard/sharded-detector.ts';
import { createDetectWorker, DETECT_GROUP, type DetectWorkerOptions } from './worker.ts';
import { until } from '../../test-until.ts';

type Create = (snapshot: Uint8Array | null) => Detector;

interface Changes {
  readonly create?: Create;
  readonly database?: Database;
  readonly monotonic?: () => number;
  readonly gotOn?: () => void;
}

interface Harness {
  readonly bus: Bus;
  worker(): Stage;
  start(changes?: Changes & Partial<DetectWorkerOptions>): Promise<void>;
  publish(windows: readonly (ClosedWindow | FeedbackNotice)[]): Promise<void>;
  settle(): Promise<void>;
}

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

const testDetector =
  (options: TestDetectorOptions = {}): Create =>
  (snapshot) =>
    createTestDetector(options, snapshot);

async function createHarness(t: TestContext): Promise<Harness> {
  await database.exec('truncate anomaly, feedback, minute_score, judged, detector_snapshot, consumer_offset, outbox');
  const under = createEmbeddedUnderTest('inline');
  const bus = await under.open({});
  let current: Stage | null = null;
  let published = 0;
  let starts = 0;
  t.after(async () => {
    await current?.stop();
    await under.release();
  });
  const settle = (): Promise<void> =>
    until(
      async () => ((await readOffsets(database, { group: DETECT_GROUP, topic: TOPICS.windows })).get(0) ?? 0) >= published,
      'all windows scored',
    );
  return {
    bus,
    worker: () => current ?? assert.fail('not started'),
    start: async ({
      create = testDetector(),
      database: store = database,
      monotonic = () => 0,
      gotOn = () => undefined,
      ...changes
    } = {}) => {
      await current?.stop().catch(() => undefined);
      const options = {
        owner: `w${(starts += 1)}`,
        detectorVersion: '1',
        configHash: 'c',
        snapshotEveryMinutes: 30,
        retryMs: 1,
        ...changes,
      };
      const clock = { now: () => 1_800_000_000_000 + starts, monotonic };
      const deps = { bus, database: store, clock, log: silentLog, metrics: new Registry(), createDetector: create, gotOn };
      current = createDetectWorker(deps, options);
      await current.start();
    },
    publish: async (windows) => {
      await bus.publish(
        TOPICS.windows,
        windows.map((window) => ({ value: Buffer.from(JSON.stringify(window)) })),
      );
      published += windows.length;
    },
    settle,
  };
}

async function outbox(): Promise<AnomalyEvent[]> {
  const messages = await takeOutbox(database, { limit: 10_000, maxBytes: 100_000_000 });
  return messages.map((message) => JSON.parse(message.value) as AnomalyEvent);
}

const names = (events: readonly AnomalyEvent[]): string[] => events.map(({ event, anomaly }) => `${event} ${anomaly.id}`);
const stream = (from: number, counts: readonly number[]): ClosedWindow[] => counts.map((count, index) => windowOf(from + index, count));

test('minutes become scores and anomalies that open, update and resolve', async (t) => {
  const harness = await createHarness(t);
  await harness.start();
  await harness.publish(stream(0, [100, 0, 0, 100]));
  await harness.settle();
  assert.deepEqual(names(await outbox()), ['opened an_2', 'updated an_2', 'resolved an_2']);
  assert.deepEqual(
    (await listAnomalies(database)).items.map(({ id, status }) => [id, status]),
    [['an_2', 'resolved']],
  );
  assert.deepEqual(
    (await listScores(database)).map(({ observed, state }) => [observed, state]),
    [
      [100, 'normal'],
      [0, 'anomalous'],
      [0, 'anomalous'],
      [100, 'normal'],
    ],
  );
});

test('a slow detector stores a batch in parts, so that it is seen to get on, with the same results', async (t) => {
  const harness = await createHarness(t);
  const windows = stream(
    0,
    Array.from({ length: 120 }, (_, minute) => (minute === 50 ? 0 : 100)),
  );
  await harness.publish(windows);
  await harness.start();
  await harness.settle();
  const whole = names(await outbox());
  for (const [secondsAWindow, least, most] of [
    [0, 1, 1],
    [1, 20, 30],
  ] as const) {
    await database.exec('truncate anomaly, feedback, minute_score, judged, detector_snapshot, consumer_offset, outbox');
    const parts: number[] = [];
    let seconds = 0;
    const create: Create = (snapshot) => {
      const detector = createTestDetector({}, snapshot);
      return { ...detector, step: (window) => ((seconds += secondsAWindow), detector.step(window)) };
    };
    const gotOn = (): void => void parts.push(seconds);
    await harness.start({ create, monotonic: () => seconds * 1000, gotOn });
    await harness.settle();
    assert.deepEqual(names(await outbox()), whole);
    assert.ok(parts.length >= least && parts.length <= most, JSON.stringify(parts));
  }
});

test('what is judged is noted with the results, also of a minute without a score', async (t) => {
  const harness = await createHarness(t);
  await harness.start();
  await harness.publish(stream(0, [100, 100]));
  await harness.publish([windowOf(1, 99, { revision: 1, sequence: 3 })]);
  await harness.settle();
  assert.equal((await readJudged(database)).last, windowOf(1, 100).minute, 'a correction takes nothing back');
  const mute: Create = (snapshot) => ({ ...createTestDetector({}, snapshot), step: () => ({ events: [], scores: [] }) });
  await harness.start({ create: mute });
  await harness.publish([windowOf(2, 100, { sequence: 4 })]);
  await harness.settle();
  assert.equal((await readJudged(database)).last, windowOf(2, 100).minute);
});

test('with failing commits at every place the real detector tells exactly what it tells undisturbed', async (t) => {
  const counts = Array.from({ length: 120 }, (_, index) => (index >= 60 && index < 75 ? 0 : 100 + ((index * 37) % 23)));
  const windows = stream(0, counts);
  const create: Create = (snapshot) => createDetector({ timeZone: 'America/Sao_Paulo' }, snapshot);
  const undisturbed = create(null);
  const expected = windows.flatMap((window) => undisturbed.step(window).events);
  assert.ok(expected.length >= 2, 'the outage is seen');

  const harness = await createHarness(t);
  let transactions = 0;
  const flaky: Database = {
    ...database,
    transaction: async (work) => {
      transactions += 1;
      const kind = transactions % 3;
      const result = await database.transaction(async (tx) => {
        const done = await work(tx);
        if (kind === 1) throw new Error('killed before the commit');
        return done;
      });
      if (kind === 2) throw new Error('killed after the commit');
      return result;
    },
  };
  for (let from = 0; from < windows.length; from += 10) {
    await harness.publish(windows.slice(from, from + 10));
    await harness.start({ create, database: flaky });
    await harness.settle();
  }
  assert.deepEqual(await outbox(), JSON.parse(JSON.stringify(expected)));
  assert.equal((await listScores(database, { node: 'fleet' })).length, 120);
});

test('a large state is stored now and then; what lies between is read again and told once', async (t) => {
  const harness = await createHarness(t);
  const create = testDetector({ stateBytes: 10_000_000 });
  const killed: Database = { ...database };
  await harness.start({ create, database: killed, snapshotEveryMinutes: 3 });
  for (let index = 0; index < 8; index += 1) {
    await harness.publish([windowOf(index, index === 1 || index === 7 ? 0 : 100)]);
    await harness.settle();
  }
  assert.equal((await readSnapshot(database, 'main'))?.nextOffset, 6);
  // A kill: the stage cannot store anything at its stop.
  killed.transaction = () => Promise.reject(new Error('killed'));
  await harness.start({ create, snapshotEveryMinutes: 3 });
  await harness.publish([windowOf(8, 100)]);
  await harness.settle();
  assert.deepEqual(names(await outbox()), ['opened an_2', 'resolved an_2', 'opened an_8', 'resolved an_8']);
  await harness.worker().stop();
  assert.equal((await readSnapshot(database, 'main'))?.nextOffset, 9);
});

for (const [what, changes] of [
  ['another version', { detectorVersion: '2' }],
  ['another configuration', { configHash: 'd' }],
] as const) {
  test(`after ${what} the detector learns again, pages nobody for the past and puts right what is open`, async (t) => {
    const harness = await createHarness(t);
    await harness.start();
    await harness.publish(stream(0, [100, 0, 0, 100, 100, 0]));
    await harness.settle();
    const before = names(await outbox());
    await harness.start({ ...changes, create: testDetector({ prefix: 'b' }) });
    await harness.publish(stream(6, [0, 100]));
    await harness.settle();
    assert.deepEqual(names(await outbox()).slice(before.length), ['resolved an_6', 'opened b_6', 'updated b_6', 'resolved b_6']);
    assert.equal((await listAnomalies(database, { state: 'open' })).items.length, 0);
    await harness.worker().stop();
    assert.equal(testDetector()((await readSnapshot(database, 'main'))?.body ?? null).lastSequence, 8);
  });
}

test('a detector that learns again leaves open what the program says of itself', async (t) => {
  const harness = await createHarness(t);
  await harness.start();
  await harness.publish(stream(0, [100, 0, 0]));
  await harness.settle();
  const [event] = await outbox();
  assert.ok(event !== undefined);
  await writeAnomalies(database, [{ ...event, anomaly: { ...event.anomaly, id: 'an_own', type: 'detector_behind' } }]);
  await harness.start({ detectorVersion: '2', create: testDetector({ prefix: 'b' }) });
  await harness.publish(stream(3, [100]));
  await harness.settle();
  assert.deepEqual(
    (await listAnomalies(database, { state: 'open' })).items.map(({ id }) => id),
    ['an_own'],
  );
});

test('an anomaly that the new detector holds open too goes on under its name', async (t) => {
  const harness = await createHarness(t);
  await harness.start();
  await harness.publish(stream(0, [100, 0]));
  await harness.settle();
  await harness.start({ detectorVersion: '2' });
  await harness.publish(stream(2, [100]));
  await harness.settle();
  assert.deepEqual(names(await outbox()), ['opened an_2', 'resolved an_2']);
});

test('a damaged snapshot is not fatal', async (t) => {
  const harness = await createHarness(t);
  await harness.start();
  await harness.publish(stream(0, [100, 0]));
  await harness.settle();
  await harness.worker().stop();
  await database.query('update detector_snapshot set body = $1', [Buffer.from('{damaged')]);
  await harness.start();
  await harness.publish(stream(2, [100]));
  await harness.settle();
  assert.deepEqual(names(await outbox()), ['opened an_2', 'resolved an_2']);
});

test('repeated windows change nothing, and minutes go on when their numbers begin again', async (t) => {
  const harness = await createHarness(t);
  await harness.start();
  const first = stream(0, [100, 0, 100]);
  await harness.publish([...first, ...first]);
  await harness.publish([windowOf(3, 0, { sequence: 1 }), windowOf(4, 100, { sequence: 2 })]);
  await harness.settle();
  assert.deepEqual(names(await outbox()), ['opened an_2', 'resolved an_2', 'opened an_4', 'resolved an_4']);
});

test('bytes that are no window, and a window that the detector fails on, are sent to the dead-letter topic and block nothing', async (t) => {
  const harness = await createHarness(t);
  await harness.start({ create: testDetector({ failsOn: 2 }) });
  await harness.publish([windowOf(0, 100), { ...windowOf(9, 1), minute: 5 }, windowOf(1, 100), windowOf(2, 0)]);
  await harness.settle();
  assert.deepEqual(names(await outbox()), ['opened an_3']);
  const reasons: string[] = [];
  for await (const batch of readAll(harness.bus, TOPICS.dead)) {
    for (const record of batch.records) reasons.push((JSON.parse(Buffer.from(record.value).toString()) as { reason: string }).reason);
  }
  assert.deepEqual(reasons, ['minute: must be the start of a minute', 'the detector fails on it']);
});

test('a verdict that the log has and the database lost in a power cut is stored again, once', async (t) => {
  const harness = await createHarness(t);
  await harness.start();
  await harness.publish(stream(0, [100, 0]));
  await harness.settle();
  const [anomaly] = (await listAnomalies(database)).items;
  assert.ok(anomaly);
  const notice = noticeOf(7, Date.parse(anomaly.detected_at), 'noise', anomaly);
  await harness.publish([notice, notice]);
  await harness.settle();
  const { items } = await listFeedback(database);
  assert.deepEqual(
    items.map(({ number, anomaly_id, verdict }) => [number, anomaly_id, verdict]),
    [[7, anomaly.id, 'noise']],
  );
});

test('a shard that is killed in the middle of an incident: the detector starts again from its state, and nothing is lost or reported twice', async (t) => {
  const options = { timeZone: 'America/Sao_Paulo' };
  const windows = [...companyOf(4, 130, () => [])].flatMap((given) => ('window' in given ? [given.window] : []));
  const plain = createDetector(options);
  const expected = windows.flatMap((window) => [...plain.step(window).events]);
  const isOpen = new Set<string>();
  const half = windows.findIndex((window) => {
    for (const { event, anomaly, sequence } of expected) {
      if (sequence !== window.sequence) continue;
      if (event === 'resolved') isOpen.delete(anomaly.id);
      else isOpen.add(anomaly.id);
    }
    return isOpen.size > 0;
  });
  assert.ok(half > 0 && half < windows.length - 1, 'an incident must be open');
  const pool = createShardPool(2, new URL('../../app/shard-process.ts', import.meta.url));
  t.after(() => pool.close());
  const harness = await createHarness(t);
  let made = 0;
  await harness.start({
    create: (snapshot) => {
      made++;
      return createShardedDetector(options, snapshot, pool.links());
    },
  });
  await harness.publish(windows.slice(0, half + 1));
  await harness.settle();
  process.kill(pool.pids()[0] ?? 0, 'SIGKILL');
  await harness.publish(windows.slice(half + 1));
  await harness.settle();
  assert.equal(made, 2);
  assert.deepEqual(names(await outbox()), names(expected));
});
