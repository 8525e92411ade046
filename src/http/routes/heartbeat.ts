import { Type } from 'typebox';
import { TEXT_PATTERN } from '@transaction-guardian/contracts/transaction.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { textCheck } from '../../check/field-check.ts';
import { jsonType, shownName, toFieldErrors, type BrokenRule } from '../../check/finding.ts';
import type { Ingest } from '../../ingest/ingest.ts';
import { headersOf, MAX_SOURCE_LENGTH, sourceOf } from '../ingest-context.ts';
import { problemError } from '../problem.ts';
import { describeOnly } from '../route-config.ts';
import { refuse } from './transactions.ts';

const checkSource = textCheck(MAX_SOURCE_LENGTH);

const Heartbeat = Type.Object(
  {
    source: Type.Optional(
      Type.String({ minLength: 1, maxLength: MAX_SOURCE_LENGTH, pattern: TEXT_PATTERN, description: 'Who is alive; default `http`.' }),
    ),
    at: Type.Optional(Type.String({ format: 'date-time', description: 'Event time; default now.' })),
    backfill: Type.Optional(
      Type.Boolean({ description: 'End of a backfill: closes its last minutes and is not a heartbeat. Default false.' }),
    ),
    incomplete: Type.Optional(
      Type.Boolean({
        description:
          'No sign of life: the sender could not send all of the minute of `at`, so its counts are too low and it is not judged. Default false.',
      }),
    ),
  },
  { title: 'Heartbeat', additionalProperties: false },
);

/** `POST /heartbeat`: a source is alive although it may have nothing to send, so that its silence means zero. */
export function registerHeartbeatRoute(
  app: FastifyInstance,
  { ingest, language }: { readonly ingest: Ingest; readonly language: (request: FastifyRequest) => Locale },
): void {
  app.post('/heartbeat', {
    config: { scope: 'write', quiet: true, bodyOptional: true, problems: [400, 401, 403, 406, 415, 422, 503] },
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
      const { source = sourceOf(request, 'http', locale), at, ...flags } = readBody(request.body === undefined ? {} : request.body, locale);
      const outcome = await ingest.heartbeat(at, { source, locale, ...flags, headers: headersOf(request) });
      if (outcome.kind === 'refused') return refuse(request, reply, locale, outcome);
      return reply.code(202).send({ status: 'accepted', source });
    },
  });
}

interface Body {
  readonly source?: string | undefined;
  readonly at?: unknown;
  readonly backfill: boolean;
  readonly incomplete: boolean;
}

function readBody(body: unknown, locale: Locale): Body {
  const findings: BrokenRule[] = [];
  let source: string | undefined;
  const flags = { backfill: false, incomplete: false };
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    findings.push({ field: '(body)', rule: 'type', wording: 'body_object', params: { got: jsonType(body) } });
  } else {
    for (const [name, value] of Object.entries(body)) {
      if (name === 'source') source = checkSource(value, name, findings);
      else if (isFlag(name) && typeof value === 'boolean') flags[name] = value;
      else if (isFlag(name)) findings.push({ field: name, rule: 'enum', params: { allowed: 'true, false' } });
      else if (name !== 'at')
        findings.push({ field: shownName(name), rule: 'unknown_field', params: { allowed: 'source, at, backfill, incomplete' } });
    }
  }
  if (findings.length > 0)
    throw problemError('INGEST_INVALID', { params: { count: findings.length }, errors: toFieldErrors(findings, locale) });
  return { source, at: (body as { readonly at?: unknown }).at, ...flags };
}

const isFlag = (name: string): name is 'backfill' | 'incomplete' => name === 'backfill' || name === 'incomplete';
