import { Forecast, FORECAST_STEPS, MAX_FORECAST_MINUTES } from '@transaction-guardian/contracts/forecast.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { NodeKey } from '@transaction-guardian/contracts/node.ts';
import { parseNode } from '../../read/series-reader.ts';
import type { ForecastQuery } from '../../detect/forecast/forecast.ts';
import { problemError } from '../problem.ts';
import { queryOf, refuseNode } from './read-query.ts';

export interface ForecastRouteDeps {
  /** Asks the detector; null for a node that was never counted. Rejects with STORE_UNAVAILABLE while it is away. */
  readonly forecast: (query: ForecastQuery) => Promise<Forecast | null>;
  /** Language of the caller. */
  readonly language: (request: FastifyRequest) => Locale;
}

/** Steps of a minute up to this horizon, and of a quarter of an hour above it, when none is asked for. */
const FINE_MINUTES = 120;
const COARSE_STEP = 15;

const Query = Type.Object(
  {
    node: Type.Optional({ ...NodeKey, default: 'fleet' }),
    minutes: Type.Optional(
      Type.Integer({ minimum: 1, maximum: MAX_FORECAST_MINUTES, default: 60, description: 'How far ahead of the last closed minute.' }),
    ),
    step: Type.Optional(
      Type.Integer({
        enum: [...FORECAST_STEPS],
        description: `Minutes that one count adds up; default 1, above ${FINE_MINUTES} minutes ${COARSE_STEP}.`,
      }),
    ),
  },
  { additionalProperties: false },
);

/** `GET /forecast`: expected counts of the next minutes and hours, with their bands. */
export function registerForecastRoute(app: FastifyInstance, { forecast, language }: ForecastRouteDeps): void {
  app.get(
    '/forecast',
    {
      config: { quiet: true, problems: [400, 401, 403, 404, 406, 503] },
      schema: {
        operationId: 'getForecast',
        tags: ['read'],
        summary: 'Expected counts of the next minutes and hours',
        description:
          'What comes after the last closed minute if nothing breaks and what is open ends, with the bands of 80 % and 99 % of counts. `learning` steps are guesses: the daily curve up to there is not known. Without any minute yet there are no steps.',
        querystring: Query,
        response: { 200: Forecast },
      },
    },
    async (request) => {
      const { node = 'fleet', minutes = 60, step = minutes > FINE_MINUTES ? COARSE_STEP : 1 } = queryOf(request, Query);
      const slice = parseNode(node);
      if (slice === null) throw refuseNode(language(request));
      const answer = await forecast({ node, slice, minutes, step });
      if (answer === null) throw problemError('HTTP_NOT_FOUND', { wording: 'node', params: { node } });
      return answer;
    },
  );
}
