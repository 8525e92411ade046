import { Type } from 'typebox';
import { Health } from '@transaction-guardian/contracts/stats.ts';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** Whether the program can do its work; `reasons` say what is missing, empty when ready. `starting`: only transactions are
 *  taken yet. */
export interface Readiness {
  readonly status: 'ready' | 'starting' | 'not_ready';
  readonly reasons: readonly string[];
}

export interface HealthRouteDeps {
  readonly health: () => Promise<Health> | Health;
  readonly ready: () => Promise<Readiness> | Readiness;
}

const Ready = Type.Object(
  { status: Type.Enum(['ready', 'starting', 'not_ready']), reasons: Type.Array(Type.String()) },
  { title: 'Readiness' },
);

/** `GET /health` (is it alive and well; 503 when unhealthy, and while it starts) and `GET /ready` (may traffic come; 503 with reasons). */
export function registerHealthRoutes(app: FastifyInstance, { health, ready }: HealthRouteDeps): void {
  const config = { public: true, quiet: true, problems: [406] };
  app.get('/health', {
    config,
    schema: {
      operationId: 'getHealth',
      tags: ['operations'],
      summary: 'Health of each part',
      response: { 200: Health, 503: Health },
    },
    handler: async (_request, reply) => {
      const report = await health();
      return answer(reply, report.status !== 'unhealthy' && report.status !== 'starting').send(report);
    },
  });
  app.get('/ready', {
    config,
    schema: {
      operationId: 'getReady',
      tags: ['operations'],
      summary: 'Readiness: whether requests may be sent',
      response: { 200: Ready, 503: Ready },
    },
    handler: async (_request, reply) => {
      const { status, reasons } = await ready();
      return answer(reply, status === 'ready').send({ status, reasons });
    },
  });
}

const RETRY_AFTER_S = 1;

function answer(reply: FastifyReply, isOk: boolean): FastifyReply {
  return isOk ? reply.code(200) : reply.code(503).header('retry-after', RETRY_AFTER_S);
}
