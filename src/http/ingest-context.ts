import { Type } from 'typebox';
import { MAX_IDENTIFIER_LENGTH } from '@transaction-guardian/contracts/transaction.ts';
import type { FastifyRequest } from 'fastify';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { jsonHeaders, traceOf, type RecordHeaders } from '../topic/record-headers.ts';
import { textCheck, type FieldCheck } from '../check/field-check.ts';
import { toFieldErrors, type BrokenRule } from '../check/finding.ts';
import { problemError } from './problem.ts';

export const MAX_SOURCE_LENGTH = 64;
/** A header holds visible ASCII (RFC 9110, 5.5); the name of a sender is no longer than this. */
export const SourceHeader = Type.String({
  minLength: 1,
  maxLength: MAX_SOURCE_LENGTH,
  pattern: '^[!-~]([ -~]*[!-~])?$',
  description: 'Name of the sender, default `http`.',
});
/** W3C Trace Context; a value that breaks its grammar is passed over. */
export const TraceparentHeader = Type.String({
  description:
    'Trace that the record belongs to (W3C Trace Context, with `tracestate`). It stays with the record and with what it alone causes.',
});
interface HeaderName {
  readonly name: string;
  /** As requests have it. */
  readonly key: string;
}
const SOURCE: HeaderName = { name: 'X-Guardian-Source', key: 'x-guardian-source' };
const IDEMPOTENCY_KEY: HeaderName = { name: 'Idempotency-Key', key: 'idempotency-key' };
const checkSource = textCheck(MAX_SOURCE_LENGTH);
const checkKey: FieldCheck<string> = (value, field, findings) => {
  if (typeof value === 'string' && value !== '' && value.length <= MAX_IDENTIFIER_LENGTH) return value;
  findings.push(value === '' ? { field, rule: 'empty' } : { field, rule: 'too_long', params: { maximum: MAX_IDENTIFIER_LENGTH } });
  return undefined;
};

/** Headers of the records of a request: an incoming trace is continued. */
export function headersOf(request: FastifyRequest): RecordHeaders {
  return jsonHeaders(traceOf(request.headers));
}

/** Name of who delivers: `X-Guardian-Source`, else `fallback`. Throws HTTP_INVALID_REQUEST. */
export function sourceOf(request: FastifyRequest, fallback: string, locale: Locale): string {
  return headerOf(request, SOURCE, checkSource, locale) ?? fallback;
}

/** `Idempotency-Key`: the id of an item without one, whose text the ingest checks. Throws HTTP_INVALID_REQUEST for a length
 *  that no id has, also beside an id, where the key changes nothing. */
export function idempotencyKeyOf(request: FastifyRequest, locale: Locale): string | undefined {
  return headerOf(request, IDEMPOTENCY_KEY, checkKey, locale);
}

function headerOf(request: FastifyRequest, { name, key }: HeaderName, check: FieldCheck<string>, locale: Locale): string | undefined {
  const given = request.headers[key];
  if (given === undefined) return undefined;
  const findings: BrokenRule[] = [];
  const value = check(given, name, findings);
  if (value === undefined) throw problemError('HTTP_INVALID_REQUEST', { errors: toFieldErrors(findings, locale) });
  return value;
}
