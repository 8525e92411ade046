import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { runbookPage } from '../runbook-page.ts';

const FOLDER = new URL('../../../docs/runbooks/', import.meta.url);

/** `GET /runbooks/{name}`: what to check and do about one alert, for a phone. It needs no session: a link in a message must open at
 *  night, and the pages say nothing of the traffic. */
export function registerRunbookRoute(app: FastifyInstance): void {
  const names = readdirSync(FOLDER).map((file) => basename(file, '.md'));
  const pages = new Map(names.map((name) => [name, runbookPage(readFileSync(new URL(`${name}.md`, FOLDER), 'utf8'))]));
  app.get('/runbooks/:name', {
    config: { public: true, produces: ['text/html'], problems: [404, 406] },
    schema: {
      operationId: 'getRunbook',
      tags: ['operations'],
      summary: 'What to check and do about one kind of alert',
      params: Type.Object({ name: Type.String({ examples: ['no-data'] }) }),
      response: { 200: { description: 'The page.', content: { 'text/html': { schema: { type: 'string' } } } } },
    },
    handler: async (request, reply) => {
      const page = pages.get((request.params as { readonly name: string }).name);
      if (page === undefined) return reply.callNotFound();
      return reply
        .header('content-type', 'text/html; charset=utf-8')
        .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
        .send(page);
    },
  });
}
