import { Type } from 'typebox';
import { Feedback, FeedbackInput, FeedbackPage, FeedbackReset, FeedbackResetDone } from '@transaction-guardian/contracts/feedback.ts';
import { Cursor, NodeKey } from '@transaction-guardian/contracts/node.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { parseNode } from '../../read/series-reader.ts';
import type { FeedbackService } from '../../verdict/feedback-service.ts';
import { toFieldErrors } from '../../check/finding.ts';
import { checkCursor } from '../cursor.ts';
import { BY_GONE, readFeedbackInput, readFeedbackReset } from '../feedback-body.ts';
import { problemError } from '../problem.ts';
import { actorOf, describeOnly } from '../route-config.ts';
import { queryOf, refuseNode } from './read-query.ts';

export interface FeedbackRouteDeps {
  readonly feedback: FeedbackService;
  readonly language: (request: FastifyRequest) => Locale;
}

const Params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 128 }) });
const Query = Type.Object(
  {
    anomaly_id: Type.Optional(Type.String({ minLength: 1, maxLength: 128, description: 'Only verdicts on this anomaly.' })),
    node: Type.Optional(NodeKey),
    in_force: Type.Optional(Type.Boolean({ description: 'Only those that count, or that count no more.' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(Cursor),
  },
  { additionalProperties: false },
);
const TAGS = ['feedback'];
const WRITE_PROBLEMS = [400, 401, 403, 404, 406, 409, 415, 422, 503];

const idOf = (request: FastifyRequest): string => (request.params as { readonly id: string }).id;

/** `POST` and `DELETE /anomalies/:id/feedback`, `GET /feedback`, `POST /feedback/reset`. */
export function registerFeedbackRoutes(app: FastifyInstance, deps: FeedbackRouteDeps): void {
  registerGive(app, deps);
  registerWithdraw(app, deps);
  registerList(app, deps);
  registerReset(app, deps);
}

function registerGive(app: FastifyInstance, { feedback, language }: FeedbackRouteDeps): void {
  app.post('/anomalies/:id/feedback', {
    config: { problems: WRITE_PROBLEMS },
    validatorCompiler: describeOnly,
    schema: {
      operationId: 'postFeedback',
      tags: TAGS,
      summary: 'Give a verdict on an anomaly; a second one of the same actor replaces the first',
      params: Params,
      body: FeedbackInput,
      response: { 200: Feedback },
    },
    handler: async (request) => {
      const locale = language(request);
      const outcome = await feedback.give(actorOf(request), idOf(request), readFeedbackInput(request.body, locale));
      if (outcome.kind === 'given') return outcome.feedback;
      if (outcome.kind === 'unknown') throw problemError('HTTP_NOT_FOUND', { wording: 'anomaly', params: { id: idOf(request) } });
      throw problemError('FEEDBACK_CONFLICT', { errors: toFieldErrors([{ field: 'verdict', rule: outcome.rule }], locale) });
    },
  });
}

function registerWithdraw(app: FastifyInstance, { feedback, language }: FeedbackRouteDeps): void {
  app.delete('/anomalies/:id/feedback', {
    config: { problems: [400, 401, 403, 404, 409, 503] },
    onRequest: (request, _reply, done) => done(refuseBy(request, language(request))),
    schema: {
      operationId: 'deleteFeedback',
      tags: TAGS,
      summary: 'Withdraw the verdict of the caller',
      params: Params,
      response: { 204: Type.Null() },
    },
    handler: async (request, reply) => {
      if (!(await feedback.withdraw(actorOf(request), idOf(request)))) throw problemError('HTTP_NOT_FOUND', { wording: 'verdict' });
      return reply.code(204).send();
    },
  });
}

function registerList(app: FastifyInstance, { feedback, language }: FeedbackRouteDeps): void {
  app.get('/feedback', {
    schema: {
      operationId: 'listFeedback',
      tags: TAGS,
      summary: 'List verdicts, newest first, and their effect on each node',
      querystring: Query,
      response: { 200: FeedbackPage },
    },
    handler: async (request) => {
      const { anomaly_id, in_force, limit, cursor, node } = queryOf(request, Query);
      if (node !== undefined && parseNode(node) === null) throw refuseNode(language(request));
      if (cursor !== undefined) checkCursor(cursor, language(request));
      const page = await feedback.list(
        {
          ...(anomaly_id === undefined ? {} : { anomalyId: anomaly_id }),
          ...(in_force === undefined ? {} : { inForce: in_force }),
          ...(node === undefined ? {} : { node }),
        },
        { limit: limit ?? 100, ...(cursor === undefined ? {} : { cursor }) },
      );
      return { ...page, actor: actorOf(request).id };
    },
  });
}

function registerReset(app: FastifyInstance, { feedback, language }: FeedbackRouteDeps): void {
  app.post('/feedback/reset', {
    config: { problems: WRITE_PROBLEMS.filter((status) => status !== 404) },
    validatorCompiler: describeOnly,
    schema: {
      operationId: 'postFeedbackReset',
      tags: TAGS,
      summary: 'Undo the effect of all verdicts, or of those on one node',
      body: FeedbackReset,
      response: { 200: FeedbackResetDone },
    },
    handler: async (request) => ({ undone: await feedback.reset(actorOf(request), readFeedbackReset(request.body, language(request))) }),
  });
}

function refuseBy({ query }: FastifyRequest, locale: Locale): Error | undefined {
  if (!Object.hasOwn(query as object, 'by')) return undefined;
  return problemError('HTTP_INVALID_REQUEST', { errors: toFieldErrors([BY_GONE], locale) });
}
