import { Type } from 'typebox';
import {
  OnCallChangeList,
  OnCallList,
  OnCallOverrideInput,
  OnCallPolicy,
  OnCallShiftList,
  OnCallSwapInput,
} from '@transaction-guardian/contracts/oncall.ts';
import { text, type Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../../clock.ts';
import { toFieldErrors } from '../../check/finding.ts';
import { writeCalendar } from '../../oncall/calendar.ts';
import type { ChangeOutcome, OnCall } from '../../oncall/oncall.ts';
import { problemError } from '../problem.ts';
import { actorOf, describeOnly } from '../route-config.ts';
import { readBody } from '../schema-checks.ts';
import { queryOf } from './read-query.ts';

export interface OnCallRouteDeps {
  readonly policy: OnCallPolicy;
  readonly oncall: OnCall;
  readonly clock: Clock;
  readonly language: (request: FastifyRequest) => Locale;
}

const DAY_MS = 86_400_000;
const FEED_BACK_MS = 14 * DAY_MS;
const FEED_AHEAD_MS = 90 * DAY_MS;
const LONGEST_MS = 120 * DAY_MS;
const SHIFTS_MOST_MS = 400 * DAY_MS;
const TAGS = ['oncall'];
const PROBLEMS = [400, 401, 403, 406, 409, 415, 422, 503];

const moment = (description: string) => Type.Optional(Type.String({ format: 'date-time', description }));
const AtQuery = Type.Object({ at: moment('Default: now.') }, { additionalProperties: false });
const ShiftQuery = Type.Object(
  {
    schedule: Type.String({ minLength: 1, maxLength: 32 }),
    from: moment('Default: now.'),
    until: moment('Default: two weeks after `from`; at most 400 days.'),
  },
  { additionalProperties: false },
);
const FeedQuery = Type.Object({ schedule: Type.String({ minLength: 1, maxLength: 32 }) }, { additionalProperties: false });
const Params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });

/** Below `/oncall`: who is on call, shifts, the feed for calendars, overrides and swaps. */
export function registerOnCallRoutes(app: FastifyInstance, deps: OnCallRouteDeps): void {
  registerReads(app, deps);
  registerFeed(app, deps);
  registerChanges(app, deps);
}

function registerReads(app: FastifyInstance, { oncall, clock, language, policy }: OnCallRouteDeps): void {
  app.get('/oncall/policy', {
    config: { problems: [401, 403, 406] },
    schema: {
      operationId: 'getOnCallPolicy',
      tags: TAGS,
      summary: 'Rotations and escalation as configured, and who can be on call',
      response: { 200: OnCallPolicy },
    },
    handler: async () => policy,
  });
  app.get('/oncall', {
    config: { problems: [400, 401, 403, 406, 503] },
    schema: {
      operationId: 'getOnCall',
      tags: TAGS,
      summary: 'Who is on call, until when, and who is next',
      querystring: AtQuery,
      response: { 200: OnCallList },
    },
    handler: async (request) => ({ items: await oncall.at(timeOf(queryOf(request, AtQuery).at, clock.now())) }),
  });
  app.get('/oncall/shifts', {
    config: { problems: [400, 401, 403, 404, 406, 503] },
    schema: {
      operationId: 'listOnCallShifts',
      tags: TAGS,
      summary: 'List the shifts of a schedule',
      querystring: ShiftQuery,
      response: { 200: OnCallShiftList },
    },
    handler: async (request) => {
      const query = queryOf(request, ShiftQuery);
      const from = timeOf(query.from, clock.now());
      const until = timeOf(query.until, from + 14 * DAY_MS);
      if (until <= from || until - from > SHIFTS_MOST_MS) {
        const rule = until <= from ? 'shift_order' : 'shift_length';
        throw problemError('HTTP_INVALID_REQUEST', { errors: toFieldErrors([{ field: 'until', rule }], language(request)) });
      }
      return { items: (await oncall.shifts(query.schedule, from, until)) ?? missing(query.schedule) };
    },
  });
  app.get('/oncall/changes', {
    config: { problems: [401, 403, 406, 503] },
    schema: {
      operationId: 'listOnCallChanges',
      tags: TAGS,
      summary: 'List overrides and swaps that are not over, oldest first',
      response: { 200: OnCallChangeList },
    },
    handler: async () => ({ items: await oncall.changes() }),
  });
}

