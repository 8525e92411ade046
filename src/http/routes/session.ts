import { Type } from 'typebox';
import type { FastifyInstance } from 'fastify';
import { sessionCookie, type Sessions } from '../auth.ts';
import { problemError } from '../problem.ts';
import { describeOnly } from '../route-config.ts';

const Session = Type.Object(
  { authenticated: Type.Boolean(), expires_at: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]) },
  { title: 'Session' },
);

/** `POST /session` exchanges a link token for the session cookie, `GET /session` says whether there is one, `DELETE
 *  /session` ends it. */
export function registerSessionRoutes(app: FastifyInstance, { sessions }: { readonly sessions: Sessions }): void {
  const config = { public: true, problems: [400, 401, 403, 406] };
  app.post('/session', {
    config,
    validatorCompiler: describeOnly,
    schema: {
      operationId: 'openSession',
      tags: ['operations'],
      summary: 'Opens a browser session.',
      body: Type.Object({ token: Type.String() }),
      response: { 204: { description: 'Open.', type: 'null' } },
    },
    handler: async (request, reply) => {
      const { body } = request;
      const token = typeof body === 'object' && body !== null && 'token' in body ? body.token : undefined;
      const cookie = typeof token === 'string' ? sessions.exchange(token) : null;
      if (cookie === null) throw problemError('AUTH_REQUIRED', { wording: 'link' });
      return reply.header('set-cookie', sessionCookie(cookie)).code(204).send();
    },
  });
  app.get('/session', {
    config,
    schema: { operationId: 'getSession', tags: ['operations'], summary: 'Whether this browser has a session.', response: { 200: Session } },
    handler: async (request) => {
      const session = sessions.check(request.headers.cookie);
      return { authenticated: session !== null, expires_at: session === null ? null : new Date(session.expiresAt).toISOString() };
    },
  });
  app.delete('/session', {
    config,
    schema: {
      operationId: 'closeSession',
      tags: ['operations'],
      summary: 'Ends the browser session.',
      response: { 204: { description: 'Ended.', type: 'null' } },
    },
    handler: async (request, reply) => {
      sessions.end(request.headers.cookie);
      return reply.header('set-cookie', sessionCookie('')).code(204).send();
    },
  });
}
