import { Cursor } from '@transaction-guardian/contracts/node.ts';
import { AlertPage } from '@transaction-guardian/contracts/read.ts';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { listAlerts } from '../../store/verbs/alert/list-alerts.ts';
import { checkCursor } from '../cursor.ts';
import { ListQuery, queryOf, rangeOf, type ReadRouteDeps } from './read-query.ts';

const Query = Type.Object(
  {
    status: Type.Optional(Type.Enum(['firing', 'resolved', 'all'], { default: 'firing', description: 'Default: those that fire now.' })),
    ...ListQuery,
    cursor: Type.Optional(Cursor),
  },
  { additionalProperties: false },
);

/** `GET /alerts`: what is firing, newest first. */
export function registerAlertRoutes(app: FastifyInstance, { readSide, language }: ReadRouteDeps): void {
  app.get(
    '/alerts',
    {
      schema: {
        operationId: 'listAlerts',
        tags: ['read'],
        summary: 'List alerts, newest first',
        description:
          'By default those that fire now. Texts are in the language of the caller (`Accept-Language`). `last` is counted back from the time of the stream.',
        querystring: Query,
        response: { 200: AlertPage },
      },
    },
    async (request) => {
      const { status = 'firing', ...query } = queryOf(request, Query);
      if (query.cursor !== undefined) checkCursor(query.cursor, language(request));
      const now = query.last === undefined ? null : (await readSide.stats.time()).now;
      const page = await listAlerts(
        readSide.database,
        {
          ...rangeOf(query, now),
          ...(status === 'all' ? {} : { status }),
          ...(query.type === undefined ? {} : { type: query.type }),
          ...(query.severity === undefined ? {} : { severity: query.severity }),
          ...(query.merchant_id === undefined ? {} : { merchantId: query.merchant_id }),
        },
        { limit: query.limit ?? 100, ...(query.cursor === undefined ? {} : { cursor: query.cursor }) },
        language(request),
      );
      return { items: page.items, next_cursor: page.next };
    },
  );
}
