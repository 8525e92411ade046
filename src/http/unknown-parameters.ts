import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { shownField, toFieldErrors, type BrokenRule } from '../check/finding.ts';
import { problemError } from './problem.ts';

const MAX_FINDINGS = 20;
/** Topic of health, metrics and sessions, which monitors and proxies ask with parameters of their own. */
const LENIENT_TAG = 'operations';

/** Refuses query parameters that the route does not describe (HTTP_INVALID_REQUEST): a misspelt filter must not answer with
 *  everything. Pages and the routes of `LENIENT_TAG` take any. */
export function refuseUnknownParameters(app: FastifyInstance, language: (request: FastifyRequest) => Locale): void {
  app.addHook('preValidation', (request, _reply, done) => {
    const given = Object.keys(request.query as object);
    const schema = given.length === 0 || request.is404 ? undefined : request.routeOptions.schema;
    if (schema?.tags === undefined || schema.tags.includes(LENIENT_TAG)) {
      done();
      return;
    }
    const names = Object.keys((schema.querystring as { readonly properties?: object } | undefined)?.properties ?? {});
    const unknown = given.filter((name) => !names.includes(name));
    if (unknown.length === 0) done();
    else done(problemError('HTTP_INVALID_REQUEST', { errors: toFieldErrors(findingsOf(unknown, names), language(request)) }));
  });
}

function findingsOf(unknown: readonly string[], names: readonly string[]): BrokenRule[] {
  const rule = 'additional_property';
  return unknown
    .slice(0, MAX_FINDINGS)
    .map((name) =>
      names.length === 0
        ? { field: shownField(name), rule, wording: 'additional_property_none' }
        : { field: shownField(name), rule, params: { allowed: names.join(', ') } },
    );
}
