import { Type } from 'typebox';
import {
  Incident,
  IncidentChange,
  IncidentDetail,
  IncidentFiguresPage,
  IncidentInput,
  IncidentNote,
  IncidentPage,
} from '@transaction-guardian/contracts/incident.ts';
import { INCIDENT_STATES, PRIORITIES } from '@transaction-guardian/contracts/incident-state.ts';
import { Cursor } from '@transaction-guardian/contracts/node.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../../clock.ts';
import { incidentNumber } from '../../incident/incident-id.ts';
import type { IncidentOutcome, IncidentService } from '../../incident/incident-service.ts';
import { postMortem } from '../../incident/post-mortem.ts';
import { stateText } from '../../incident/timeline-text.ts';
import { checkCursor } from '../cursor.ts';
import { readIncidentChange, readIncidentInput, readIncidentNote } from '../incident-body.ts';
import { problemError } from '../problem.ts';
import { actorOf, describeOnly } from '../route-config.ts';
import { queryOf } from './read-query.ts';

export interface IncidentRouteDeps {
  readonly incidents: IncidentService;
  readonly clock: Clock;
  readonly timeZone: string;
  readonly language: (request: FastifyRequest) => Locale;
}

const Params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 32, examples: ['inc-12'] }) });
const period = {
  from: Type.Optional(Type.String({ format: 'date-time', description: 'Opened at or after.' })),
  to: Type.Optional(Type.String({ format: 'date-time', description: 'Opened before.' })),
};
const Query = Type.Object(
  {
    state: Type.Optional(Type.Enum([...INCIDENT_STATES])),
    priority: Type.Optional(Type.Enum([...PRIORITIES])),
    ...period,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
    cursor: Type.Optional(Cursor),
  },
  { additionalProperties: false },
);
const FiguresQuery = Type.Object(period, { additionalProperties: false });
const TAGS = ['incidents'];
const READ_PROBLEMS = [400, 401, 403, 404, 406, 503];
const WRITE_PROBLEMS = [400, 401, 403, 404, 406, 409, 415, 422, 503];
const FIGURES_MS = 30 * 86_400_000;

/** `GET` and `POST /incidents`, `GET` and `PATCH /incidents/:id`, its notes, its post-mortem, and the figures of all. */
export function registerIncidentRoutes(app: FastifyInstance, deps: IncidentRouteDeps): void {
  registerReads(app, deps);
  registerFigures(app, deps);
  registerPostMortem(app, deps);
  registerWrites(app, deps);
}

function registerReads(app: FastifyInstance, { incidents, language }: IncidentRouteDeps): void {
  app.get('/incidents', {
    config: { problems: READ_PROBLEMS.filter((status) => status !== 404) },
    schema: {
      operationId: 'listIncidents',
      tags: TAGS,
      summary: 'List incidents, newest first',
      querystring: Query,
      response: { 200: IncidentPage },
    },
    handler: async (request) => {
      const { state, priority, from, to, limit, cursor } = queryOf(request, Query);
      if (cursor !== undefined) checkCursor(cursor, language(request));
      const wanted = {
        ...(state === undefined ? {} : { state }),
        ...(priority === undefined ? {} : { priority }),
        ...(from === undefined ? {} : { from: Date.parse(from) }),
        ...(to === undefined ? {} : { to: Date.parse(to) }),
      };
      const page = await incidents.list(wanted, { limit: limit ?? 50, ...(cursor === undefined ? {} : { cursor }) }, language(request));
      return { items: page.items, next_cursor: page.next };
    },
  });
  app.get('/incidents/:id', {
    config: { problems: READ_PROBLEMS },
    schema: {
      operationId: 'getIncident',
      tags: TAGS,
      summary: 'Get an incident with its timeline',
      params: Params,
      response: { 200: IncidentDetail },
    },
    handler: (request) => detailOf(incidents, request, language(request)),
  });
}

function registerFigures(app: FastifyInstance, { incidents, clock }: IncidentRouteDeps): void {
  app.get('/incidents/figures', {
    config: { problems: READ_PROBLEMS.filter((status) => status !== 404) },
    schema: {
      operationId: 'getIncidentFigures',
      tags: TAGS,
      summary: 'MTTD, MTTA, MTTR and MTBF for each priority; by default of the last 30 days',
      querystring: FiguresQuery,
      response: { 200: IncidentFiguresPage },
    },
    handler: async (request) => {
      const { from, to } = queryOf(request, FiguresQuery);
      const end = to === undefined ? clock.now() + 1 : Date.parse(to);
      return incidents.figures(from === undefined ? end - FIGURES_MS : Date.parse(from), end);
    },
  });
}

