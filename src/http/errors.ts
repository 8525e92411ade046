import type { FieldError } from '@transaction-guardian/contracts/problem.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { FastifyError, FastifyReply, FastifyRequest, FastifySchemaValidationError } from 'fastify';
import type { Logger } from 'pino';
import { isGuardianError, type ErrorCode, type GuardianError } from '../errors.ts';
import { shownField, toFieldErrors } from '../check/finding.ts';
import { drainBody } from './drain-body.ts';
import { createProblem, sendProblem, httpStatusOf, type ProblemDetails } from './problem.ts';
import { PATTERNS } from './schema-checks.ts';

export interface ErrorHandlerOptions {
  readonly log: Logger;
  readonly language: (request: FastifyRequest) => Locale;
  readonly maxBodyBytes: number;
}

/** Makes the one place that decides what the world sees of an error. Nothing of the cause leaves with a 5xx; the log has it
 *  under the request id. */
export function createErrorHandler(
  options: ErrorHandlerOptions,
): (error: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply {
  return (error, request, reply) => {
    const locale = options.language(request);
    const { code, details, fallback } = describe(error, locale, options.maxBodyBytes);
    if (httpStatusOf(code) === 500)
      options.log.error({ err: error, request_id: request.id, route: request.routeOptions.url }, 'request failed');
    // What waits for the start is no fault, and a console asks often.
    else if (code === 'APP_STARTING') options.log.debug({ request_id: request.id }, 'request rejected: still starting');
    else if (httpStatusOf(code) === 503) options.log.warn({ err: error, request_id: request.id }, 'request failed: unavailable');
    if (code === 'HTTP_PAYLOAD_TOO_LARGE') drainBody(request, reply);
    return sendProblem(request, reply, createProblem(code, locale, details, fallback));
  };
}

interface Described {
  readonly code: ErrorCode;
  readonly details?: ProblemDetails;
  readonly fallback?: string;
}

function describe(error: unknown, locale: Locale, maxBodyBytes: number): Described {
  if (isGuardianError(error)) {
    const details = error.data['problem'] as ProblemDetails | undefined;
    return { code: error.code, details: details ?? { params: shownParams(error) }, fallback: error.message };
  }
  if (!(error instanceof Error)) return { code: 'INTERNAL' };
  const { code, validation, statusCode = 500 } = error as FastifyError;
  if (validation !== undefined)
    return { code: 'HTTP_INVALID_REQUEST', details: { errors: validation.map((fault) => describeFault(fault, locale)) } };
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return { code: 'HTTP_PAYLOAD_TOO_LARGE', details: { params: { limit: maxBodyBytes } } };
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_INVALID_CONTENT_TYPE':
      return { code: 'HTTP_UNSUPPORTED_MEDIA_TYPE', details: { params: { accepted: 'application/json' } } };
    default:
      return { code: statusCode >= 400 && statusCode < 500 ? 'HTTP_INVALID_REQUEST' : 'INTERNAL' };
  }
}

/** Parameters of a detail: the facts of an error. */
function shownParams({ data }: GuardianError): Record<string, string | number> {
  const facts = Object.entries(data).filter(
    (entry): entry is [string, string | number] => typeof entry[1] === 'string' || typeof entry[1] === 'number',
  );
  return Object.fromEntries(facts);
}

const RULES: Readonly<Record<string, string>> = {
  additionalProperties: 'additional_property',
  format: 'timestamp_format',
  maxLength: 'too_long',
  minLength: 'empty',
};

/** Words for a wrong type. Every parameter is a text until it is read, so another type means that it was given more than once. */
const TYPES: Readonly<Record<string, string>> = { integer: 'integer', number: 'number', boolean: 'boolean', string: 'once' };

/** A broken rule of a query or path parameter, as the schema validator reports it. */
function describeFault({ keyword, instancePath, params, message }: FastifySchemaValidationError, locale: Locale): FieldError {
  const named = params['missingProperty'] ?? params['additionalProperty'];
  const field = typeof named === 'string' ? shownField(named) : instancePath.slice(1).replaceAll('/', '.') || '(query)';
  const known = keyword === 'pattern' ? PATTERNS[String(params['pattern'])] : undefined;
  const rule = known?.rule ?? RULES[keyword] ?? keyword;
  const limit = params['limit'];
  const allowed = params['allowedValues'];
  const wording = keyword === 'type' ? TYPES[String(params['type'])] : known?.wording;
  const texts = toFieldErrors(
    [
      {
        field,
        rule,
        ...(wording === undefined ? {} : { wording }),
        params: {
          ...(typeof limit === 'number' ? { minimum: limit, maximum: limit } : {}),
          ...(Array.isArray(allowed) ? { allowed: allowed.join(', ') } : {}),
          expected: typeof params['pattern'] === 'string' ? params['pattern'] : '',
        },
      },
    ],
    locale,
  );
  const worded = texts[0];
  return worded === undefined || worded.message === rule ? { field, rule, message: message ?? rule } : worded;
}
