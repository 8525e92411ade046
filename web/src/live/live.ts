import type { StreamEvents } from '@transaction-guardian/contracts/read.ts';
import type { Api } from './api.ts';
import { API_BASE, ApiError } from './ask.ts';
import { createForecastFeed } from './forecast-feed.ts';
import type { LiveAction, RangeHours } from './model.ts';
import type { Store } from './store.ts';

const SLOW_REFRESH_MS = 15_000;
const RETRY_MS = 3_000;
const TABLE_MS = 5_000;

/** The part of EventSource that the page needs. */
export interface EventStream {
  addEventListener(name: string, listener: (event: MessageEvent<string>) => void): void;
  readonly readyState: number;
  close(): void;
}

export interface LiveDeps {
  readonly store: Store;
  readonly api: Api;
  readonly openStream: (url: string) => EventStream;
  readonly now: () => number;
  /** What a 401 means: no session, or a link that was already used. */
  readonly refused: 'required' | 'expired';
}

/** What the page can ask of its live connection. */
export interface Live {
  load(): Promise<void>;
  setRange(range: RangeHours): Promise<void>;
  stop(): void;
}

/** Keeps the store in step with the server. EventSource reconnects by itself and resumes by Last-Event-ID; the page
 *  loads again after every reconnection and after `reset`, so that nothing shown can be older than the connection. */
export function startLive(deps: LiveDeps): Live {
  const { store, api, now } = deps;
  let stream: EventStream | null = null;
  let stopped = false;
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const later = (work: () => void, ms: number) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, ms);
    timers.add(timer);
  };
  const forecast = createForecastFeed(deps, later);
  const recordings = new Set<LiveAction[]>();
  const apply = (action: LiveAction) => {
    store.dispatch(action);
    for (const recording of recordings) recording.push(action);
  };
  // What the stream says while a load is under way may be newer than its answer: it is applied again on top.
  const load = async () => {
    const recording: LiveAction[] = [];
    recordings.add(recording);
    await loadAll(deps, () => {
      for (const action of recording) store.dispatch(action);
    });
    recordings.delete(recording);
    if (store.get().session === 'ok') await forecast.load();
  };

  // A closed minute moves the table of merchants too; the server shares one answer for five seconds.
  let isTableDue = false;
  const minuteClosed = () => {
    forecast.minuteClosed();
    if (isTableDue) return;
    isTableDue = true;
    later(() => {
      isTableDue = false;
      void loadMerchants(deps);
    }, TABLE_MS);
  };
  const open = () => {
    if (stopped) return;
    stream = deps.openStream(`${API_BASE}/stream`);
    listen(stream, { ...deps, apply, load: () => void load(), minuteClosed });
    const lost = () => store.dispatch({ type: 'connection', phase: 'lost', now: now() });
    stream.addEventListener('error', () => {
      // A refused stream (readyState 2) is never retried by the browser: ask why, then try again.
      if (stream?.readyState === 2) void load().then(() => reopen(lost));
      else lost();
    });
  };
  const reopen = (lost: () => void) => {
    stream?.close();
    const { session, connection } = store.get();
    // Who has no session has lost nothing. A server that starts refuses the stream until it has something to show.
    if (stopped || session === 'required' || session === 'expired') return;
    if (connection.phase !== 'starting') lost();
    later(open, RETRY_MS);
  };
  const refresh = async () => {
    if (store.get().session === 'ok') await Promise.all([loadHealth(deps), loadMerchants(deps)]);
    if (!stopped) later(() => void refresh(), SLOW_REFRESH_MS);
  };
  open();
  later(() => void refresh(), SLOW_REFRESH_MS);
  return {
    load,
    async setRange(range) {
      store.dispatch({ type: 'range', range });
      await attempt(deps, async () => {
        const series = await api.series(range * 60);
        store.dispatch({ type: 'series', points: series.items });
      });
    },
    stop() {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
      stream?.close();
    },
  };
}

interface Listener extends Pick<LiveDeps, 'store' | 'now'> {
  readonly apply: (action: LiveAction) => void;
  readonly load: () => void;
  readonly minuteClosed: () => void;
}

function listen(stream: EventStream, { store, now, apply, load, minuteClosed }: Listener): void {
  const on = <Name extends keyof StreamEvents>(name: Name, take: (value: StreamEvents[Name]) => void) =>
    stream.addEventListener(name, (event) => {
      store.dispatch({ type: 'heard', now: now() });
      take(JSON.parse(event.data) as StreamEvents[Name]);
    });
  stream.addEventListener('open', () => {
    store.dispatch({ type: 'connection', phase: 'open', now: now() });
    load();
  });
  on('window', (point) => {
    apply({ type: 'window', point });
    minuteClosed();
  });
  on('scores', (bands) => apply({ type: 'scores', bands }));
  on('anomaly', (anomaly) => apply({ type: 'anomaly', anomaly }));
  on('alert', (alert) => apply({ type: 'alert', alert }));
  on('feedback', (mark) => apply({ type: 'feedback_mark', mark }));
  on('stats', (stats) => {
    const wasEmpty = store.get().stats?.stream === 'empty';
    apply({ type: 'stats', stats });
    if (wasEmpty && stats.stream !== 'empty') load();
  });
  on('runbook', (progress) => apply({ type: 'run', progress }));
  on('heartbeat', () => undefined);
  on('reset', load);
}

async function loadAll(deps: LiveDeps, onSnapshot: () => void): Promise<void> {
  const { store, api, now } = deps;
  await attempt(deps, async () => {
    const [stats, series, anomalies, alerts, feedback, health, session] = await Promise.all([
      api.stats(),
      api.series(store.get().range * 60),
      api.anomalies(),
      api.alerts(),
      api.feedback(),
      api.health().catch(() => null),
      api.session().catch(() => null),
    ]);
    if (session !== null) store.dispatch({ type: 'actor', actor: session.actor });
    store.dispatch({
      type: 'snapshot',
      snapshot: { stats, points: series.items, anomalies: anomalies.items, alerts: alerts.items, health },
      now: now(),
    });
    store.dispatch({ type: 'feedback', actor: feedback.actor, marks: feedback.items });
    onSnapshot();
    await loadMerchants(deps);
  });
}

async function loadHealth(deps: LiveDeps): Promise<void> {
  const { store, api, now } = deps;
  await attempt(deps, async () => store.dispatch({ type: 'health', health: await api.health(), now: now() }));
}

async function loadMerchants(deps: LiveDeps): Promise<void> {
  const { store, api } = deps;
  await attempt(deps, async () => store.dispatch({ type: 'merchants', merchants: (await api.merchants()).items }));
}

/** Runs a request; a 401 becomes the "open the link" page, anything else a message that can be retried. */
async function attempt({ store, refused, now }: LiveDeps, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 401) store.dispatch({ type: 'session', session: store.get().session === 'ok' ? 'required' : refused });
    else if (error.code === 'APP_STARTING') store.dispatch({ type: 'connection', phase: 'starting', now: now() });
    else store.dispatch({ type: 'load_failed', message: error.message });
  }
}
