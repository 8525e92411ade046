import { MerchantList } from '@transaction-guardian/contracts/read.ts';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { MAX_MERCHANTS } from '../../read/merchant-reader.ts';
import { queryOf, type ReadRouteDeps } from './read-query.ts';

const Query = Type.Object(
  { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_MERCHANTS, default: 50 })) },
  { additionalProperties: false },
);

/** `GET /merchants`: the last hour of every merchant, worst first. */
export function registerMerchantRoutes(app: FastifyInstance, { readSide }: Pick<ReadRouteDeps, 'readSide'>): void {
  app.get(
    '/merchants',
    {
      config: { quiet: true },
      schema: {
        operationId: 'listMerchants',
        tags: ['read'],
        summary: 'List merchants, worst first',
        description: 'Last 60 closed minutes. A merchant with an open anomaly is listed even without a transaction.',
        querystring: Query,
        response: { 200: MerchantList },
      },
    },
    async (request) => {
      const { limit = 50 } = queryOf(request, Query);
      return { items: await readSide.merchants.read(limit) };
    },
  );
}