function registerFeed(app: FastifyInstance, { oncall, clock, language }: OnCallRouteDeps): void {
  app.get('/oncall/calendar', {
    config: { produces: ['text/calendar'], problems: [400, 401, 403, 404, 406, 503] },
    schema: {
      operationId: 'getOnCallCalendar',
      tags: TAGS,
      summary: 'Shifts of a schedule as a feed for calendars (iCalendar)',
      description: 'From two weeks ago to 90 days ahead. A shift that goes on beyond the feed is cut there.',
      querystring: FeedQuery,
      response: { 200: { description: 'RFC 5545.', content: { 'text/calendar': { schema: Type.String() } } } },
    },
    handler: async (request, reply) => {
      const { schedule } = queryOf(request, FeedQuery);
      const now = clock.now();
      // A shift has the same beginning, and so the same id, in every feed: the first one is looked for before the feed.
      const shifts = (await oncall.shifts(schedule, now - FEED_BACK_MS - LONGEST_MS, now + FEED_AHEAD_MS)) ?? missing(schedule);
      const locale = language(request);
      const entries = shifts.flatMap(({ person, starts_at, ends_at }) => {
        if (person === null || Date.parse(ends_at) <= now - FEED_BACK_MS) return [];
        const startsAt = Date.parse(starts_at);
        const summary = text(locale, 'oncall.summary', { name: person.name, schedule });
        return [{ uid: `${schedule}-${startsAt}@transaction-guardian`, summary, description: '', startsAt, endsAt: Date.parse(ends_at) }];
      });
      const feed = writeCalendar(entries, { name: text(locale, 'oncall.calendar', { schedule }), madeAt: now });
      return reply
        .type('text/calendar; charset=utf-8')
        .header('content-disposition', `inline; filename="oncall.ics"`)
        .serializer((body: string) => body)
        .send(feed);
    },
  });
}

function registerChanges(app: FastifyInstance, { oncall, language }: OnCallRouteDeps): void {
  const answer = (request: FastifyRequest, outcome: ChangeOutcome) => {
    if (outcome.kind === 'done') return { items: outcome.changes };
    const { field, rule } = outcome;
    const names = oncall.schedules.join(', ');
    const worded = rule === 'schedule' && names === '' ? { wording: 'schedule_none' } : { params: { names } };
    const errors = toFieldErrors([{ field, rule, ...worded }], language(request));
    throw problemError('INGEST_INVALID', { params: { count: 1 }, errors });
  };
  app.post('/oncall/overrides', {
    config: { problems: PROBLEMS },
    validatorCompiler: describeOnly,
    schema: {
      operationId: 'overrideOnCall',
      tags: TAGS,
      summary: 'Override who is on call, for a time',
      body: OnCallOverrideInput,
      response: { 201: OnCallChangeList },
    },
    handler: async (request, reply) =>
      reply
        .code(201)
        .send(answer(request, await oncall.override(actorOf(request), readBody(OnCallOverrideInput, request.body, language(request))))),
  });
  app.post('/oncall/swaps', {
    config: { problems: PROBLEMS },
    validatorCompiler: describeOnly,
    schema: {
      operationId: 'swapOnCall',
      tags: TAGS,
      summary: 'Swap two shifts',
      body: OnCallSwapInput,
      response: { 201: OnCallChangeList },
    },
    handler: async (request, reply) =>
      reply
        .code(201)
        .send(answer(request, await oncall.swap(actorOf(request), readBody(OnCallSwapInput, request.body, language(request))))),
  });
  app.delete('/oncall/changes/:id', {
    config: { problems: [400, 401, 403, 404, 406, 409, 503] },
    schema: {
      operationId: 'endOnCallChange',
      tags: TAGS,
      summary: 'Withdraw an override or a swap',
      params: Params,
      response: { 204: Type.Null() },
    },
    handler: async (request, reply) => {
      const { id } = request.params as { readonly id: string };
      if (!(await oncall.end(actorOf(request), id))) throw problemError('HTTP_NOT_FOUND', { wording: 'oncall_change', params: { id } });
      return reply.code(204).send();
    },
  });
}

function missing(schedule: string): never {
  throw problemError('HTTP_NOT_FOUND', { wording: 'schedule', params: { id: schedule } });
}

/** A time that was given, or the default; the schema has checked its form. */
const timeOf = (given: string | undefined, fallback: number): number => (given === undefined ? fallback : Date.parse(given));
