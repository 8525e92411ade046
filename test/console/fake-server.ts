import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { extname, join, normalize } from 'node:path';
import type { Forecast } from '@transaction-guardian/contracts/forecast.ts';
import type { FeedbackMark } from '@transaction-guardian/contracts/feedback.ts';
import type { AnomalyView, StreamEvents } from '@transaction-guardian/contracts/read.ts';
import type { SeriesPoint, Stats } from '@transaction-guardian/contracts/stats.ts';
import { createFakeRespond } from './fake-respond.ts';
import { makeForecast, makeMerchants, makePoint, makeStats, type MinuteOptions } from './fake-company.ts';

const MINUTE_MS = 60_000;
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

export interface FakeOptions {
  /** Folder of the built page. */
  readonly dist: string;
  /** Time of the last closed minute, epoch milliseconds. */
  readonly lastMinute: number;
  /** Minutes before `lastMinute` that are there at the start. */
  readonly history?: number;
  readonly kindOf?: (minutesAgo: number) => MinuteOptions;
  readonly anomalies?: readonly AnomalyView[];
  readonly stream?: Stats['stream'];
  readonly requireSession?: boolean;
}

/** A server with the read API of the product and a company that the test moves by hand. */
export interface FakeServer {
  readonly url: string;
  /** Closes the next minute and tells the page. */
  tick(options?: MinuteOptions): void;
  /** Opens or updates an anomaly with its alert, and tells the page. */
  anomaly(anomaly: AnomalyView): void;
  setStream(stream: Stats['stream']): void;
  /** Answers the next stats with these fields, and tells the page. */
  setStats(fields: Partial<Stats>): void;
  /** Verdicts are answered 503 from now on, or taken again. */
  refuseFeedback(refuse: boolean): void;
  /** Answers every later question for the forecast with 503. */
  withoutForecast(): void;
  /** Ends every connection and refuses new ones until `resume`. */
  cut(): void;
  resume(): void;
  close(): Promise<void>;
}

