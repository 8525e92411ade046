import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Histogram, Registry } from 'prom-client';
import { httpHistogram } from '../telemetry/metrics.ts';

const CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const;
type Child = ReturnType<Histogram<'method' | 'route' | 'status_class'>['labels']>;

/** Writes one line and one observation for every answered request: id, method, route (never the query), status, ms.
 *  Successes of quiet routes, and 503 of public ones (probes), are logged at `debug`, other 5xx at `warn`, everything else at `info`. */
export function logRequests(app: FastifyInstance, log: Logger, metrics: Registry): void {
  const histogram = httpHistogram(metrics);
  const children = new Map<string, Child>();
  // Requests mostly come many of a kind.
  let last: { readonly method: string; readonly route: string; readonly status: number; readonly child: Child } | undefined;

  function childOf(method: string, route: string, status: number): Child {
    if (last?.route === route && last.status === status && last.method === method) return last.child;
    const key = `${method} ${route} ${status}`;
    let child = children.get(key);
    if (child === undefined) {
      child = histogram.labels(method, route, CLASSES[Math.floor(status / 100) - 1] ?? '5xx');
      children.set(key, child);
    }
    last = { method, route, status, child };
    return child;
  }

  app.addHook('onResponse', (request, reply, done) => {
    const { method } = request;
    const { config } = request.routeOptions;
    const route = config.url ?? 'unmatched';
    const status = reply.statusCode;
    const ms = reply.elapsedTime;
    childOf(method, route, status).observe(ms / 1000);
    // A probe that asks every second while the program starts is answered 503 each time: that is its answer, not a failure.
    const isExpected = config.quiet === true && (status < 400 || (status === 503 && config.public === true));
    const level = isExpected ? 'debug' : status >= 500 ? 'warn' : 'info';
    if (log.isLevelEnabled(level))
      log[level]({ request_id: request.id, method, route, status, ms: Math.round(ms * 1000) / 1000 }, 'request');
    done();
  });
}
