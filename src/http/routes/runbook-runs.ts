import { Type } from 'typebox';
import { ANOMALY_TYPES } from '@transaction-guardian/contracts/anomaly-type.ts';
import { Cursor } from '@transaction-guardian/contracts/node.ts';
import {
  ConfirmInput,
  RunAnswer,
  RunbookDryRun,
  RunbookList,
  RunbookView,
  RunInput,
  RunbookRunPage,
  RunRecord,
  type RunConfirmation,
} from '@transaction-guardian/contracts/runbook.ts';
import { RUN_STATES } from '@transaction-guardian/contracts/runbook-word.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GuardianError } from '../../errors.ts';
import { breachText, FORBIDDEN, refusalText, type Refusal } from '../../runbook/refusal.ts';
import type { RequestOutcome, RunbookService } from '../../runbook/runbook-service.ts';
import type { RunbookReader } from '../../runbook/runbook-view.ts';
import { checkCursor } from '../cursor.ts';
import { problemError } from '../problem.ts';
import { actorOf, describeOnly } from '../route-config.ts';
import { readCode, readRunInput } from '../runbook-body.ts';
import { queryOf } from './read-query.ts';

export interface RunbookRouteDeps {
  readonly service: RunbookService;
  readonly reader: RunbookReader;
  readonly language: (request: FastifyRequest) => Locale;
  /** IANA zone of times in refusals. */
  readonly timeZone: string;
}

const TAGS = ['runbooks'];
const READ_PROBLEMS = [400, 401, 403, 404, 406, 503];
const WRITE_PROBLEMS = [...READ_PROBLEMS, 409, 415, 422].toSorted((a, b) => a - b);
const Name = Type.Object({ name: Type.String({ minLength: 1, maxLength: 63, examples: ['restart-api'] }) });
const Id = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });
const ListQuery = Type.Object(
  { alert_type: Type.Optional(Type.Enum([...ANOMALY_TYPES], { description: 'Only those that are suggested for alerts of this type.' })) },
  { additionalProperties: false },
);
const RunsQuery = Type.Object(
  {
    runbook: Type.Optional(Type.String({ minLength: 1, maxLength: 63 })),
    state: Type.Optional(Type.Enum([...RUN_STATES])),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
    cursor: Type.Optional(Cursor),
  },
  { additionalProperties: false },
);

const nameOf = (request: FastifyRequest): string => (request.params as { readonly name: string }).name;
const idOf = (request: FastifyRequest): string => (request.params as { readonly id: string }).id;

/** The routes of runbooks and their runs. */
export function registerRunbookRoutes(app: FastifyInstance, deps: RunbookRouteDeps): void {
  registerLooking(app, deps);
  registerRunning(app, deps);
  registerRuns(app, deps);
}

function registerLooking(app: FastifyInstance, { reader, language, timeZone }: RunbookRouteDeps): void {
  app.get('/runbooks', {
    config: { problems: READ_PROBLEMS },
    schema: {
      operationId: 'listRunbooks',
      tags: TAGS,
      summary: 'List runbooks, and files with errors',
      querystring: ListQuery,
      response: { 200: RunbookList },
    },
    handler: async (request) => ({ items: [...(await reader.list(language(request), queryOf(request, ListQuery).alert_type))] }),
  });
  app.get('/runbooks/:name', {
    config: { problems: READ_PROBLEMS },
    schema: { operationId: 'getRunbookToRun', tags: TAGS, summary: 'Get a runbook', params: Name, response: { 200: RunbookView } },
    handler: async (request) => {
      const found = await reader.find(nameOf(request), language(request));
      if ('kind' in found) throw problemOf(found, { locale: language(request), timeZone });
      return found;
    },
  });
  app.post('/runbooks/:name/dry-run', {
    // Whether the caller may run it is part of the answer.
    config: { problems: WRITE_PROBLEMS, bodyOptional: true },
    validatorCompiler: describeOnly,
    schema: {
      operationId: 'dryRunRunbook',
      tags: TAGS,
      summary: 'Dry run: what a run would do now',
      params: Name,
      body: RunInput,
      response: { 200: RunbookDryRun },
    },
    handler: async (request) => {
      const wanted = { name: nameOf(request), parameters: readRunInput(request.body, language(request)) };
      const told = await reader.dryRun(actorOf(request), wanted, language(request));
      if ('kind' in told) throw problemOf(told, { locale: language(request), timeZone });
      return told;
    },
  });
}