export async function startFakeServer(options: FakeOptions): Promise<FakeServer> {
  const points: SeriesPoint[] = [];
  const history = options.history ?? 180;
  for (let ago = history; ago > 0; ago -= 1) {
    points.push(makePoint(options.lastMinute - (ago - 1) * MINUTE_MS, options.kindOf?.(ago) ?? {}));
  }
  const anomalies = new Map((options.anomalies ?? []).map((anomaly) => [anomaly.id, anomaly]));
  const clients = new Set<ServerResponse>();
  let stream = options.stream ?? 'live';
  let isCut = false;
  let refusesFeedback = false;
  const marks = new Map<string, Mark>();
  let hasForecast = true;
  let sequence = 0;
  const lastAt = () => Date.parse(points.at(-1)?.minute ?? new Date(options.lastMinute).toISOString());
  let said: Partial<Stats> = {};
  const stats = () => ({ ...makeStats(points, [...anomalies.values()], lastAt() + MINUTE_MS, stream), ...said });
  const send = <Name extends keyof StreamEvents>(event: Name, data: StreamEvents[Name]) => {
    sequence += 1;
    for (const client of clients) client.write(`id: ${sequence}.0.0\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const answers: Readonly<Record<string, (url: URL) => unknown>> = {
    '/stats': stats,
    '/health': () => ({ status: 'healthy', uptime: '3d 4h', uptime_seconds: 274_320, version: '2.0.0', checks: {} }),
    '/series': (url) => ({ node: url.searchParams.get('node') ?? 'fleet', items: seriesFor(points, url) }),
    '/forecast': (url) => forecastOf(url.searchParams.get('node') ?? 'fleet', makeForecast(lastAt() + MINUTE_MS)),
    '/anomalies': () => ({ items: [...anomalies.values()], next_cursor: null }),
    '/alerts': () => ({ items: [...anomalies.values()].filter(({ status }) => status === 'open').map(respond.alertOf), next_cursor: null }),
    '/silences': (url) => ({ items: respond.silences(url.searchParams.get('status')), elsewhere: [], next_cursor: null }),
    '/session': () => ({ authenticated: true, id: null, expires_at: null, actor: { id: ACTOR, name: 'Ana', role: 'admin' } }),
    '/access': () => ({ links: [], sessions: [] }),
    '/maintenance': () => ({ items: respond.windows() }),
    '/feedback': () => ({
      items: [...marks.values()],
      next_cursor: null,
      actor: ACTOR,
      useful_share: null,
      pattern_factor: 1,
      effects: [],
    }),
    '/merchants': () => ({ items: points.length === 0 ? [] : makeMerchants() }),
  };
  const respond = createFakeRespond(
    () => [...anomalies.values()],
    (alert) => send('alert', alert),
  );
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    if (isCut) return request.socket.destroy();
    const url = new URL((request.url ?? '/').replace(/^\/api\/v1(?=\/)/, ''), 'http://fake');
    if (url.pathname === '/session' && request.method === 'POST')
      return response.writeHead(204, { 'set-cookie': 'guardian_session=1; HttpOnly; SameSite=Strict' }).end();
    const judged = /^\/anomalies\/([^/]+)\/feedback$/.exec(url.pathname)?.[1];
    if (judged !== undefined) return answerFeedback(judged, { request, response }, { marks, send, refuses: refusesFeedback });
    const acted = request.method === 'GET' ? undefined : await respond.act(request, url.pathname);
    if (acted !== undefined)
      return response.writeHead(acted.status, { 'content-type': 'application/json' }).end(JSON.stringify(acted.body));
    const answer = answers[url.pathname];
    const isApi = answer !== undefined || url.pathname === '/stream';
    if (isApi && options.requireSession === true && !request.headers.cookie?.includes('guardian_session=1'))
      return response.writeHead(401).end('{}');
    if (url.pathname === '/stream') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('retry: 1000\n\n');
      clients.add(response.on('close', () => clients.delete(response)));
      return;
    }
    if (url.pathname === '/forecast' && !hasForecast) return response.writeHead(503).end('{}');
    const isNavigation = request.headers['sec-fetch-mode'] === 'navigate' && !url.pathname.includes('.');
    if (isNavigation) return serveFile(options.dist, '/', response);
    if (answer !== undefined) return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer(url)));
    return serveFile(options.dist, url.pathname, response);
  };
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tick(minute) {
      const point = makePoint(points.length === 0 ? options.lastMinute : lastAt() + MINUTE_MS, minute);
      points.push(point);
      send('window', { ...point, revision: 0 });
      send('stats', stats());
    },
    anomaly(anomaly) {
      anomalies.set(anomaly.id, anomaly);
      send('anomaly', anomaly);
      send('alert', respond.alertOf(anomaly));
      send('stats', stats());
    },
    setStream(next) {
      stream = next;
      send('stats', stats());
    },
    setStats(fields) {
      said = fields;
      send('stats', stats());
    },
    withoutForecast() {
      hasForecast = false;
    },
    refuseFeedback(refuse) {
      refusesFeedback = refuse;
    },
    cut() {
      isCut = true;
      server.closeAllConnections();
    },
    resume() {
      isCut = false;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function seriesFor(points: readonly SeriesPoint[], url: URL): readonly SeriesPoint[] {
  const since = Date.parse(url.searchParams.get('since') ?? '') || 0;
  const until = Date.parse(url.searchParams.get('until') ?? '') || Infinity;
  const node = url.searchParams.get('node') ?? 'fleet';
  const status = /^status:(\w+)$/.exec(node)?.[1];
  const shown = points.filter(({ minute }) => Date.parse(minute) >= since && Date.parse(minute) < until);
  const kept = shown.slice(-Number(url.searchParams.get('minutes') ?? shown.length));
  if (node.startsWith('merchant:'))
    return kept.map((point) => ({
      ...point,
      total: 7,
      by_status: { approved: 5, denied: 2 },
      expected: 6,
      expected_low: 2,
      expected_high: 11,
    }));
  if (status === undefined) return kept;
  return kept.map((point) => {
    const count = point.by_status[status] ?? 0;
    return { ...point, total: count, by_status: { [status]: count }, expected: 6.1, expected_low: 2, expected_high: 13 };
  });
}

/** What is expected of a merchant is small; of `m-few` nothing is known. */
function forecastOf(node: string, forecast: Forecast): Forecast {
  if (node === 'fleet') return forecast;
  const small = { expected: 6, low80: 3, high80: 9, low99: 1, high99: 12, learning: node === 'merchant:m-few' };
  return { ...forecast, node, drifts: [], items: forecast.items.map(({ minute }) => ({ minute, ...small })) };
}

type Mark = NonNullable<FeedbackMark['given']>;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Who the pages act as. */
const ACTOR = 'session:1f2e3d4c5b6a';

interface FeedbackService {
  readonly marks: Map<string, Mark>;
  readonly send: (event: 'feedback', mark: FeedbackMark) => void;
  readonly refuses: boolean;
}

/** Takes or withdraws a verdict, as the product does, a little later than at once. */
async function answerFeedback(anomalyId: string, { request, response }: Exchange, desk: FeedbackService): Promise<void> {
  const body = await textOf(request);
  await sleep(150);
  if (desk.refuses) {
    response
      .writeHead(503, { 'content-type': 'application/problem+json' })
      .end(JSON.stringify({ detail: 'O banco de dados não respondeu.' }));
    return;
  }
  const input = body === '' ? null : (JSON.parse(body) as { readonly verdict: Mark['verdict'] });
  const by = ACTOR;
  const before = desk.marks.get(`${anomalyId} ${by}`);
  const given = input === null ? null : { number: Date.now(), anomaly_id: anomalyId, verdict: input.verdict, by, by_name: by };
  if (given === null) desk.marks.delete(`${anomalyId} ${by}`);
  else desk.marks.set(`${anomalyId} ${by}`, given);
  desk.send('feedback', { ends: before === undefined ? [] : [before.number], given });
  if (given === null) response.writeHead(204).end();
  else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(given));
}

async function serveFile(dist: string, path: string, response: ServerResponse): Promise<void> {
  const file = join(dist, normalize(path === '/' ? '/index.html' : path));
  try {
    const body = await readFile(file);
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(body);
  } catch {
    response.writeHead(404).end();
  }
}
