import type { IncomingHttpHeaders } from 'node:http';

/** Where every route of the API stands. */
export const API_BASE = '/api/v1';

/** First segments of the routes of the API that also answer without the base, as the documents of older integrations write them. */
const ALIASES: ReadonlySet<string> = new Set([
  'alerts',
  'analyze',
  'anomalies',
  'chat',
  'feedback',
  'forecast',
  'health',
  'heartbeat',
  'incidents',
  'merchants',
  'metrics',
  'progress',
  'ready',
  'series',
  'session',
  'stats',
  'stream',
  'transaction',
  'transactions',
]);

/** Aliases that are also addresses of the console: a page navigation gets the page, anything else the API. */
const PAGES: ReadonlySet<string> = new Set(['alerts', 'anomalies', 'incidents', 'merchants']);

interface Asked {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** The last address that always becomes the same route: a sender of single transactions asks for the same one each time. */
let lastAlias = '';
let lastRouted = '';

/** The address that the router sees: an alias becomes the route below `API_BASE`, everything else stays as it is. */
export function routedUrl({ method, url = '/', headers }: Asked): string {
  if (url === lastAlias) return lastRouted;
  const end = url.slice(1).search(/[/?#]/);
  const first = end === -1 ? url.slice(1) : url.slice(1, end + 1);
  if (!ALIASES.has(first)) return url;
  if (PAGES.has(first)) return isNavigation(method, headers) ? url : API_BASE + url;
  lastAlias = url;
  lastRouted = API_BASE + url;
  return lastRouted;
}

/** Whether a browser opens a page; programs and scripts of pages ask for something else. */
function isNavigation(method: string | undefined, headers: IncomingHttpHeaders): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  const mode = headers['sec-fetch-mode'];
  return mode === undefined ? (headers.accept ?? '').includes('text/html') : mode === 'navigate';
}
