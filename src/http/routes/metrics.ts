import type { FastifyInstance } from 'fastify';
import { METRICS_CONTENT_TYPE, type MetricsFormat } from '../../telemetry/metrics.ts';
import { quality } from '../accept.ts';

/** `GET /metrics`: Prometheus text 0.0.4, or OpenMetrics for who prefers it. `render`: all metrics in one format. */
export function registerMetricsRoute(
  app: FastifyInstance,
  { render }: { readonly render: (format: MetricsFormat) => Promise<string> },
): void {
  app.get('/metrics', {
    config: { quiet: true, produces: ['text/plain', 'application/openmetrics-text'], problems: [401, 403, 406] },
    schema: {
      operationId: 'getMetrics',
      tags: ['operations'],
      summary: 'Metrics for Prometheus',
      response: {
        200: {
          description: 'Metrics.',
          content: { 'text/plain': { schema: { type: 'string' } }, 'application/openmetrics-text': { schema: { type: 'string' } } },
        },
      },
    },
    handler: async (request, reply) => {
      const accept = request.headers.accept ?? '';
      const format = quality(accept, 'application/openmetrics-text') > quality(accept, 'text/plain') ? 'openmetrics' : 'text';
      return reply.header('content-type', METRICS_CONTENT_TYPE[format]).send(await render(format));
    },
  });
}
