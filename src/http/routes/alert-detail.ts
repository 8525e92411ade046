import { AlertDetail } from '@transaction-guardian/contracts/alert-detail.ts';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { nameOfId, type Directory } from '../../auth/directory.ts';
import type { Clock } from '../../clock.ts';
import { readAlertDetail } from '../../read/alert-detail.ts';
import { problemError } from '../problem.ts';
import type { ReadRouteDeps } from './read-query.ts';

export interface AlertDetailDeps extends ReadRouteDeps {
  readonly directory: Pick<Directory, 'byId'>;
  readonly clock: Clock;
}

const Params = Type.Object({
  id: Type.String({
    minLength: 1,
    maxLength: 128,
    description: 'Id of the anomaly, or the fingerprint, which names the newest alert of it.',
  }),
});

/** `GET /alerts/:id`: one alert with its anomaly, timeline, messages and what was like it before. */
export function registerAlertDetailRoute(app: FastifyInstance, { readSide, language, directory, clock }: AlertDetailDeps): void {
  const { database, timeZone } = readSide;
  app.get('/alerts/:id', {
    config: { problems: [400, 401, 403, 404, 406, 503] },
    schema: {
      operationId: 'getAlert',
      tags: ['read'],
      summary: 'Get an alert: why, what was done, who was notified, similar ones before',
      params: Params,
      response: { 200: AlertDetail },
    },
    handler: async (request) => {
      const { id } = request.params as { readonly id: string };
      const found = await readAlertDetail(database, id, {
        locale: language(request),
        timeZone,
        now: clock.now(),
        nameOf: nameOfId(directory),
      });
      if (found === null) throw problemError('HTTP_NOT_FOUND', { wording: 'alert', params: { id } });
      return found;
    },
  });
}
