import { Type } from 'typebox';
import type { FastifyInstance } from 'fastify';
import { ActorIdentity } from '@transaction-guardian/contracts/actor.ts';
import { sessionCookie } from '../auth.ts';
import { sessionActor } from '../guard.ts';
import { closeSession, openSession, type SessionDeps } from '../open-session.ts';
import { problemError } from '../problem.ts';
import { describeOnly } from '../route-config.ts';

const Session = Type.Object(
  {
    authenticated: Type.Boolean(),
    expires_at: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
    actor: Type.Union([Type.Pick(ActorIdentity, ['id', 'name']), Type.Null()], { description: 'Who acts in this session.' }),
  },
  { title: 'Session' },
);

/** `POST /session` exchanges a link token for the session cookie, `GET /session` says whether there is one, `DELETE
 *  /session` ends it. */
export function registerSessionRoutes(app: FastifyInstance, deps: SessionDeps): void {
  const { sessions, directory } = deps;
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
      const cookie = typeof token === 'string' ? await openSession(deps, request, token) : null;
      if (cookie === null) throw problemError('AUTH_REQUIRED', { wording: 'link' });
      return reply.header('set-cookie', sessionCookie(cookie)).code(204).send();
    },
  });
  app.get('/session', {
    config,
    schema: { operationId: 'getSession', tags: ['operations'], summary: 'Whether this browser has a session.', response: { 200: Session } },
    handler: async (request) => {
      const session = sessions.check(request.headers.cookie);
      const actor = session === null ? null : sessionActor(session, request, directory);
      if (session === null || actor === null) return { authenticated: false, expires_at: null, actor: null };
      return { authenticated: true, expires_at: new Date(session.expiresAt).toISOString(), actor: { id: actor.id, name: actor.name } };
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
      closeSession(deps, request);
      return reply.header('set-cookie', sessionCookie('')).code(204).send();
    },
  });
}
