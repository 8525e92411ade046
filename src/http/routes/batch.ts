import { layoutReason } from '../../csv/layout-error.ts';
import { Readable } from 'node:stream';
import { Type } from 'typebox';
import type { Problem } from '@transaction-guardian/contracts/problem.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { GuardianError, isGuardianError } from '../../errors.ts';
import { CSV_LAYOUTS } from '../../csv/csv-layout.ts';
import type { Ingest } from '../../ingest/ingest.ts';
import { takeStream } from '../../ingest/stream/take-stream.ts';
import { quality } from '../accept.ts';
import { answerItem, createBatchTally } from '../batch-answer.ts';
import { BATCH_TYPES, openUpload, type Upload } from '../batch-format.ts';
import { drainBody } from '../drain-body.ts';
import { createProblem, problemError, sendProblem } from '../problem.ts';
import { describeOnly } from '../route-config.ts';

export interface BatchRouteDeps {
  readonly ingest: Ingest;
  readonly log: Logger;
  readonly language: (request: FastifyRequest) => Locale;
  readonly maxLineBytes: number;
}

const NDJSON = 'application/x-ndjson';
const Summary = Type.Object(
  {
    accepted: Type.Integer(),
    duplicate: Type.Integer(),
    refused: Type.Integer(),
    failed: Type.Integer({ description: 'Not confirmed by the disk: send again.' }),
    unchecked: Type.Optional(
      Type.Integer({
        description:
          'Items with `checked: false`: the database did not say in time whether it has their ids with other content; it looks when it counts them.',
      }),
    ),
    items: Type.Array(Type.Object({}, { additionalProperties: true }), {
      description: 'All items up to 1,000; above, only refused ones (at most 1,000).',
    }),
    items_omitted: Type.Integer(),
  },
  { title: 'BatchSummary' },
);

/** `POST /transactions/batch`: a JSON array, NDJSON or CSV of any length, read as it comes, with bounded memory. */
export async function registerBatchRoute(app: FastifyInstance, deps: BatchRouteDeps): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser([...BATCH_TYPES], (_request, _payload, done) => done(null, undefined));
    scope.addContentTypeParser('*', (_request, _payload, done) =>
      done(problemError('HTTP_UNSUPPORTED_MEDIA_TYPE', { params: { accepted: BATCH_TYPES.join(', ') } }), undefined),
    );
    scope.post('/transactions/batch', {
      config: { scope: 'write', streams: true, produces: ['application/json', NDJSON], problems: [400, 401, 403, 406, 415, 422, 503] },
      validatorCompiler: describeOnly,
      schema: {
        operationId: 'postBatch',
        tags: ['ingest'],
        summary: 'Send many transactions: a JSON array, NDJSON or CSV of any length',
        description:
          'Each item is answered for itself. With `Accept: application/x-ndjson` one line per item comes while the body is still being sent, and a summary as the last line. ' +
          'CSV rows get ids made of their content, so that the same file sent again changes nothing; they are history (nobody is paged).',
        consumes: [...BATCH_TYPES],
        querystring: Type.Object({
          layout: Type.Optional(Type.Enum([...CSV_LAYOUTS], { description: 'CSV only; default: by the header.' })),
          date: Type.Optional(
            Type.String({ format: 'date', description: 'CSV only: day (YYYY-MM-DD) of a file whose time column has hours only.' }),
          ),
          mapping: Type.Optional(Type.String({ description: 'CSV only: `field:column,...` or a JSON object.' })),
          breakdown_rows: Type.Optional(
            Type.Boolean({
              description:
                'CSV only: a row with an `auth_code` may leave `status` out. Such rows say how the counts by status of the same minute break down by auth code; they are not added to the total. A file that has no column `status` needs no flag.',
            }),
          ),
        }),
        response: { 200: Summary, 202: Summary },
      },
      handler: async (request, reply) => takeBatch(request, reply, deps),
    });
  });
}

async function takeBatch(request: FastifyRequest, reply: FastifyReply, deps: BatchRouteDeps): Promise<FastifyReply> {
  const locale = deps.language(request);
  const upload = openUpload(request, locale, { maxLineBytes: deps.maxLineBytes, times: deps.ingest.placeTimes() });
  const accept = request.headers.accept ?? '';
  if (quality(accept, NDJSON) > quality(accept, 'application/json')) {
    return reply
      .type(`${NDJSON}; charset=utf-8`)
      .send(Readable.from(answerLines(request, reply, upload, deps, locale), { objectMode: false, highWaterMark: 65_536 }));
  }
  return answerSummary(request, reply, upload, deps, locale);
}

async function answerSummary(
  request: FastifyRequest,
  reply: FastifyReply,
  upload: Upload,
  { ingest }: BatchRouteDeps,
  locale: Locale,
): Promise<FastifyReply> {
  const tally = createBatchTally();
  try {
    for await (const group of takeStream(ingest, upload.items, upload.context))
      for (const taken of group) tally.add(taken, upload.position);
  } catch (error) {
    drainBody(request, reply);
    return sendProblem(request, reply, stopProblem(error, locale, { ...tally.summary(), ...tally.items() }));
  }
  const summary = tally.summary();
  return reply.code(summary.accepted > 0 ? 202 : 200).send({ ...summary, ...tally.items() });
}

/** The problem of an upload that stopped early. `extra`: further members, such as the answers for what came before. */
function stopProblem(error: unknown, locale: Locale, extra: Readonly<Record<string, unknown>> = {}): Problem {
  if (!isGuardianError(error)) throw error;
  if (error.code !== 'INGEST_JSON')
    return createProblem(error.code, locale, { params: error.code === 'CSV_LAYOUT' ? { reason: layoutReason(locale, error) } : {}, extra });
  const { index, position, isList } = error.data;
  return createProblem('INGEST_JSON', locale, {
    wording: isList === false ? 'list' : 'batch',
    params: { index: Number(index), position: Number(position) },
    extra: { ...extra, broken_at: { index, position } },
  });
}

/** One line per item as soon as it is settled, then the summary. An upload that breaks says so in the summary. */
async function* answerLines(
  request: FastifyRequest,
  reply: FastifyReply,
  upload: Upload,
  { ingest, log }: BatchRouteDeps,
  locale: Locale,
): AsyncGenerator<string> {
  const counts = { accepted: 0, duplicate: 0, refused: 0, failed: 0 };
  let unchecked = 0;
  try {
    for await (const group of takeStream(ingest, upload.items, upload.context)) {
      let lines = '';
      for (const taken of group) {
        counts[taken.outcome.kind]++;
        if ('checked' in taken.outcome) unchecked++;
        lines += `${JSON.stringify(answerItem(taken, upload.position))}\n`;
      }
      if (lines !== '') yield lines;
    }
    yield `${JSON.stringify({ summary: unchecked === 0 ? counts : { ...counts, unchecked } })}\n`;
  } catch (error) {
    const known = isGuardianError(error) ? error : new GuardianError('INTERNAL', 'upload failed', { cause: error });
    if (request.raw.destroyed && !request.raw.complete) {
      log.info({ request_id: request.id, ...counts }, 'client disconnected during upload');
      return;
    }
    drainBody(request, reply);
    if (known.code === 'INTERNAL') log.error({ err: error, request_id: request.id }, 'upload failed');
    yield `${JSON.stringify({ summary: counts, problem: { ...stopProblem(known, locale), request_id: request.id } })}\n`;
  }
}
