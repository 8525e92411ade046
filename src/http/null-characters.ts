import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { shownField, toFieldErrors } from '../check/finding.ts';
import { problemError } from './problem.ts';

/** Refuses a path or a query with the character 0 in it (HTTP_INVALID_REQUEST), which no stored text has and the database
 *  takes as an error. Bodies are checked field by field. */
export function refuseNullCharacters(app: FastifyInstance, language: (request: FastifyRequest) => Locale): void {
  app.addHook('preValidation', (request, _reply, done) => {
    const bad = request.is404 || !request.url.includes('%00') ? undefined : nullCharacterIn(request);
    if (bad === undefined) done();
    else
      done(
        problemError('HTTP_INVALID_REQUEST', {
          errors: toFieldErrors([{ field: shownField(bad), rule: 'control_character' }], language(request)),
        }),
      );
  });
}

/** Name of the first parameter that has one. */
function nullCharacterIn({ params, query }: FastifyRequest): string | undefined {
  const values = Object.entries({ ...(params as object), ...(query as object) });
  return values.find(([, value]) => [value].flat().some((text) => typeof text === 'string' && text.includes('\0')))?.[0];
}
