import { Type } from 'typebox';
import { Briefing, BriefingPage } from '@transaction-guardian/contracts/briefing.ts';
import { Silence } from '@transaction-guardian/contracts/silence.ts';
import { Cursor } from '@transaction-guardian/contracts/node.ts';
import { atText } from '@transaction-guardian/contracts/text/render-text.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { briefingHtml, briefingMarkdown } from '../../briefing/briefing-pages.ts';
import type { BriefingService } from '../../briefing/briefing-service.ts';
import { briefingShort } from '../../briefing/briefing-text.ts';
import type { Clock } from '../../clock.ts';
import { checkCursor } from '../cursor.ts';
import { problemError } from '../problem.ts';
import { actorOf } from '../route-config.ts';
import { queryOf } from './read-query.ts';

export interface BriefingRouteDeps {
  readonly briefings: BriefingService;
  readonly timeZone: string;
  readonly clock: Clock;
  readonly language: (request: FastifyRequest) => Locale;
}

const FORMATS = ['json', 'text', 'short', 'markdown', 'html'] as const;
const Params = Type.Object({
  id: Type.String({
    minLength: 1,
    maxLength: 128,
    description: 'An id, `now` for the last eight hours, or `latest`.',
    examples: ['latest'],
  }),
});
const ReadQuery = Type.Object(
  { format: Type.Optional(Type.Enum([...FORMATS], { default: 'json', description: '`short`: three lines.' })) },
  { additionalProperties: false },
);
const ListQuery = Type.Object(
  { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 20 })), cursor: Type.Optional(Cursor) },
  { additionalProperties: false },
);
const TAGS = ['briefings'];
const PROBLEMS = [400, 401, 403, 404, 406, 503];

/** `GET /briefings`, `GET /briefings/:id` in several forms, `POST /briefings/:id/accept`, `POST /briefings/:id/demotions/:cause`. */
export function registerBriefingRoutes(app: FastifyInstance, deps: BriefingRouteDeps): void {
  registerReads(app, deps);
  registerAccept(app, deps);
  registerDemote(app, deps);
}

function registerReads(app: FastifyInstance, { briefings, language, timeZone }: BriefingRouteDeps): void {
  app.get('/briefings', {
    config: { problems: PROBLEMS.filter((status) => status !== 404) },
    schema: {
      operationId: 'listBriefings',
      tags: TAGS,
      summary: 'List hand-overs, latest first',
      querystring: ListQuery,
      response: { 200: BriefingPage },
    },
    handler: async (request) => {
      const { limit, cursor } = queryOf(request, ListQuery);
      if (cursor !== undefined) checkCursor(cursor, language(request));
      const page = await briefings.list({ limit: limit ?? 20, ...(cursor === undefined ? {} : { cursor }) }, language(request));
      return { items: page.items, next_cursor: page.next };
    },
  });
  app.get('/briefings/:id', {
    config: { problems: PROBLEMS, produces: [] },
    schema: {
      operationId: 'getBriefing',
      tags: TAGS,
      summary: 'Get a hand-over as JSON, as text for a chat, in three lines, as Markdown or as a page',
      params: Params,
      querystring: ReadQuery,
      response: {
        200: {
          content: {
            'application/json': { schema: Briefing },
            'text/plain': { schema: Type.String() },
            'text/markdown': { schema: Type.String() },
            'text/html': { schema: Type.String() },
          },
        },
      },
    },
    handler: async (request, reply) => {
      const { format } = queryOf(request, ReadQuery);
      const locale = language(request);
      return sendBriefing(reply, await briefingOf(briefings, request, locale), { format: format ?? 'json', locale, timeZone });
    },
  });
}

async function briefingOf(briefings: BriefingService, request: FastifyRequest, locale: Locale): Promise<Briefing> {
  const { id } = request.params as { readonly id: string };
  const found = id === 'now' ? await briefings.now(locale) : await briefings.read(id === 'latest' ? null : id, locale);
  if (found === null) throw problemError('HTTP_NOT_FOUND', { wording: 'briefing', params: { id } });
  return found;
}

function sendBriefing(
  reply: FastifyReply,
  briefing: Briefing,
  { format, locale, timeZone }: { readonly format: (typeof FORMATS)[number]; readonly locale: Locale; readonly timeZone: string },
): FastifyReply | Briefing {
  switch (format) {
    case 'json':
      return briefing;
    case 'text':
      return reply.type('text/plain; charset=utf-8').send(briefing.text);
    case 'short':
      return reply.type('text/plain; charset=utf-8').send(briefingShort(briefing, locale, timeZone));
    case 'markdown':
      return reply.type('text/markdown; charset=utf-8').send(briefingMarkdown(briefing, locale, timeZone));
    case 'html':
      return reply.type('text/html; charset=utf-8').send(briefingHtml(briefing, locale, timeZone));
  }
}

function registerAccept(app: FastifyInstance, { briefings, language, timeZone, clock }: BriefingRouteDeps): void {
  app.post('/briefings/:id/accept', {
    config: { acts: true, problems: [...PROBLEMS, 409], bodyOptional: true },
    schema: {
      operationId: 'acceptBriefing',
      tags: TAGS,
      summary: 'Accept a hand-over and take over what is pending',
      params: Params,
      response: { 200: Briefing },
    },
    handler: async (request) => {
      const { id } = await briefingOf(briefings, request, language(request));
      const outcome = await briefings.accept(actorOf(request), id);
      if (outcome.kind === 'unknown') throw problemError('HTTP_NOT_FOUND', { wording: 'briefing', params: { id } });
      if (outcome.kind === 'taken') {
        const at = atText(language(request), outcome.at, { timeZone, nowMs: clock.now() });
        throw problemError('BRIEFING_TAKEN', { params: { name: outcome.name, at } });
      }
      return briefingOf(briefings, request, language(request));
    },
  });
}

const DemotionParams = Type.Object({
  ...Params.properties,
  cause: Type.String({ pattern: '^[0-9a-f]{8}$', description: 'Of `facts.noise.demotions`.' }),
});

function registerDemote(app: FastifyInstance, { briefings, language }: BriefingRouteDeps): void {
  app.post('/briefings/:id/demotions/:cause', {
    config: { problems: PROBLEMS, bodyOptional: true },
    schema: {
      operationId: 'demoteCause',
      tags: TAGS,
      summary: 'Demote a cause that exceeds the budget of pages, for a week',
      description:
        'It becomes a silence of that cause up to that severity: its alerts stay in every list, what is worse notifies. `DELETE /silences/{id}` undoes it; when it ends, the receivers are notified of what it hid. Demoted twice, it is the same silence.',
      params: DemotionParams,
      response: { 200: Silence },
    },
    handler: async (request) => {
      const { id, cause } = request.params as { readonly id: string; readonly cause: string };
      const outcome = await briefings.demote(actorOf(request), { cause, briefing: id, locale: language(request) });
      if (outcome === null) throw problemError('HTTP_NOT_FOUND', { wording: 'demotion', params: { id: cause } });
      return outcome.silence;
    },
  });
}
