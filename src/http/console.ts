import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fastifyHelmet } from '@fastify/helmet';
import { fastifyStatic } from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sessionCookie } from './auth.ts';
import { isPreview, openSession, type SessionDeps } from './open-session.ts';

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
 *  to any other address gets the console too. To look at a link never uses it up, whoever looks: the page of the build sends the
 *  token back itself (`POST /session`) and stays at its address. Without a build, `/?token=...` is exchanged here. */
export async function registerConsole(app: FastifyInstance, directory: string, deps: SessionDeps): Promise<void> {
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
      if (hasBuild) return sendPage(reply);
      return typeof token === 'string' && !isPreview(request) ? exchange(deps, request, reply, token) : reply.callNotFound();
    });
    if (!hasBuild) return;
    const files = { index: false, immutable: true, maxAge: YEAR_MS, preCompressed: true } as const;
    // Looked up at each request: a build that comes while we run brings a page that names other files.
    await scope.register(fastifyStatic, { ...files, root: join(directory, 'assets'), prefix: '/assets/', decorateReply: false });
    await scope.register(fastifyStatic, {
      ...files,
      root: directory,
      wildcard: false,
      globIgnore: ['index.html', 'assets/**', '**/*.{br,gz}'],
    });
    scope.get('/*', async (request, reply) =>
      (request.headers.accept ?? '').includes('text/html') ? sendPage(reply) : reply.callNotFound(),
    );
  });
}

function sendPage(reply: FastifyReply): FastifyReply {
  return reply.sendFile('index.html', { maxAge: 0, immutable: false });
}

async function exchange(deps: SessionDeps, request: FastifyRequest, reply: FastifyReply, token: string): Promise<FastifyReply> {
  const cookie = await openSession(deps, request, token);
  if (cookie === null) return reply.redirect('/?link=expired', 303);
  return reply.header('set-cookie', sessionCookie(cookie)).redirect('/', 303);
}
