import { Type } from 'typebox';
import { TEXT_PATTERN } from '@transaction-guardian/contracts/transaction.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Ingest } from '../../ingest/ingest.ts';
import { headersOf, MAX_SOURCE_LENGTH, sourceOf } from '../ingest-context.ts';
import { describeOnly } from '../route-config.ts';
import { readBody } from '../schema-checks.ts';
import { refuse } from './transactions.ts';

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

/** A time that is in the future or too old is refused by the ingestion, as the time of a record is. */
const asItComes = (value: unknown): unknown => value;

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
      summary: 'Send a heartbeat: the source is alive',
      body: Heartbeat,
      response: { 202: Type.Object({ status: Type.Literal('accepted'), source: Type.String() }) },
    },
    handler: async (request, reply) => {
      const locale = language(request);
      const {
        source = sourceOf(request, 'http', locale),
        at,
        ...flags
      } = readBody(Heartbeat, request.body === undefined ? {} : request.body, locale, { checks: { at: asItComes } });
      const outcome = await ingest.heartbeat(at, { source, locale, ...flags, headers: headersOf(request) });
      if (outcome.kind === 'refused') return refuse(request, reply, locale, outcome);
      return reply.code(202).send({ status: 'accepted', source });
    },
  });
}
