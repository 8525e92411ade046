import type { FieldError, Problem } from '@transaction-guardian/contracts/problem.ts';
import { isTextKey, text, type Locale, type TextParams } from '@transaction-guardian/contracts/text/text.ts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { maskCardNumbers } from '../pan/card-number.ts';
import { GuardianError, type ErrorCode } from '../errors.ts';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** Status of each code that a caller may see; every other code is answered as 500 INTERNAL. */
const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  ACT_CONFLICT: 409,
  ALERTMANAGER_UNAVAILABLE: 503,
  ALERT_NOT_FIRING: 409,
  ALERT_TAKEN: 409,
  APP_STARTING: 503,
  AUTH_FORBIDDEN: 403,
  AUTH_GUESSES: 429,
  AUTH_REQUIRED: 401,
  AUTH_ROLE: 403,
  AUTH_SCOPE: 403,
  AUTH_TOKEN_CONFIGURED: 409,
  AUTH_UNKNOWN: 403,
  BUS_CLOSED: 503,
  BUS_FULL: 503,
  BUS_UNAVAILABLE: 503,
  CSV_LAYOUT: 422,
  DISK_NEARLY_FULL: 503,
  FEEDBACK_CONFLICT: 409,
  BRIEFING_TAKEN: 409,
  ESCALATION_NONE: 409,
  ESCALATION_OVER: 409,
  INCIDENT_CONFLICT: 409,
  HTTP_INVALID_REQUEST: 400,
  HTTP_METHOD_NOT_ALLOWED: 405,
  HTTP_NOT_ACCEPTABLE: 406,
  HTTP_NOT_FOUND: 404,
  HTTP_PAYLOAD_TOO_LARGE: 413,
  HTTP_BUSY: 503,
  HTTP_UNSUPPORTED_MEDIA_TYPE: 415,
  INGEST_CARD_NUMBER: 422,
  INGEST_CONFLICT: 409,
  INGEST_ENCODING: 400,
  INGEST_INVALID: 422,
  INGEST_JSON: 400,
  INGEST_OVERLOADED: 503,
  SILENCE_ENDED: 409,
  RUNBOOK_FORBIDDEN: 403,
  RUNBOOK_INVALID: 422,
  RUNBOOK_REFUSED: 409,
  STORE_CLOSED: 503,
  STORE_UNAVAILABLE: 503,
};
/** Codes that say the same to a caller. */
const SHOWN_AS: Readonly<Partial<Record<ErrorCode, ErrorCode>>> = { BUS_CLOSED: 'BUS_UNAVAILABLE', STORE_CLOSED: 'STORE_UNAVAILABLE' };
const RETRY_AFTER_S: Readonly<Partial<Record<ErrorCode, number>>> = {
  APP_STARTING: 1,
  AUTH_GUESSES: 600,
  BUS_FULL: 30,
  DISK_NEARLY_FULL: 30,
};
const DEFAULT_RETRY_AFTER_S = 2;
const UNFILLED = /\{[a-z_]+(?::[^{}]*)?\}/;

export interface ProblemDetails {
  /** Variant of the detail text, e.g. `host` for `problem.detail.AUTH_FORBIDDEN.host`. */
  readonly wording?: string;
  readonly params?: TextParams;
  /** The detail itself, in the reader's language, where its words are not one text of the code. */
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  /** Further members of the body, which RFC 9457 allows. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** An error that carries what its answer says. */
export function problemError(code: ErrorCode, details: ProblemDetails = {}): GuardianError {
  return new GuardianError(code, `Answered with ${code}.`, { data: { problem: details } });
}

/** Status of a code: 500 for a code that callers do not see. */
export function httpStatusOf(code: ErrorCode): number {
  return STATUS[code] ?? 500;
}

/** The problem document of a code in the words of `locale`. `fallback`: detail for a code below 500 without a text. */
export function createProblem(code: ErrorCode, locale: Locale, details: ProblemDetails = {}, fallback?: string): Problem {
  const status = httpStatusOf(code);
  const shown = status === 500 ? 'INTERNAL' : (SHOWN_AS[code] ?? code);
  const variant = details.wording === undefined ? '' : `.${details.wording}`;
  const detailKey = `problem.detail.${shown}${variant}`;
  const titleKey = `problem.title.${shown}`;
  const title = isTextKey(titleKey) ? text(locale, titleKey) : shown;
  return {
    type: `urn:guardian:problem:${shown}`,
    title,
    status,
    detail: details.detail ?? detailOf(detailKey, locale, details) ?? fallback ?? title,
    code: shown,
    ...(details.errors === undefined ? {} : { errors: [...details.errors] }),
    ...details.extra,
  };
}

/** The detail in words; undefined without a text for it, or when the text names something that is not known. */
function detailOf(key: string, locale: Locale, { params, errors }: ProblemDetails): string | undefined {
  if (!isTextKey(key)) return undefined;
  const detail = text(locale, key, { ...(errors === undefined ? {} : { count: errors.length }), ...params });
  // An id of the request may be in it.
  return UNFILLED.test(detail) ? undefined : maskCardNumbers(detail);
}

/** Answers with a problem document (RFC 9457), `Retry-After` included where waiting helps. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.status === 503 || problem.status === 429)
    reply.header('retry-after', RETRY_AFTER_S[problem.code as ErrorCode] ?? DEFAULT_RETRY_AFTER_S);
  return reply
    .code(problem.status)
    .type(PROBLEM_TYPE)
    .serializer(JSON.stringify)
    .send({ ...problem, instance: maskCardNumbers(pathOf(request.url)), request_id: request.id });
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}
