import { Type } from 'typebox';
import { Recommendation } from '@transaction-guardian/contracts/analysis.ts';
import type { FieldError } from '@transaction-guardian/contracts/problem.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { Transaction } from '@transaction-guardian/contracts/transaction.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../../clock.ts';
import { jsonType, toFieldErrors } from '../../check/finding.ts';
import { refused } from '../../ingest/outcome.ts';
import type { ValidContent, Validator } from '../../ingest/validate.ts';
import { problemError } from '../problem.ts';
import { describeOnly } from '../route-config.ts';

/** A valid record with its event time, epoch milliseconds. */
export type AnalyzeRecord = ValidContent & { readonly occurred_at: number };

export interface AnalyzeRouteDeps {
  readonly validator: Validator;
  readonly clock: Clock;
  /** Judges records, oldest or newest first, without keeping anything. `text` of the answer is in `locale`. */
  readonly analyze: (records: readonly AnalyzeRecord[], locale: Locale) => Promise<Recommendation>;
  readonly language: (request: FastifyRequest) => Locale;
}

const MAX_RECORDS = 50_000;
const MAX_ERRORS = 1000;

const Breakdown = Type.Object(
  {
    ...Type.Omit(Transaction, ['status', 'auth_code']).properties,
    ...Type.Required(Type.Pick(Transaction, ['auth_code'])).properties,
  },
  {
    title: 'BreakdownRecord',
    additionalProperties: false,
    description: 'Counts by auth code without a status: how the counts by status of the same minute break down.',
  },
);
const RecordInput = Type.Union([Transaction, Breakdown], { title: 'AnalyzeRecord' });
const Records = Type.Array(RecordInput, { minItems: 1, maxItems: MAX_RECORDS });
const Body = Type.Union([RecordInput, Records, Type.Object({ records: Records }, { additionalProperties: false })], {
  title: 'AnalyzeBody',
});

/** `POST /analyze`: the same records as `POST /transaction`, one or many; a recommendation out, nothing stored. */
export function registerAnalyzeRoute(app: FastifyInstance, { validator, clock, analyze, language }: AnalyzeRouteDeps): void {
  app.post('/analyze', {
    config: { scope: 'read', problems: [400, 401, 403, 406, 413, 415, 422, 503] },
    validatorCompiler: describeOnly,
    schema: {
      operationId: 'postAnalyze',
      tags: ['analysis'],
      summary: 'Recommend whether to alert on the given records; stores nothing',
      body: Body,
      response: { 200: Recommendation },
    },
    handler: async (request) => {
      const locale = language(request);
      const records = readRecords(listOf(request.body, locale), validator, clock.now(), locale);
      return analyze(records, locale);
    },
  });
}

interface Listed {
  readonly items: readonly unknown[];
  /** Path of one item in the body. */
  readonly path: (index: number) => string;
}

function listOf(body: unknown, locale: Locale): Listed {
  const inner = typeof body === 'object' && body !== null && 'records' in body && Object.keys(body).length === 1 ? body.records : undefined;
  const listed = Array.isArray(body)
    ? { items: body, path: (index: number) => `[${index}]` }
    : Array.isArray(inner)
      ? { items: inner, path: (index: number) => `records[${index}]` }
      : null;
  if (listed === null && (typeof body !== 'object' || body === null || inner !== undefined)) {
    throw invalid([{ field: '(body)', rule: 'type', wording: 'body_list', params: { got: jsonType(body) } }], locale);
  }
  const { items, path } = listed ?? { items: [body], path: () => '' };
  if (items.length === 0) throw invalid([{ field: '(body)', rule: 'empty' }], locale);
  if (items.length > MAX_RECORDS) throw invalid([{ field: '(body)', rule: 'too_many', params: { maximum: MAX_RECORDS } }], locale);
  return { items, path };
}

function invalid(findings: Parameters<typeof toFieldErrors>[0], locale: Locale): Error {
  return problemError('INGEST_INVALID', { params: { count: findings.length }, errors: toFieldErrors(findings, locale) });
}

function readRecords({ items, path }: Listed, validator: Validator, nowMs: number, locale: Locale): AnalyzeRecord[] {
  const records: AnalyzeRecord[] = [];
  const errors: FieldError[] = [];
  let code: 'INGEST_INVALID' | 'INGEST_CARD_NUMBER' = 'INGEST_INVALID';
  const times = validator.placeTimes(() => nowMs);
  for (const [index, item] of items.entries()) {
    if (typeof item === 'object' && item !== null && !Array.isArray(item)) times.place(item as Record<string, unknown>);
    const checked = validator.validate(item, nowMs, { breakdown: true });
    if (checked.kind === 'valid') {
      records.push({ ...checked.content, occurred_at: checked.content.occurred_at ?? nowMs });
      continue;
    }
    const outcome = refused(checked.findings, locale);
    if (outcome.kind !== 'refused') continue;
    if (outcome.code === 'INGEST_CARD_NUMBER') code = outcome.code;
    const prefix = path(index);
    for (const error of outcome.errors)
      if (errors.length < MAX_ERRORS) errors.push({ ...error, field: prefix === '' ? error.field : `${prefix}.${error.field}` });
  }
  if (errors.length > 0) throw problemError(code, { params: { count: errors.length }, errors });
  return records;
}
