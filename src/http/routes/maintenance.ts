import { Type } from 'typebox';
import { Maintenance, MaintenanceInput, MaintenanceList } from '@transaction-guardian/contracts/silence.ts';
import type { FastifyInstance } from 'fastify';
import { createMaintenance, endMaintenance, listMaintenanceViews } from '../../respond/maintenance.ts';
import { invalidBody } from '../body-fields.ts';
import { problemError } from '../problem.ts';
import { readMaintenance } from '../respond-body.ts';
import { actorOf, describeOnly } from '../route-config.ts';
import { idOf } from './respond.ts';
import type { SilenceRouteDeps } from './silences.ts';

const Params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 128 }) });
const TAGS = ['alerts'];

/** `GET` and `POST /maintenance`, `DELETE /maintenance/:id`. */
export function registerMaintenanceRoutes(app: FastifyInstance, { database, respond, language }: SilenceRouteDeps): void {
  app.get('/maintenance', {
    schema: {
      operationId: 'listMaintenance',
      tags: TAGS,
      summary: 'List maintenance windows, next first',
      response: { 200: MaintenanceList },
    },
    handler: async () => ({ items: await listMaintenanceViews(database, respond.clock.now()) }),
  });
  app.post('/maintenance', {
    config: { problems: [400, 401, 403, 406, 415, 422, 503] },
    validatorCompiler: describeOnly,
    schema: {
      operationId: 'createMaintenance',
      tags: TAGS,
      summary: 'Create a maintenance window, once or every week',
      description: 'Each occurrence is a silence of its own: it always ends, and says at its end what it hid.',
      body: MaintenanceInput,
      response: { 201: Maintenance },
    },
    handler: async (request, reply) => {
      const locale = language(request);
      const outcome = await createMaintenance(respond, actorOf(request), readMaintenance(request.body, locale));
      if (outcome.kind === 'done') return reply.code(201).send(outcome.maintenance);
      throw outcome.kind === 'invalid' ? invalidBody(outcome.findings, locale) : problemError('INTERNAL');
    },
  });
  app.delete('/maintenance/:id', {
    config: { problems: [400, 401, 403, 404, 409, 503] },
    schema: {
      operationId: 'endMaintenance',
      tags: TAGS,
      summary: 'End a maintenance window for good, the occurrence under way included',
      params: Params,
      response: { 200: Maintenance },
    },
    handler: async (request, reply) => {
      const outcome = await endMaintenance(respond, actorOf(request), { id: idOf(request) });
      if (outcome.kind === 'done') return reply.send(outcome.maintenance);
      if (outcome.kind === 'unknown') throw problemError('HTTP_NOT_FOUND', { wording: 'maintenance', params: { id: idOf(request) } });
      throw problemError('SILENCE_ENDED');
    },
  });
}
