import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { shownName, toFieldErrors } from '../check/finding.ts';
import { problemError } from './problem.ts';

/** Refuses a path or a query with the character 0 in it (HTTP_INVALID_REQUEST), which no stored text has and the database
 *  takes as an error. Bodies are checked field by field. */
export function refuseNullCharacters(app: FastifyInstance, language: (request: FastifyRequest) => Locale): void {
  app.addHook('preValidation', (request, _reply, done) => {
    const values = Object.entries({ ...(request.params as object), ...(request.query as object) });
    const bad = values.find(([, value]) => [value].flat().some((text) => typeof text === 'string' && text.includes('\0')));
    if (bad === undefined || request.is404) done();
    else
      done(
        problemError('HTTP_INVALID_REQUEST', {
          errors: toFieldErrors([{ field: shownName(bad[0]), rule: 'control_character' }], language(request)),
        }),
      );
  });
}
