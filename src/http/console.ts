import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fastifyHelmet } from '@fastify/helmet';
import { fastifyStatic } from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { sessionCookie, type Sessions } from './auth.ts';

const YEAR_MS = 31_536_000_000;
const SELF = ["'self'"];
const POLICY = {
  defaultSrc: SELF,
  scriptSrc: SELF,
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
  connectSrc: SELF,
  objectSrc: ["'none'"],
  baseUri: SELF,
  formAction: SELF,
  frameAncestors: ["'none'"],
};

/** Serves the console from `directory` (the build of `web/`) with headers that allow its own scripts only; a page navigation
 *  to any other address gets the console too. `/?token=...` exchanges the link for a session and goes on to `/`; HEAD does not. Without a
 *  build only the exchange works. */
export async function registerConsole(app: FastifyInstance, directory: string, sessions: Sessions): Promise<void> {
  const hasBuild = existsSync(join(directory, 'index.html'));
  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, public: true, produces: [], quiet: true };
      route.schema = { ...route.schema, hide: true };
    });
    await scope.register(fastifyHelmet, {
      strictTransportSecurity: false,
      contentSecurityPolicy: { useDefaults: false, directives: POLICY },
    });
    scope.get('/', async (request, reply) => {
      const { token } = request.query as { readonly token?: unknown };
      // A look at the headers, as a preview of the link takes, must not use it up.
      if (typeof token === 'string' && request.method === 'GET') return openSession(reply, sessions, token);
      return hasBuild ? sendPage(reply) : reply.callNotFound();
    });
    if (!hasBuild) return;
    await scope.register(fastifyStatic, {
      root: directory,
      wildcard: false,
      index: false,
      immutable: true,
      maxAge: YEAR_MS,
      globIgnore: ['index.html', '**/*.{br,gz}'],
      preCompressed: true,
    });
    scope.get('/*', async (request, reply) =>
      (request.headers.accept ?? '').includes('text/html') ? sendPage(reply) : reply.callNotFound(),
    );
  });
}

function sendPage(reply: FastifyReply): FastifyReply {
  return reply.sendFile('index.html', { maxAge: 0, immutable: false });
}

function openSession(reply: FastifyReply, sessions: Sessions, token: string): FastifyReply {
  const cookie = sessions.exchange(token);
  if (cookie === null) return reply.redirect('/?link=expired', 303);
  return reply.header('set-cookie', sessionCookie(cookie)).redirect('/', 303);
}
