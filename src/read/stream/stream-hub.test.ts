import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { MinuteBand } from '@transaction-guardian/contracts/read.ts';
import type { Stats } from '@transaction-guardian/contracts/stats.ts';
import { TOPICS, type Topic } from '@transaction-guardian/contracts/topics.ts';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { pino } from 'pino';
import type { Bus } from '../../bus/bus.ts';
import { createEmbeddedUnderTest, type EmbeddedUnderTest } from '../../bus/embedded/bus-under-test.ts';
import { windowText } from '../../topic/window-message.ts';
import { createStreamHub, type StreamHub, type StreamHubOptions } from './stream-hub.ts';
import type { StreamClient } from './stream-client.ts';
import { until } from '../../test-until.ts';

const MINUTE_MS = 60_000;
const START = Date.parse('2026-11-22T03:00:00Z');

interface Seen {
  readonly client: StreamClient;
  readonly events: { id?: string; event: string; data: unknown }[];
  isEnded: boolean;
  bufferedBytes: number;
}

let under: EmbeddedUnderTest;
let bus: Bus;
let hubs: StreamHub[];
let bands: MinuteBand[];

beforeEach(async () => {
  under = createEmbeddedUnderTest('inline');
  bus = await under.open({});
  hubs = [];
  bands = [];
});
afterEach(async () => {
  for (const hub of hubs) await hub.stop();
  await under.release();
});

const sameStats = async () => ({ transactions_per_minute: 1, stream: 'live' }) as Stats;

async function startHub(options: Partial<StreamHubOptions> = {}, readStats: () => Promise<Stats> = sameStats): Promise<StreamHub> {
  const hub = createStreamHub(
    {
      bus,
      clock: under.clock,
      log: pino({ level: 'silent' }),
      readStats,
      readBands: async () => bands,
    },
    { instance: String(hubs.length), timeZone: 'UTC', statsEveryMs: 5, nameOf: (id) => (id === 'ana' ? 'Ana Souza' : id), ...options },
  );
  hubs.push(hub);
  await hub.start();
  return hub;
}

function connect(hub: StreamHub, lastEventId?: string): Seen {
  const seen: Seen = {
    client: {
      locale: 'en',
      sink: {
        write: (text) => void seen.events.push(...parseEvents(text)),
        buffered: () => seen.bufferedBytes,
        end: () => {
          seen.isEnded = true;
        },
      },
    },
    events: [],
    isEnded: false,
    bufferedBytes: 0,
  };
  hub.attach(seen.client, lastEventId);
  return seen;
}

function parseEvents(text: string): Seen['events'] {
  return text.split('\n\n').flatMap((block) => {
    const field = (name: string) =>
      block
        .split('\n')
        .find((line) => line.startsWith(`${name}: `))
        ?.slice(name.length + 2);
    const event = field('event');
    const id = field('id');
    return event === undefined
      ? []
      : [{ event, data: JSON.parse(field('data') ?? 'null') as unknown, ...(id === undefined ? {} : { id }) }];
  });
}

async function publish(topic: Topic, ...values: unknown[]): Promise<void> {
  await bus.publish(
    topic,
    values.map((value) => ({ key: 'k', value: Buffer.from(JSON.stringify(value)) })),
  );
}

function windowAt(index: number): ClosedWindow {
  const cell = { auth_code: '', merchant_id: '', acquirer: '', amount: 0 };
  const cells = [
    { ...cell, status: 'approved' as const, count: 100 + index },
    { ...cell, status: 'denied' as const, count: 5 },
    { ...cell, status: '' as const, auth_code: '51', count: 5 },
  ];
  return {
    v: 1,
    sequence: index,
    minute: START + index * MINUTE_MS,
    revision: 0,
    state: 'observed',
    cells,
    late: 0,
    backfill: false,
    closed_at: START,
  };
}

const named = (seen: Seen, event: string) => seen.events.filter((entry) => entry.event === event);

test('a verdict of a person reaches every client, between the minutes', async () => {
  const hub = await startHub();
  const seen = connect(hub);
  const anomaly = { id: 'an_1', type: 'spike', node: { kind: 'fleet' }, duration_minutes: 1, z_score: 5, ml_score: 1 };
  const given = { verdict: 'noise', comment: 'secret', anomaly };
  await publish(TOPICS.windows, windowAt(0), { v: 1, kind: 'feedback', number: 7, minute: START, at: 0, by: 'ana', ends: [3], given });
  await until(() => named(seen, 'feedback').length === 1);
  assert.deepEqual(named(seen, 'feedback')[0]?.data, {
    ends: [3],
    given: { number: 7, anomaly_id: 'an_1', verdict: 'noise', by: 'ana', by_name: 'Ana Souza' },
  });
  assert.equal(named(seen, 'window').length, 1);
});

test('a closed minute reaches every client, counted by status, and its band follows once it is scored', async () => {
  const hub = await startHub();
  const [one, two] = [connect(hub), connect(hub)];
  await publish(TOPICS.windows, windowAt(0));
  await until(() => named(one, 'window').length === 1 && named(two, 'window').length === 1);
  const { data } = named(one, 'window')[0] as { data: Record<string, unknown> };
  assert.equal(data['total'], 105, 'breakdown rows do not add to the total');
  assert.deepEqual(data['by_status'], { approved: 100, denied: 5 });
  assert.equal(data['expected'], null);
  bands = [{ minute: new Date(START).toISOString(), expected: 110, expected_low: 90, expected_high: 130, ml_score: 0.2, z_score: -0.4 }];
  await until(() => named(one, 'scores').length === 1);
  assert.deepEqual(named(one, 'scores')[0]?.data, bands);
});

