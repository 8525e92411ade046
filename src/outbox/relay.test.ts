import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Registry } from 'prom-client';
import { TOPICS, type Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Bus, OutRecord } from '../bus/bus.ts';
import { systemClock } from '../clock.ts';
import { GuardianError } from '../errors.ts';
import type { Database } from '../store/database.ts';
import { createOutboxRelay } from './relay.ts';
import { openTestDatabase, silentLog } from '../store/test-database.ts';
import { claimPartition } from '../store/verbs/log/claim-partition.ts';
import { commitOffset } from '../store/verbs/log/commit-offset.ts';
import { releaseOutbox } from '../store/verbs/outbox/release-outbox.ts';
import { enqueueOutbox } from '../store/verbs/outbox/enqueue-outbox.ts';
import { until } from '../test-until.ts';

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());
afterEach(() => database.exec('truncate outbox'));

/** A bus that only takes records, or refuses them. */
function createSink() {
  const taken: string[] = [];
  const headers: unknown[] = [];
  let fault: (topic: Topic, records: readonly string[]) => GuardianError | undefined = () => undefined;
  let calls = 0;
  const publish = async (topic: Topic, records: readonly OutRecord[]) => {
    calls += 1;
    const texts = records.map(({ value }) => Buffer.from(value).toString());
    const error = fault(topic, texts);
    if (error !== undefined) throw error;
    headers.push(...records.map((record) => record.headers));
    taken.push(...texts.map((text) => `${topic} ${text}`));
    return records.map((_, offset) => ({ partition: 0, offset }));
  };
  const bus = { publish } as unknown as Bus;
  return { bus, taken, headers, calls: () => calls, setFault: (next: typeof fault) => void (fault = next) };
}

const relayTo = (bus: Bus, waits = { retryMs: 5, maxRetryMs: 20 }) =>
  createOutboxRelay({ database, bus, clock: systemClock, log: silentLog, metrics: new Registry() }, { pollMs: 5000, ...waits });
const put = (...values: string[]) =>
  enqueueOutbox(
    database,
    values.map((value) => ({ topic: value.startsWith('a') ? TOPICS.anomalies : TOPICS.windows, key: '', value })),
  );
const left = () => database.query('select value from outbox order by id');

test('messages leave in their order, across topics, and are gone afterwards', async () => {
  const sink = createSink();
  await put('w1', 'w2', 'a1', 'w3');
  await relayTo(sink.bus).flush();
  assert.deepEqual(sink.taken, ['guardian.windows w1', 'guardian.windows w2', 'guardian.anomalies a1', 'guardian.windows w3']);
  assert.deepEqual(await left(), []);
});

test('a message for a stage is kept, published once, until the stage has committed it', async () => {
  const sink = createSink();
  await put('a1', 'a2', 'a3', 'w1');
  const reader = { topic: TOPICS.anomalies, group: 'guardian-alert' };
  const relay = createOutboxRelay(
    { database, bus: sink.bus, clock: systemClock, log: silentLog, metrics: new Registry() },
    { readers: [reader] },
  );
  await relay.flush();
  await relay.flush();
  assert.equal(sink.taken.length, 4);
  assert.deepEqual(await left(), [{ value: 'a1' }, { value: 'a2' }, { value: 'a3' }]);
  const claim = { ...reader, partition: 0, generation: 1, owner: 'me' };
  await claimPartition(database, claim);
  await commitOffset(database, claim, 2);
  await releaseOutbox(database, [reader]);
  assert.deepEqual(await left(), [{ value: 'a3' }]);
});

test('messages keep their headers, and those from before there were any have none', async () => {
  const sink = createSink();
  const headers = {
    'content-type': 'application/json',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    tracestate: 'v="1",é',
  };
  await enqueueOutbox(database, [{ topic: TOPICS.windows, key: '', value: 'w1', headers }]);
  await database.exec(`insert into outbox (topic, key, value) values ('guardian.windows', '', 'w0')`);
  await relayTo(sink.bus).flush();
  assert.deepEqual(sink.headers, [headers, {}]);
});

test('a wake sends at once what a commit has put in', async () => {
  const sink = createSink();
  const relay = relayTo(sink.bus);
  await relay.start();
  await put('w1');
  relay.wake();
  await until(() => sink.taken.length > 0);
  assert.deepEqual(sink.taken, ['guardian.windows w1']);
  await relay.stop();
  await relay.stop();
});

test('while the bus is down messages stay in line, and none overtakes', async () => {
  const sink = createSink();
  sink.setFault(() => new GuardianError('BUS_UNAVAILABLE', 'down', { retryable: true }));
  const relay = relayTo(sink.bus);
  await put('w1');
  await relay.start();
  await until(() => sink.calls() >= 3);
  assert.equal(relay.health().status, 'degraded');
  await put('w2');
  sink.setFault(() => undefined);
  await relay.stop();
  assert.deepEqual(sink.taken, ['guardian.windows w1', 'guardian.windows w2']);
});

test('a stop with the bus down keeps the messages for the next start', async () => {
  const sink = createSink();
  sink.setFault(() => new GuardianError('BUS_CLOSED', 'closed'));
  const relay = relayTo(sink.bus);
  await relay.start();
  await put('w1');
  await relay.stop();
  assert.deepEqual(await left(), [{ value: 'w1' }]);
});

test('a stop does not sit out the wait after a failure', { timeout: 300_000 }, async () => {
  const sink = createSink();
  sink.setFault(() => new GuardianError('BUS_UNAVAILABLE', 'down', { retryable: true }));
  const relay = relayTo(sink.bus, { retryMs: 3_600_000, maxRetryMs: 3_600_000 });
  await put('w1');
  await relay.start();
  await until(() => relay.health().status !== 'ok');
  await relay.stop();
  assert.equal(sink.calls(), 2, 'once at the start, once more at the stop');
  assert.deepEqual(await left(), [{ value: 'w1' }]);
});

test('a message that the bus never takes is sent to the dead-letter topic with the reason, the others go', async () => {
  const sink = createSink();
  sink.setFault((_topic, texts) => (texts.includes('w2') ? new GuardianError('BUS_RECORD_TOO_LARGE', 'too large') : undefined));
  await put('w1', 'w2', 'w3');
  await relayTo(sink.bus).flush();
  assert.deepEqual(sink.taken, ['guardian.windows w1', 'guardian.windows w3']);
  assert.deepEqual(await database.query('select value, refused from outbox'), [{ value: 'w2', refused: 'too large' }]);
});

test('a crash between publishing and deleting publishes again', async () => {
  const sink = createSink();
  await put('w1');
  const crashing: Database = {
    ...database,
    query: async (text, params) =>
      text.startsWith('delete')
        ? Promise.reject(new GuardianError('STORE_UNAVAILABLE', 'x', { retryable: true }))
        : database.query(text, params),
  };
  await assert.rejects(
    createOutboxRelay({ database: crashing, bus: sink.bus, clock: systemClock, log: silentLog, metrics: new Registry() }).flush(),
  );
  await relayTo(sink.bus).flush();
  assert.deepEqual(sink.taken, ['guardian.windows w1', 'guardian.windows w1']);
});
