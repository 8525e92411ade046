import { Type } from 'typebox';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { textCheck } from '../../ingest/field-check.ts';
import { jsonType, shownName, toFieldErrors, type Finding } from '../../ingest/finding.ts';
import type { Ingest } from '../../ingest/ingest.ts';
import { sourceOf } from '../ingest-context.ts';
import { problemError } from '../problem.ts';
import { describeOnly } from '../route-config.ts';
import { refuse } from './transactions.ts';

const MAX_SOURCE_LENGTH = 64;
const checkSource = textCheck(MAX_SOURCE_LENGTH);

const Heartbeat = Type.Object(
  {
    source: Type.Optional(Type.String({ maxLength: MAX_SOURCE_LENGTH, description: 'Who is alive; default `http`.' })),
    at: Type.Optional(Type.String({ format: 'date-time', description: 'Event time; default now.' })),
  },
  { additionalProperties: false },
);

/** `POST /heartbeat`: a source is alive although it may have nothing to send, so that its silence means zero. */
export function registerHeartbeatRoute(app: FastifyInstance, { ingest, language }: { readonly ingest: Ingest; readonly language: (request: FastifyRequest) => Locale }): void {
  app.post('/heartbeat', {
    config: { quiet: true, problems: [400, 401, 403, 406, 415, 422, 503] },
    validatorCompiler: describeOnly,
    schema: {
      operationId: 'postHeartbeat',
      tags: ['ingest'],
      summary: 'Says that a source is alive.',
      body: Heartbeat,
      response: { 202: Type.Object({ status: Type.Literal('accepted'), source: Type.String() }) },
    },
    handler: async (request, reply) => {
      const locale = language(request);
      const { source = sourceOf(request, 'http', locale), at } = readBody(request.body ?? {}, locale);
      const outcome = await ingest.heartbeat(at, { source, locale });
      if (outcome.kind === 'refused') return refuse(request, reply, locale, outcome);
      return reply.code(202).send({ status: 'accepted', source });
    },
  });
}

function readBody(body: unknown, locale: Locale): { readonly source?: string | undefined; readonly at?: unknown } {
  const findings: Finding[] = [];
  let source: string | undefined;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    findings.push({ field: '(body)', rule: 'type', wording: 'body_object', params: { got: jsonType(body) } });
  } else {
    for (const [name, value] of Object.entries(body)) {
      if (name === 'source') source = checkSource(value, name, findings);
      else if (name !== 'at') findings.push({ field: shownName(name), rule: 'unknown_field', params: { allowed: 'source, at' } });
    }
  }
  if (findings.length > 0) throw problemError('INGEST_INVALID', { params: { count: findings.length }, errors: toFieldErrors(findings, locale) });
  return { source, at: (body as { readonly at?: unknown }).at };
}
