import { Type } from 'typebox';
import { AccessList, NewAccessCode, NewAccessLink } from '@transaction-guardian/contracts/access.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Access } from '../../auth/access.ts';
import type { Act } from '../../auth/act.ts';
import { problemError } from '../problem.ts';
import { actorOf, describeOnly } from '../route-config.ts';
import { readBody } from '../schema-checks.ts';

export interface AccessRouteDeps {
  readonly access: Access;
  readonly act: Act;
  /** Puts a new service token in the place of the old one, at once and on the disk. */
  readonly rotateToken: () => void;
  readonly language: (request: FastifyRequest) => Locale;
}

const Params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });
const Whom = Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'Id of a person; default: the caller.' }));
const Path = Type.String({
  maxLength: 300,
  pattern: String.raw`^/(?![/\\])[^\s?#\\]*$`,
  description: 'Page of the console that it opens; default: the overview.',
  examples: ['/anomalies/an_0f1e2d'],
});
const LinkBody = Type.Object({ person: Whom, path: Type.Optional(Path) }, { additionalProperties: false });
const CodeBody = Type.Object({ person: Whom }, { additionalProperties: false });
const TAGS = ['operations'];
const PROBLEMS = [400, 401, 403, 404, 406, 409, 503];
const idOf = (request: FastifyRequest): string => (request.params as { readonly id: string }).id;

/** `GET /access`, `POST /access/links`, `POST /access/codes`, `DELETE /access/links/:id`, `DELETE /access/sessions/:id`, `POST /access/token/rotate`. */
export function registerAccessRoutes(app: FastifyInstance, { access, act, rotateToken, language }: AccessRouteDeps): void {
  app.get('/access', {
    config: { problems: [401, 403, 406, 503] },
    schema: {
      operationId: 'listAccess',
      tags: TAGS,
      summary: 'List personal links, codes and sessions: your own, or all for an admin',
      response: { 200: AccessList },
    },
    handler: (request) => access.list(actorOf(request)),
  });
  app.post('/access/links', {
    config: { problems: [...PROBLEMS, 415, 422] },
    validatorCompiler: describeOnly,
    schema: {
      operationId: 'makeLink',
      tags: TAGS,
      summary: 'Create a link that opens one session of the console, once, for one person',
      body: LinkBody,
      response: { 201: NewAccessLink },
    },
    handler: async (request, reply) => {
      const actor = actorOf(request);
      const { person = actor.id, path } = readBody(LinkBody, request.body, language(request));
      const link = await access.mintLink(actor, person, path);
      if (link === null) throw problemError('HTTP_NOT_FOUND', { wording: 'person', params: { id: person } });
      return reply.code(201).send(link);
    },
  });
  app.post('/access/codes', {
    config: { problems: [...PROBLEMS, 415, 422] },
    validatorCompiler: describeOnly,
    schema: {
      operationId: 'makeCode',
      tags: TAGS,
      summary: 'Create a code that opens one session of the console, once, on the device where it is typed',
      body: CodeBody,
      response: { 201: NewAccessCode },
    },
    handler: async (request, reply) => {
      const actor = actorOf(request);
      const { person = actor.id } = readBody(CodeBody, request.body, language(request));
      const code = await access.mintCode(actor, person);
      if (code === null) throw problemError('HTTP_NOT_FOUND', { wording: 'person', params: { id: person } });
      return reply.code(201).send(code);
    },
  });
  registerDelete(app, '/access/links/:id', 'revokeLink', 'Revokes a personal link or a code.', (request) =>
    access.revokeLink(actorOf(request), idOf(request)),
  );
  registerDelete(app, '/access/sessions/:id', 'endSession', 'Ends a session of the console.', (request) =>
    access.endSession(actorOf(request), idOf(request)),
  );
  app.post('/access/token/rotate', {
    config: { bodyOptional: true, problems: [401, 403, 406, 409, 503] },
    schema: {
      operationId: 'rotateServiceToken',
      tags: TAGS,
      summary: 'Rotate the service token: a new one replaces the old one',
      response: { 204: Type.Null() },
    },
    handler: async (request, reply) => {
      await act({ actor: actorOf(request), verb: 'service_token.rotate', arguments: {} }, async () => {
        rotateToken();
        return { value: null, outcome: { result: 'done' } };
      });
      return reply.code(204).send();
    },
  });
}

function registerDelete(
  app: FastifyInstance,
  url: string,
  operationId: string,
  summary: string,
  work: (request: FastifyRequest) => Promise<boolean>,
): void {
  app.delete(url, {
    config: { problems: PROBLEMS },
    schema: { operationId, tags: TAGS, summary, params: Params, response: { 204: Type.Null() } },
    handler: async (request, reply) => {
      if (!(await work(request))) throw problemError('HTTP_NOT_FOUND', { wording: 'access', params: { id: idOf(request) } });
      return reply.code(204).send();
    },
  });
}
