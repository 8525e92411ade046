import { createServer, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Config } from '../config/config-schema.ts';
import { createMetrics, METRICS_CONTENT_TYPE, renderMetrics } from '../telemetry/metrics.ts';
import type { Pipeline } from './pipeline.ts';

export interface ProbeDeps {
  readonly log: Logger;
  /** Of this process; default none of its own. */
  readonly metrics?: Registry;
  /** What this process says of itself. */
  readonly state: () => unknown;
  readonly pipeline: Pick<Pipeline, 'state'> | undefined;
  /** Whether log and database are open. */
  readonly isOpen: () => boolean;
}

/** Serves `/live`, `/ready` and `/metrics` of one process at `probe.port`, for whoever restarts it and for Prometheus; nothing when no port is
 *  set. It says nothing of a single transaction. Returns how to end it. Throws what `listen` throws. */
export async function startProbe(
  { probe }: Pick<Config, 'probe'>,
  { log, state, pipeline, isOpen, metrics = createMetrics() }: ProbeDeps,
): Promise<() => Promise<void>> {
  if (probe.port === undefined) return async () => undefined;
  const answer = (response: ServerResponse, status: number, body: unknown): void =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const routes: Readonly<Record<string, (response: ServerResponse) => void | Promise<void>>> = {
    // What waits for a server is not helped by a restart.
    '/live': (response) => answer(response, 200, state()),
    '/ready': (response) => answer(response, isOpen() ? 200 : 503, state()),
    '/metrics': async (response) => {
      const dumps = pipeline === undefined ? [] : [pipeline.state().metrics];
      response.writeHead(200, { 'content-type': METRICS_CONTENT_TYPE.text }).end(await renderMetrics(metrics, 'text', dumps));
    },
  };
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const route = request.method === 'GET' ? routes[path] : undefined;
    if (route === undefined) return answer(response, 404, { paths: Object.keys(routes) });
    Promise.resolve(route(response)).catch((error: unknown) => {
      log.warn({ err: error }, 'probe failed');
      if (!response.headersSent) answer(response, 500, {});
    });
  });
  server.listen(probe.port, probe.host);
  await once(server, 'listening');
  return async () => {
    server.closeAllConnections();
    server.close();
  };
}
