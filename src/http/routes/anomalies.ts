import { Cursor } from '@transaction-guardian/contracts/node.ts';
import { AnomalyPage, AnomalyView } from '@transaction-guardian/contracts/read.ts';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { viewAnomaly } from '../../read/anomaly-view.ts';
import { listAnomalies, readAnomaly } from '../../store/verbs/anomaly/list-anomalies.ts';
import { checkCursor } from '../cursor.ts';
import { problemError } from '../problem.ts';
import { ListQuery, queryOf, rangeOf, type ReadRouteDeps } from './read-query.ts';

const Query = Type.Object(
  {
    status: Type.Optional(Type.Enum(['open', 'resolved'], { description: 'Only open or only resolved ones.' })),
    ...ListQuery,
    cursor: Type.Optional(Cursor),
  },
  { additionalProperties: false },
);
const Params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 128 }) });

/** `GET /anomalies`, newest first, and `GET /anomalies/:id`. */
export function registerAnomalyRoutes(app: FastifyInstance, { readSide, language }: ReadRouteDeps): void {
  const { database, timeZone } = readSide;
  app.get(
    '/anomalies',
    {
      schema: {
        operationId: 'listAnomalies',
        tags: ['read'],
        summary: 'List anomalies, newest first',
        description: '`reason` is in the language of the caller (`Accept-Language`). `last` is counted back from the time of the stream.',
        querystring: Query,
        response: { 200: AnomalyPage },
      },
    },
    async (request) => {
      const query = queryOf(request, Query);
      const now = query.last === undefined ? null : (await readSide.stats.time()).now;
      if (query.cursor !== undefined) checkCursor(query.cursor, language(request));
      const page = await listAnomalies(
        database,
        {
          ...rangeOf(query, now),
          ...(query.status === undefined ? {} : { state: query.status }),
          ...(query.type === undefined ? {} : { type: query.type }),
          ...(query.severity === undefined ? {} : { severity: query.severity }),
          ...(query.merchant_id === undefined ? {} : { merchantId: query.merchant_id }),
        },
        { limit: query.limit ?? 100, ...(query.cursor === undefined ? {} : { cursor: query.cursor }) },
      );
      const locale = language(request);
      return { items: page.items.map((anomaly) => viewAnomaly(anomaly, locale, timeZone)), next_cursor: page.next };
    },
  );
  app.get(
    '/anomalies/:id',
    {
      config: { problems: [400, 401, 403, 404, 406] },
      schema: { operationId: 'getAnomaly', tags: ['read'], summary: 'Get an anomaly', params: Params, response: { 200: AnomalyView } },
    },
    async (request) => {
      const { id } = request.params as { readonly id: string };
      const anomaly = await readAnomaly(database, id);
      if (anomaly === null) throw problemError('HTTP_NOT_FOUND', { wording: 'anomaly', params: { id } });
      return viewAnomaly(anomaly, language(request), timeZone);
    },
  );
}
