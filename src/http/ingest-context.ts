import type { FastifyRequest } from 'fastify';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { textCheck } from '../ingest/field-check.ts';
import { toFieldErrors, type Finding } from '../ingest/finding.ts';
import { problemError } from './problem.ts';

const MAX_SOURCE_LENGTH = 64;
const checkSource = textCheck(MAX_SOURCE_LENGTH);

/** Name of who delivers: `X-Guardian-Source`, else `fallback`. Throws HTTP_INVALID_REQUEST. */
export function sourceOf(request: FastifyRequest, fallback: string, locale: Locale): string {
  const given = request.headers['x-guardian-source'];
  if (given === undefined) return fallback;
  const findings: Finding[] = [];
  const source = checkSource(given, 'X-Guardian-Source', findings);
  if (source === undefined) throw problemError('HTTP_INVALID_REQUEST', { errors: toFieldErrors(findings, locale) });
  return source;
}
