import { Series } from '@transaction-guardian/contracts/read.ts';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { NodeKey } from '@transaction-guardian/contracts/node.ts';
import { MAX_SERIES_MINUTES, parseNode, readSeries } from '../../read/series-reader.ts';
import { problemError } from '../problem.ts';
import { queryOf, refuseNode, type ReadRouteDeps } from './read-query.ts';
import { MINUTE_MS } from '../../clock.ts';

const Query = Type.Object(
  {
    node: Type.Optional({ ...NodeKey, default: 'fleet' }),
    minutes: Type.Optional(
      Type.Integer({ minimum: 1, maximum: MAX_SERIES_MINUTES, default: 180, description: 'How many, back from the last closed one.' }),
    ),
    since: Type.Optional(Type.String({ format: 'date-time', description: 'First minute, instead of `minutes`.' })),
    until: Type.Optional(Type.String({ format: 'date-time', description: 'End, exclusive; default: after the last closed minute.' })),
  },
  { additionalProperties: false },
);

/** `GET /series`: minutes of the chart, with the expected band. */
export function registerSeriesRoutes(app: FastifyInstance, { readSide, language }: ReadRouteDeps): void {
  app.get(
    '/series',
    {
      config: { quiet: true },
      schema: {
        operationId: 'getSeries',
        tags: ['read'],
        summary: 'Counts by minute and status, with the expected band',
        description:
          'Closed minutes only. `silent`: neither records nor heartbeats came, which is not zero. The band is null while the detector learns.',
        querystring: Query,
        response: { 200: Series },
      },
    },
    async (request) => {
      const { node = 'fleet', minutes = 180, since, until } = queryOf(request, Query);
      const slice = parseNode(node);
      if (slice === null) throw refuseNode(language(request));
      const { lastMinute } = await readSide.stats.time();
      if (lastMinute === null) return { node, items: [] };
      const to = until === undefined ? lastMinute + MINUTE_MS : Date.parse(until);
      const from = since === undefined ? to - minutes * MINUTE_MS : Date.parse(since);
      if (to - from > MAX_SERIES_MINUTES * MINUTE_MS)
        throw refuse('since', 'range', `since and until must be at most ${MAX_SERIES_MINUTES} minutes apart`);
      return { node, items: await readSeries(readSide.database, readSide.minutes, node, slice, { from, to }) };
    },
  );
}

function refuse(field: string, rule: string, message: string) {
  return problemError('HTTP_INVALID_REQUEST', { errors: [{ field, rule, message }] });
}
