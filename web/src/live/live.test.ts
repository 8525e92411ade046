import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { aForecast, aPoint, aStats, anAnomaly, NOW } from '../fixture.ts';
import type { Api } from './api.ts';
import { ApiError } from './ask.ts';
import { startLive, type EventStream, type Live } from './live.ts';
import { createStore, type Store } from './store.ts';

/** An EventSource that the test speaks for. */
function createFakeStream() {
  const listeners = new Map<string, ((event: MessageEvent<string>) => void)[]>();
  const stream = {
    readyState: 1,
    isClosed: false,
    addEventListener(name: string, listener: (event: MessageEvent<string>) => void) {
      listeners.set(name, [...(listeners.get(name) ?? []), listener]);
    },
    close() {
      stream.isClosed = true;
    },
    say(name: string, data: unknown = {}) {
      for (const listener of listeners.get(name) ?? []) listener(new MessageEvent(name, { data: JSON.stringify(data) }));
    },
  };
  return stream satisfies EventStream & { say: unknown };
}

const notHere = async (): Promise<never> => Promise.reject(new Error('not here'));

function createFakeApi(fields: Partial<Api> = {}) {
  const stats = vi.fn(async () => aStats());
  const api: Api = {
    openSession: async () => undefined,
    openSessionByCode: async () => undefined,
    session: async () => ({ authenticated: true, id: null, expires_at: null, actor: { id: 'ana', name: 'Ana', role: 'operator' } }),
    stats,
    health: async () => ({ status: 'healthy', uptime: '1s', uptime_seconds: 1, version: '2', checks: {} }),
    series: async () => ({ node: 'fleet', items: [aPoint(-2)] }),
    seriesOf: async () => ({ node: 'fleet', items: [] }),
    anomalies: async () => ({ items: [], next_cursor: null }),
    anomaly: async (id) => anAnomaly(id),
    alerts: async () => ({ items: [], next_cursor: null }),
    merchants: async () => ({ items: [] }),
    forecast: async () => aForecast(),
    feedback: async () => ({ items: [], next_cursor: null, actor: 'session:1', useful_share: null, pattern_factor: 1, effects: [] }),
    ...{ giveFeedback: notHere, acknowledge: notHere, unacknowledge: notHere, snooze: notHere, unsnooze: notHere },
    ...{ silences: notHere, createSilence: notHere, endSilence: notHere, endElsewhere: notHere },
    ...{ maintenance: notHere, createMaintenance: notHere, endMaintenance: notHere },
    withdrawFeedback: async () => undefined,
    ...fields,
  };
  return { api, stats };
}

let store: Store;
let live: Live | undefined;
let streams: ReturnType<typeof createFakeStream>[];

beforeEach(() => {
  vi.useFakeTimers();
  store = createStore((work) => work());
  streams = [];
});
afterEach(() => {
  live?.stop();
  vi.useRealTimers();
});

function start(api: Api): void {
  const openStream = () => {
    const stream = createFakeStream();
    streams.push(stream);
    return stream;
  };
  live = startLive({ store, api, openStream, now: () => NOW, refused: 'required' });
}

test('loads when the stream has opened, then follows its events', async () => {
  const { api } = createFakeApi();
  start(api);
  streams[0]?.say('open');
  await vi.waitFor(() => expect(store.get().loaded).toBe(true));
  streams[0]?.say('window', aPoint(-1));
  streams[0]?.say('anomaly', anAnomaly('an_1'));
  expect(store.get().points).toHaveLength(2);
  expect(store.get().anomalies[0]?.id).toBe('an_1');
  expect(store.get().connection.phase).toBe('open');
});

test('loads again after every reconnection and after reset', async () => {
  const { api, stats } = createFakeApi();
  start(api);
  streams[0]?.say('open');
  await vi.waitFor(() => expect(stats).toHaveBeenCalledTimes(1));
  streams[0]?.say('error');
  expect(store.get().connection.phase).toBe('lost');
  streams[0]?.say('open');
  streams[0]?.say('reset', { reason: 'gap' });
  await vi.waitFor(() => expect(stats).toHaveBeenCalledTimes(3));
});

test('what the stream says while a load is under way is not undone by its older answer', async () => {
  const answer = Promise.withResolvers<{ items: ReturnType<typeof anAnomaly>[]; next_cursor: null }>();
  const { api } = createFakeApi({ anomalies: () => answer.promise });
  start(api);
  streams[0]?.say('open');
  streams[0]?.say('anomaly', anAnomaly('an_1', { status: 'resolved', updated_at: new Date(NOW).toISOString() }));
  answer.resolve({ items: [anAnomaly('an_1')], next_cursor: null });
  await vi.waitFor(() => expect(store.get().loaded).toBe(true));
  expect(store.get().anomalies[0]?.status).toBe('resolved');
});

test('a server that starts is named, not taken for a lost connection, until it shows something', async () => {
  let isStarting = true;
  const { api } = createFakeApi({
    stats: async () => {
      if (isStarting) throw new ApiError(503, 'starting', 'APP_STARTING');
      return aStats();
    },
  });
  start(api);
  const [stream] = streams;
  if (stream !== undefined) stream.readyState = 2;
  stream?.say('error');
  await vi.waitFor(() => expect(store.get().connection.phase).toBe('starting'));
  stream?.say('error');
  expect(store.get().connection.phase).toBe('starting');
  isStarting = false;
  stream?.say('open');
  expect(store.get().connection.phase).toBe('open');
  await vi.waitFor(() => expect(store.get().loaded).toBe(true));
});

test('without a session nothing is retried: the page asks for the link', async () => {
  const { api } = createFakeApi({ stats: async () => Promise.reject(new ApiError(401, 'no session')) });
  start(api);
  const [stream] = streams;
  if (stream !== undefined) stream.readyState = 2;
  const phases = new Set<string>();
  const stopWatching = store.subscribe(() => phases.add(store.get().connection.phase));
  stream?.say('error');
  await vi.waitFor(() => expect(store.get().session).toBe('required'));
  stopWatching();
  expect([...phases]).not.toContain('lost');
  await vi.advanceTimersByTimeAsync(20_000);
  expect(streams).toHaveLength(1);
});

test('a stream that the server refused for another reason is opened again', async () => {
  const { api } = createFakeApi();
  start(api);
  const [stream] = streams;
  if (stream !== undefined) stream.readyState = 2;
  stream?.say('error');
  await vi.waitFor(() => expect(store.get().connection.phase).toBe('lost'));
  await vi.advanceTimersByTimeAsync(4000);
  expect(streams).toHaveLength(2);
});

test('the forecast is asked for again soon after minutes close, not once for each of them', async () => {
  const forecast = vi.fn(async () => aForecast());
  const { api } = createFakeApi({ forecast });
  start(api);
  streams[0]?.say('open');
  await vi.waitFor(() => expect(store.get().forecast?.items).toHaveLength(60));
  expect(forecast).toHaveBeenCalledTimes(1);
  for (let minute = 0; minute < 20; minute += 1) streams[0]?.say('window', aPoint(minute));
  await vi.advanceTimersByTimeAsync(12_000);
  expect(forecast).toHaveBeenCalledTimes(3);
});

test('a forecast that does not come harms nothing', async () => {
  const { api } = createFakeApi({ forecast: async () => Promise.reject(new ApiError(503, 'away')) });
  start(api);
  streams[0]?.say('open');
  await vi.waitFor(() => expect(store.get().loaded).toBe(true));
  await vi.advanceTimersByTimeAsync(2000);
  expect(store.get()).toMatchObject({ forecast: null, loadError: null, session: 'ok' });
});
