import { Type } from 'typebox';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { MAX_IDENTIFIER_LENGTH, Transaction } from '@transaction-guardian/contracts/transaction.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IngestContext } from '../../ingest/ingest-context.ts';
import type { Ingest } from '../../ingest/ingest.ts';
import type { IngestOutcome } from '../../ingest/outcome.ts';
import type { RawReader } from '../../raw/raw-transactions.ts';
import { headersOf, idempotencyKeyOf, sourceOf, SourceHeader, TraceparentHeader } from '../ingest-context.ts';
import { createProblem, problemError, sendProblem } from '../problem.ts';
import { describeOnly } from '../route-config.ts';

export interface TransactionRouteDeps {
  readonly ingest: Ingest;
  readonly findTransaction: RawReader['find'];
  readonly language: (request: FastifyRequest) => Locale;
}

type Refusal = Extract<IngestOutcome, { kind: 'refused' }>;

const Accepted = Type.Object(
  {
    id: Type.String(),
    status: Type.Enum(['accepted', 'duplicate']),
    checked: Type.Optional(
      Type.Literal(false, {
        description:
          'The database did not say in time whether it has this id already. It looks when it counts the record: with the same content it is counted once; with other content the first one stays and this one is sent to the dead-letter topic.',
      }),
    ),
  },
  { title: 'Accepted', description: 'On disk. `duplicate`: it was there already.' },
);

/** `POST /transaction` and `GET /transaction/{id}`. */
export function registerTransactionRoutes(app: FastifyInstance, { ingest, findTransaction, language }: TransactionRouteDeps): void {
  app.post('/transaction', {
    config: { scope: 'write', quiet: true, problems: [400, 401, 403, 406, 409, 413, 415, 422, 503] },
    validatorCompiler: describeOnly,
    schema: {
      operationId: 'postTransaction',
      tags: ['ingest'],
      summary: 'Send one transaction, or one minute of them with a count',
      description: 'Answered once the record survives a power cut. With an `id` (or an `Idempotency-Key`) a retry is harmless.',
      headers: Type.Object({
        'idempotency-key': Type.Optional(
          Type.String({ minLength: 1, maxLength: MAX_IDENTIFIER_LENGTH, description: 'Id for an item without one.' }),
        ),
        'x-guardian-source': Type.Optional(SourceHeader),
        traceparent: Type.Optional(TraceparentHeader),
      }),
      body: Transaction,
      response: { 200: Accepted, 202: Accepted },
    },
    handler: async (request, reply) => {
      const locale = language(request);
      const outcome = await ingest.acceptOne(request.body, contextOf(request, locale));
      if (outcome.kind === 'refused') return refuse(request, reply, locale, outcome);
      return reply.code(outcome.kind === 'accepted' ? 202 : 200).send(acceptedBody(outcome));
    },
  });

  app.get('/transaction/:id', {
    config: { problems: [400, 401, 403, 404, 406, 503] },
    schema: {
      operationId: 'getTransaction',
      tags: ['ingest'],
      summary: 'Get a transaction; it shows up a moment after it was accepted',
      params: Type.Object({ id: Type.String({ minLength: 1, maxLength: MAX_IDENTIFIER_LENGTH }) }),
      response: { 200: { description: 'The transaction.', ...Type.Object({}, { additionalProperties: true }) } },
    },
    handler: async (request) => {
      const { id } = request.params as { readonly id: string };
      const found = await findTransaction(id.normalize('NFC'));
      if (found.kind === 'kept') return found.transaction;
      throw problemError('HTTP_NOT_FOUND', { wording: `transaction_${found.kind}`, params: { id } });
    },
  });
}

function acceptedBody({ id, kind, checked }: Exclude<IngestOutcome, Refusal>): object {
  return checked === false ? { id, status: kind, checked } : { id, status: kind };
}

function contextOf(request: FastifyRequest, locale: Locale): IngestContext {
  const source = sourceOf(request, 'http', locale);
  const key = idempotencyKeyOf(request, locale);
  const headers = headersOf(request);
  return key === undefined ? { source, locale, headers } : { source, locale, headers, idempotencyKey: key };
}

/** Answers a refused item with its problem. */
export function refuse(request: FastifyRequest, reply: FastifyReply, locale: Locale, { code, errors }: Refusal): FastifyReply {
  return sendProblem(request, reply, createProblem(code, locale, { params: { count: errors.length }, errors }));
}