function registerPostMortem(app: FastifyInstance, { incidents, language, timeZone }: IncidentRouteDeps): void {
  app.get('/incidents/:id/postmortem', {
    config: { problems: READ_PROBLEMS, produces: ['text/markdown'] },
    schema: {
      operationId: 'getPostMortem',
      tags: TAGS,
      summary: 'Draft the post-mortem in Markdown from the timeline',
      params: Params,
      response: { 200: { content: { 'text/markdown': { schema: Type.String() } } } },
    },
    handler: async (request, reply) => {
      const locale = language(request);
      const detail = await detailOf(incidents, request, locale);
      return reply.type('text/markdown; charset=utf-8').send(postMortem(detail, locale, timeZone));
    },
  });
}

function registerWrites(app: FastifyInstance, { incidents, language }: IncidentRouteDeps): void {
  const answer = async (outcome: IncidentOutcome, request: FastifyRequest) => {
    const number = doneNumber(outcome, request, language(request));
    const detail = await incidents.read(number, language(request));
    if (detail === null) throw problemError('HTTP_NOT_FOUND', { wording: 'incident', params: { id: String(number) } });
    return detail.incident;
  };
  app.post('/incidents', {
    config: { acts: true, problems: WRITE_PROBLEMS.filter((status) => status !== 404) },
    validatorCompiler: describeOnly,
    schema: { operationId: 'openIncident', tags: TAGS, summary: 'Open an incident', body: IncidentInput, response: { 201: Incident } },
    handler: async (request, reply) => {
      const outcome = await incidents.open(actorOf(request), readIncidentInput(request.body, language(request)));
      return reply.code(201).send(await answer(outcome, request));
    },
  });
  app.patch('/incidents/:id', {
    config: { acts: true, problems: WRITE_PROBLEMS },
    validatorCompiler: describeOnly,
    schema: {
      operationId: 'changeIncident',
      tags: TAGS,
      summary: 'Change title, priority, state or owner of an incident, or add alerts to it',
      params: Params,
      body: IncidentChange,
      response: { 200: Incident },
    },
    handler: async (request) =>
      answer(await incidents.change(actorOf(request), numberOf(request), readIncidentChange(request.body, language(request))), request),
  });
  app.post('/incidents/:id/notes', {
    config: { acts: true, problems: WRITE_PROBLEMS },
    validatorCompiler: describeOnly,
    schema: {
      operationId: 'noteIncident',
      tags: TAGS,
      summary: 'Add a note to the timeline',
      params: Params,
      body: IncidentNote,
      response: { 200: Incident },
    },
    handler: async (request) =>
      answer(await incidents.note(actorOf(request), numberOf(request), readIncidentNote(request.body, language(request)).text), request),
  });
}

/** Number of the incident that the path names. Throws HTTP_NOT_FOUND. */
function numberOf({ params }: FastifyRequest): number {
  const { id } = params as { readonly id: string };
  const number = incidentNumber(id);
  if (number === null) throw problemError('HTTP_NOT_FOUND', { wording: 'incident', params: { id } });
  return number;
}

async function detailOf(incidents: IncidentService, request: FastifyRequest, locale: Locale): Promise<IncidentDetail> {
  const number = numberOf(request);
  const detail = await incidents.read(number, locale);
  if (detail === null) throw problemError('HTTP_NOT_FOUND', { wording: 'incident', params: { id: `inc-${number}` } });
  return detail;
}

function doneNumber(outcome: IncidentOutcome, request: FastifyRequest, locale: Locale): number {
  switch (outcome.kind) {
    case 'done':
      return outcome.number;
    case 'unknown':
      throw problemError('HTTP_NOT_FOUND', { wording: 'incident', params: { id: (request.params as { readonly id: string }).id } });
    case 'transition': {
      const params = { from: stateText(outcome.from, locale), to: stateText(outcome.to, locale) };
      throw problemError('INCIDENT_CONFLICT', { wording: 'transition', params });
    }
    case 'unknown_alert':
    case 'taken_alert': {
      const { kind, ...params } = outcome;
      throw problemError('INCIDENT_CONFLICT', { wording: kind, params });
    }
  }
}