function registerRunning(app: FastifyInstance, deps: RunbookRouteDeps): void {
  const { service, language, timeZone } = deps;
  app.post('/runbooks/:name/runs', {
    config: { problems: WRITE_PROBLEMS, bodyOptional: true },
    validatorCompiler: describeOnly,
    schema: {
      operationId: 'runRunbook',
      tags: TAGS,
      summary: 'Run a runbook, or get the confirmation code that it needs',
      params: Name,
      body: RunInput,
      response: { 202: RunAnswer },
    },
    handler: async (request, reply) =>
      answer(
        request,
        reply,
        deps,
        await service.request(actorOf(request), { name: nameOf(request), parameters: readRunInput(request.body, language(request)) }),
      ),
  });
  app.post('/runbooks/confirm', {
    config: { problems: WRITE_PROBLEMS },
    validatorCompiler: describeOnly,
    schema: {
      operationId: 'confirmRunbook',
      tags: TAGS,
      summary: 'Confirm a request by its code, valid once and for two minutes',
      body: ConfirmInput,
      response: { 202: RunAnswer },
    },
    handler: async (request, reply) =>
      answer(request, reply, deps, await service.confirm(actorOf(request), readCode(request.body, language(request)))),
  });
  app.post('/runbook-runs/:id/resume', {
    config: { problems: WRITE_PROBLEMS, bodyOptional: true },
    schema: {
      operationId: 'resumeRun',
      tags: TAGS,
      summary: 'Resume a stopped run as a new run, where its file allows the step to be repeated',
      params: Id,
      response: { 202: RunAnswer },
    },
    handler: async (request, reply) => answer(request, reply, deps, await service.resume(actorOf(request), idOf(request))),
  });
  app.post('/runbook-runs/:id/cancel', {
    config: { problems: WRITE_PROBLEMS, bodyOptional: true },
    schema: { operationId: 'cancelRun', tags: TAGS, summary: 'Cancel a run', params: Id, response: { 202: RunRecord } },
    handler: async (request, reply) => {
      const outcome = await service.cancel(actorOf(request), idOf(request));
      if (outcome.kind === 'refused') throw problemOf(outcome, { locale: language(request), timeZone });
      return reply.code(202).send(await service.run(idOf(request)));
    },
  });
}

function registerRuns(app: FastifyInstance, { service, language, timeZone }: RunbookRouteDeps): void {
  app.get('/runbook-runs', {
    config: { problems: READ_PROBLEMS },
    schema: {
      operationId: 'listRuns',
      tags: TAGS,
      summary: 'List runs, newest first',
      querystring: RunsQuery,
      response: { 200: RunbookRunPage },
    },
    handler: async (request) => {
      const { limit, cursor, ...wanted } = queryOf(request, RunsQuery);
      if (cursor !== undefined) checkCursor(cursor, language(request));
      const page = await service.runs(wanted, { limit: limit ?? 20, ...(cursor === undefined ? {} : { cursor }) });
      return { items: page.items, next_cursor: page.next };
    },
  });
  app.get('/runbook-runs/:id', {
    config: { problems: READ_PROBLEMS },
    schema: { operationId: 'getRun', tags: TAGS, summary: 'Get the record of a run', params: Id, response: { 200: RunRecord } },
    handler: async (request) => {
      const record = await service.run(idOf(request));
      if (record === null)
        throw problemOf({ kind: 'refused', why: 'unknown_run', params: { run: idOf(request) } }, { locale: language(request), timeZone });
      return record;
    },
  });
}

async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: RunbookRouteDeps,
  outcome: RequestOutcome,
): Promise<FastifyReply> {
  const locale = deps.language(request);
  if (outcome.kind === 'refused') throw problemOf(outcome, { locale, timeZone: deps.timeZone });
  if (outcome.kind === 'started') return reply.code(202).send({ run: outcome.run, confirmation: null });
  const { code, confirm, expiresAt, pending } = outcome;
  const dryRun = await deps.reader.dryRun(actorOf(request), { name: pending.runbook, parameters: pending.parameters }, locale);
  if ('kind' in dryRun) throw problemOf(dryRun, { locale, timeZone: deps.timeZone });
  const confirmation: RunConfirmation = { code, confirm, expires_at: new Date(expiresAt).toISOString(), dry_run: dryRun };
  return reply.code(202).send({ run: null, confirmation });
}

function problemOf(refused: Refusal, { locale, timeZone }: { readonly locale: Locale; readonly timeZone: string }): GuardianError {
  const detail = refusalText(locale, { ...refused, breaches: [] }, { timeZone });
  if (refused.why === 'parameters') {
    const errors = (refused.breaches ?? []).map((breach) => ({
      field: `parameters.${breach.name}`,
      rule: breach.rule,
      message: breachText(locale, breach),
    }));
    return problemError('RUNBOOK_INVALID', { detail, errors });
  }
  if (refused.why === 'unknown' || refused.why === 'unknown_run') return problemError('HTTP_NOT_FOUND', { detail });
  const code = FORBIDDEN.includes(refused.why) ? 'RUNBOOK_FORBIDDEN' : 'RUNBOOK_REFUSED';
  return problemError(code, { detail, extra: { reason: refused.why } });
}