test('a client that comes back gets exactly what it missed, also from a server that has just started', async () => {
  const hub = await startHub();
  const first = connect(hub);
  await publish(TOPICS.windows, windowAt(0), windowAt(1));
  await until(() => named(first, 'window').length === 2);
  hub.detach(first.client);
  const id = named(first, 'window')[0]?.id;
  await publish(TOPICS.windows, windowAt(2));
  const restarted = await startHub();
  const back = connect(restarted, id);
  const minutes = named(back, 'window').map(({ data }) => (data as { minute: string }).minute);
  assert.deepEqual(
    minutes,
    [1, 2].map((index) => new Date(START + index * MINUTE_MS).toISOString()),
  );
  assert.deepEqual(named(back, 'reset'), []);
});

test('a gap that is not kept any more, and an id that is not ours, are answered with reset', async () => {
  await publish(TOPICS.windows, ...[0, 1, 2, 3, 4, 5, 6, 7].map(windowAt));
  const hub = await startHub({ capacity: 6 });
  assert.equal(named(connect(hub, '0.0.0'), 'reset').length, 1);
  assert.equal(named(connect(hub, 'nonsense'), 'reset').length, 1);
  assert.equal(named(connect(hub, '99.0.0'), 'reset').length, 1, 'a log that was made anew');
  assert.equal(named(connect(hub, '8.0.0'), 'reset').length, 0);
});

test('a log of large windows is not read back whole at the start', async () => {
  await publish(TOPICS.windows, ...Array.from({ length: 40 }, (_, index) => windowAt(index)));
  const hub = await startHub({ historyBytes: 10 * JSON.stringify(windowAt(30)).length });
  assert.equal(named(connect(hub, '20.0.0'), 'reset').length, 1);
  const back = connect(hub, '35.0.0');
  assert.equal(named(back, 'reset').length, 0);
  assert.equal(named(back, 'window').length, 5);
});

test('a packed window is reported by its totals', async () => {
  const hub = await startHub();
  const seen = connect(hub);
  const cells = Array.from({ length: 300 }, (_, index) => ({
    status: index % 3 === 0 ? ('denied' as const) : ('approved' as const),
    auth_code: '00',
    merchant_id: `m-${index}`,
    acquirer: '',
    count: 2,
    amount: 1,
  }));
  await bus.publish(TOPICS.windows, [{ value: Buffer.from(windowText({ ...windowAt(0), cells })) }]);
  await until(() => named(seen, 'window').length === 1);
  const { data } = named(seen, 'window')[0] as { data: Record<string, unknown> };
  assert.deepEqual(data['by_status'], { approved: 400, denied: 200 });
});

test('stats follow an event at once when they have not just been sent', async () => {
  let transactions = 0;
  const hub = await startHub(
    { statsEveryMs: 60_000 },
    async () => ({ transactions_per_minute: (transactions += 1), stream: 'live' }) as Stats,
  );
  const seen = connect(hub);
  await until(() => named(seen, 'stats').length === 1);
  await publish(TOPICS.windows, windowAt(0));
  await until(() => named(seen, 'stats').length === 2);
});

test('stats are sent when they have changed, and once to a new client', async () => {
  let looks = 0;
  const hub = await startHub({}, () => {
    looks += 1;
    return sameStats();
  });
  const seen = connect(hub);
  await until(() => named(seen, 'stats').length > 0);
  const before = named(seen, 'stats').length;
  const after = looks + 5;
  await until(() => looks >= after, 'five more looks');
  assert.ok(named(seen, 'stats').length <= Math.max(before, 2), 'unchanged stats are not repeated');
});

test('a slow client is dropped; the others go on', async () => {
  const hub = await startHub({ maxBufferedBytes: 1000 });
  const [slow, quick] = [connect(hub), connect(hub)];
  slow.bufferedBytes = 5000;
  await publish(TOPICS.windows, windowAt(0));
  await until(() => named(quick, 'window').length === 1);
  assert.equal(slow.isEnded, true);
  assert.equal(hub.clients, 1);
});

test('a record that is no JSON is left out and the stream goes on', async () => {
  const hub = await startHub();
  const seen = connect(hub);
  await bus.publish(TOPICS.windows, [{ value: Buffer.from('{') }]);
  await publish(TOPICS.windows, windowAt(1));
  await until(() => named(seen, 'window').length === 1);
});

test('stop ends every client and refuses new ones', async () => {
  const hub = await startHub();
  const seen = connect(hub);
  await hub.stop();
  assert.equal(seen.isEnded, true);
  assert.equal(connect(hub).isEnded, true);
});

test('what is announced reaches every client in its language, and leaves the place in the log as it is', async () => {
  const hub = await startHub();
  const seen = connect(hub);
  hub.announce('runbook', (locale) => ({ id: 'r-1', runbook: 'restart-api', state: 'running', text: locale }));
  await until(() => seen.events.some(({ event }) => event === 'runbook'));
  const told = seen.events.find(({ event }) => event === 'runbook');
  assert.deepEqual(told, { event: 'runbook', data: { id: 'r-1', runbook: 'restart-api', state: 'running', text: seen.client.locale } });
});
