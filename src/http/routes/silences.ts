import { Type } from 'typebox';
import { Cursor } from '@transaction-guardian/contracts/node.ts';
import { HeldForeignEnd, Silence, SilenceChange, SilenceInput, SilencePage } from '@transaction-guardian/contracts/silence.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { changeSilence, createSilence, endSilence, type SilenceOutcome } from '../../respond/silence.ts';
import { listHeldForeign, type EndForeign } from '../../respond/held-foreign.ts';
import { listSilenceViews, readSilenceView } from '../../respond/silence-view.ts';
import type { Database } from '../../store/database.ts';
import { invalidBody } from '../body-fields.ts';
import { checkCursor } from '../cursor.ts';
import { problemError } from '../problem.ts';
import { readSilence, readSilenceChange } from '../respond-body.ts';
import { actorOf, describeOnly } from '../route-config.ts';
import { queryOf } from './read-query.ts';
import { idOf, type RespondRouteDeps } from './respond.ts';

export interface SilenceRouteDeps extends RespondRouteDeps {
  readonly database: Database;
  /** Absent where no Alertmanager is configured. */
  readonly endForeign?: EndForeign | undefined;
}

const Params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 128 }) });
const Query = Type.Object(
  {
    status: Type.Optional(Type.Enum(['pending', 'active', 'expired'])),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(Cursor),
  },
  { additionalProperties: false },
);
const TAGS = ['alerts'];
const PROBLEMS = [400, 401, 403, 404, 406, 409, 415, 422, 503];

/** `GET` and `POST /silences`, `GET`, `PATCH` and `DELETE /silences/:id`, `DELETE /silences/elsewhere/:id`. */
export function registerSilenceRoutes(app: FastifyInstance, deps: SilenceRouteDeps): void {
  registerReads(app, deps);
  registerCreate(app, deps);
  registerChanges(app, deps);
  registerEndElsewhere(app, deps);
}

function registerReads(app: FastifyInstance, { database, respond, language }: SilenceRouteDeps): void {
  app.get('/silences', {
    schema: {
      operationId: 'listSilences',
      tags: TAGS,
      summary: 'List silences with what they hide, latest end first',
      querystring: Query,
      response: { 200: SilencePage },
    },
    handler: async (request) => {
      const { status, limit, cursor } = queryOf(request, Query);
      if (cursor !== undefined) checkCursor(cursor, language(request));
      const now = respond.clock.now();
      const wanted = { now, ...(status === undefined ? {} : { status }) };
      const page = await listSilenceViews(database, wanted, { limit: limit ?? 100, ...(cursor === undefined ? {} : { cursor }) });
      return { items: page.items, elsewhere: await listHeldForeign(database, now), next_cursor: page.next };
    },
  });
  app.get('/silences/:id', {
    config: { problems: [400, 401, 403, 404, 406, 503] },
    schema: { operationId: 'getSilence', tags: TAGS, summary: 'Get a silence', params: Params, response: { 200: Silence } },
    handler: async (request) => {
      const silence = await readSilenceView(database, idOf(request), respond.clock.now());
      if (silence === null) throw noSilence(request);
      return silence;
    },
  });
}

function registerCreate(app: FastifyInstance, { respond, language }: SilenceRouteDeps): void {
  app.post('/silences', {
    config: { problems: PROBLEMS },
    validatorCompiler: describeOnly,
    schema: {
      operationId: 'createSilence',
      tags: TAGS,
      summary: 'Create a silence: matching alerts do not notify until its end',
      description:
        'They stay in every list and do not notify; those that still fire at the end do. Made from an alert (`alert_id`), it hides the cause of that alert and no other, and nothing that is worse. Of an alert that has resolved none is made (409, `ALERT_NOT_FIRING`).',
      body: SilenceInput,
      response: { 201: Silence },
    },
    handler: async (request, reply) => {
      const input = readSilence(request.body, language(request), respond.clock.now());
      const outcome = await createSilence(respond, actorOf(request), input);
      if (outcome.kind === 'unknown')
        throw problemError('HTTP_NOT_FOUND', { wording: 'alert', params: { id: 'alertId' in input.scope ? input.scope.alertId : '' } });
      return answer(request, reply.code(201), outcome, language);
    },
  });
}

function registerChanges(app: FastifyInstance, { respond, language }: SilenceRouteDeps): void {
  app.patch('/silences/:id', {
    config: { problems: PROBLEMS },
    validatorCompiler: describeOnly,
    schema: {
      operationId: 'changeSilence',
      tags: TAGS,
      summary: 'Change the end or the reason of a silence',
      params: Params,
      body: SilenceChange,
      response: { 200: Silence },
    },
    handler: async (request, reply) => {
      const change = readSilenceChange(request.body, language(request), respond.clock.now());
      const outcome = await changeSilence(respond, actorOf(request), { id: idOf(request), ...change });
      return answer(request, reply, outcome, language);
    },
  });
  app.delete('/silences/:id', {
    config: { problems: [400, 401, 403, 404, 409, 503] },
    schema: {
      operationId: 'endSilence',
      tags: TAGS,
      summary: 'End a silence now; alerts that still fire notify',
      params: Params,
      response: { 200: Silence },
    },
    handler: async (request, reply) => answer(request, reply, await endSilence(respond, actorOf(request), { id: idOf(request) }), language),
  });
}

function registerEndElsewhere(app: FastifyInstance, { endForeign }: SilenceRouteDeps): void {
  app.delete('/silences/elsewhere/:id', {
    config: { problems: [400, 401, 403, 404, 409, 503] },
    schema: {
      operationId: 'endElsewhere',
      tags: TAGS,
      summary: 'End what holds back an alert of other rules, by its fingerprint',
      description: 'The acknowledgement, snooze or silence ends in every Alertmanager. 409: nothing holds it back.',
      params: Params,
      response: { 200: HeldForeignEnd },
    },
    handler: async (request): Promise<HeldForeignEnd> => {
      const id = idOf(request);
      if (endForeign === undefined) throw noSilence(request);
      const outcome = await endForeign(actorOf(request), id);
      if (outcome.kind === 'away') throw problemError('ALERTMANAGER_UNAVAILABLE', { params: { names: outcome.absent.join(', ') } });
      if (outcome.kind === 'none') throw problemError('SILENCE_ENDED', { wording: 'elsewhere', params: { id } });
      return { fingerprint: id, name: outcome.name, not_in: [...outcome.absent] };
    },
  });
}

function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  outcome: SilenceOutcome,
  language: RespondRouteDeps['language'],
): FastifyReply {
  if (outcome.kind === 'done') return reply.send(outcome.silence);
  if (outcome.kind === 'unknown') throw noSilence(request);
  if (outcome.kind === 'not_firing') throw problemError('ALERT_NOT_FIRING');
  if (outcome.kind === 'ended') throw problemError('SILENCE_ENDED');
  throw invalidBody(outcome.findings, language(request));
}

const noSilence = (request: FastifyRequest): Error => problemError('HTTP_NOT_FOUND', { wording: 'silence', params: { id: idOf(request) } });
