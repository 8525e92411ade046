import { Alert } from '@transaction-guardian/contracts/alert.ts';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { listAlerts } from '../../store/verbs/list-alerts.ts';
import { withoutId } from '../openapi.ts';
import { ListQuery, queryOf, rangeOf, type ReadRouteDeps } from './read-query.ts';

const Query = Type.Object(
  {
    status: Type.Optional(Type.Enum(['firing', 'resolved', 'all'], { default: 'firing', description: 'Default: those that fire now.' })),
    ...ListQuery,
  },
  { additionalProperties: false },
);
const List = Type.Object({ items: Type.Array(withoutId(Alert)) });

/** `GET /alerts`: what is firing, newest first. */
export function registerAlertRoutes(app: FastifyInstance, { readSide }: Pick<ReadRouteDeps, 'readSide'>): void {
  app.get(
    '/alerts',
    {
      schema: {
        tags: ['read'],
        summary: 'Alerts, newest first',
        description: 'By default those that fire now. `last` is counted back from the time of the stream.',
        querystring: Query,
        response: { 200: List },
      },
    },
    async (request) => {
      const { status = 'firing', ...query } = queryOf(request, Query);
      const now = query.last === undefined ? null : (await readSide.stats.time()).now;
      const { items } = await listAlerts(
        readSide.database,
        {
          ...rangeOf(query, now),
          ...(status === 'all' ? {} : { status }),
          ...(query.type === undefined ? {} : { type: query.type }),
          ...(query.severity === undefined ? {} : { severity: query.severity }),
          ...(query.merchant_id === undefined ? {} : { merchantId: query.merchant_id }),
        },
        { limit: query.limit ?? 100 },
      );
      return { items };
    },
  );
}
