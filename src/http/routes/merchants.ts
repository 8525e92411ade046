import { MerchantList } from '@transaction-guardian/contracts/read.ts';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { listMerchants } from '../../store/verbs/list-merchants.ts';
import { queryOf, type ReadRouteDeps } from './read-query.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const Query = Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 50 })) }, { additionalProperties: false });

/** `GET /merchants`: the last hour of every merchant, worst first. */
export function registerMerchantRoutes(app: FastifyInstance, { readSide }: Pick<ReadRouteDeps, 'readSide'>): void {
  app.get(
    '/merchants',
    {
      config: { quiet: true },
      schema: {
        tags: ['read'],
        summary: 'Merchants, those in trouble first',
        description: 'Last 60 closed minutes. A merchant with an open anomaly is listed even without a transaction.',
        querystring: Query,
        response: { 200: MerchantList },
      },
    },
    async (request) => {
      const { limit = 50 } = queryOf(request, Query);
      const { lastMinute } = await readSide.stats.time();
      if (lastMinute === null) return { items: [] };
      const to = lastMinute + MINUTE_MS;
      return { items: await listMerchants(readSide.database, { from: to - HOUR_MS, to }, limit) };
    },
  );
}
