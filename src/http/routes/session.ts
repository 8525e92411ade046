import { Type } from 'typebox';
import type { FastifyInstance } from 'fastify';
import { Session } from '@transaction-guardian/contracts/access.ts';
import { sessionCookie, sessionId } from '../auth.ts';
import { sessionActor } from '../guard.ts';
import { closeSession, openSession, type SessionDeps } from '../open-session.ts';
import { problemError } from '../problem.ts';
import { describeOnly } from '../route-config.ts';

/** `POST /session` exchanges a link token or a code for the session cookie, `GET /session` says whether there is one, `DELETE
 *  /session` ends it. */
export function registerSessionRoutes(app: FastifyInstance, deps: SessionDeps): void {
  const { sessions, directory } = deps;
  const config = { public: true, problems: [400, 401, 403, 406] };
  app.post('/session', {
    config: { public: true, problems: [400, 401, 403, 406, 429, 503] },
    validatorCompiler: describeOnly,
    schema: {
      operationId: 'openSession',
      tags: ['operations'],
      summary: 'Open a browser session: with the token of a link, or the code that a signed-in screen shows',
      body: Type.Union([Type.Object({ token: Type.String() }), Type.Object({ code: Type.String() })]),
      response: { 204: { description: 'Open.', type: 'null' } },
    },
    handler: async (request, reply) => {
      const { token, code } = (request.body ?? {}) as { readonly token?: unknown; readonly code?: unknown };
      const isCode = typeof code === 'string';
      const byLink = async () => (typeof token === 'string' ? openSession(deps, request, token) : null);
      const cookie = isCode ? await deps.access.redeemCode(code, request.socket.remoteAddress ?? null) : await byLink();
      if (cookie === null) throw problemError('AUTH_REQUIRED', { wording: isCode ? 'code' : 'link' });
      return reply.header('set-cookie', sessionCookie(cookie)).code(204).send();
    },
  });
  app.get('/session', {
    config,
    schema: { operationId: 'getSession', tags: ['operations'], summary: 'Whether this browser has a session', response: { 200: Session } },
    handler: async (request) => {
      const session = sessions.check(request.headers.cookie);
      const actor = session === null ? null : sessionActor(session, request, directory);
      if (session === null || actor === null) return { authenticated: false, id: null, expires_at: null, actor: null };
      const expires_at = new Date(session.expiresAt).toISOString();
      const language = directory.byId(actor.id)?.language;
      const who = { id: actor.id, name: actor.name, role: actor.role, ...(language === undefined ? {} : { language }) };
      return { authenticated: true, id: sessionId(session), expires_at, actor: who };
    },
  });
  app.delete('/session', {
    config,
    schema: {
      operationId: 'closeSession',
      tags: ['operations'],
      summary: 'End the browser session',
      response: { 204: { description: 'Ended.', type: 'null' } },
    },
    handler: async (request, reply) => {
      closeSession(deps, request);
      return reply.header('set-cookie', sessionCookie('')).code(204).send();
    },
  });
}
