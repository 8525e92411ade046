import { Type } from 'typebox';
import { Health } from '@transaction-guardian/contracts/stats.ts';
import type { FastifyInstance } from 'fastify';

/** Whether the program can do its work; `reasons` say what is missing, empty when ready. */
export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

export interface HealthRouteDeps {
  readonly health: () => Promise<Health> | Health;
  readonly ready: () => Promise<Readiness> | Readiness;
}

const Ready = Type.Object({ status: Type.Enum(['ready', 'not_ready']), reasons: Type.Array(Type.String()) }, { title: 'Readiness' });

/** `GET /health` (is it alive and well; 503 only when unhealthy) and `GET /ready` (may traffic come; 503 with reasons). */
export function registerHealthRoutes(app: FastifyInstance, { health, ready }: HealthRouteDeps): void {
  const config = { public: true, quiet: true, problems: [406] };
  app.get('/health', {
    config,
    schema: {
      operationId: 'getHealth',
      tags: ['operations'],
      summary: 'How each part is doing.',
      response: { 200: Health, 503: Health },
    },
    handler: async (_request, reply) => {
      const report = await health();
      return reply.code(report.status === 'unhealthy' ? 503 : 200).send(report);
    },
  });
  app.get('/ready', {
    config,
    schema: { operationId: 'getReady', tags: ['operations'], summary: 'Whether requests may come.', response: { 200: Ready, 503: Ready } },
    handler: async (_request, reply) => {
      const { ready: isReady, reasons } = await ready();
      return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not_ready', reasons });
    },
  });
}
