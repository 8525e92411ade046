import { Stats } from '@transaction-guardian/contracts/stats.ts';
import type { FastifyInstance } from 'fastify';
import type { ReadRouteDeps } from './read-query.ts';

/** `GET /stats`: the numbers of the tiles. */
export function registerStatsRoutes(app: FastifyInstance, { readSide }: Pick<ReadRouteDeps, 'readSide'>): void {
  app.get(
    '/stats',
    {
      config: { quiet: true },
      schema: {
        operationId: 'getStats',
        tags: ['read'],
        summary: 'Rates, counts and the state of the stream',
        description: 'Of a live stream, "the last hour" is counted back from the wall clock; of a replay, from its last closed minute.',
        response: { 200: Stats },
      },
    },
    () => readSide.stats.read(),
  );
}
