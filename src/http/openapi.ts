import { fastifySwagger } from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import { Type } from 'typebox';
import { Problem } from '@transaction-guardian/contracts/problem.ts';
import type { FastifyInstance, FastifySchema, RouteOptions } from 'fastify';
import { SESSION_COOKIE } from './auth.ts';
import { BODY_OPTIONAL, nameSchemas } from './openapi-components.ts';
import { PROBLEM_TYPE } from './problem.ts';

const TAGS = [
  { name: 'ingest', description: 'Transactions in.' },
  { name: 'analysis', description: 'A recommendation for given data; nothing is stored.' },
  { name: 'feedback', description: 'Verdicts on anomalies; they adjust thresholds, within bounds, and can be withdrawn.' },
  { name: 'alerts', description: 'What people do about alerts: acknowledge, snooze, silence, maintenance windows.' },
  { name: 'incidents', description: 'Incidents: timeline, owner, priority, figures, post-mortem.' },
  { name: 'runbooks', description: 'Runbooks and their runs.' },
  { name: 'briefings', description: 'Hand-overs of shifts.' },
  { name: 'chat', description: 'Messages of people and their answers.' },
  { name: 'oncall', description: 'Who is on call: shifts, overrides, swaps.' },
  { name: 'read', description: 'Counts, anomalies and alerts.' },
  { name: 'operations', description: 'Health, metrics, audit, sessions and access.' },
];
const TAG_NAMES: ReadonlySet<string> = new Set(TAGS.map(({ name }) => name));

/** A browser needs the cookie; a program on this machine needs nothing unless `http.trust_local` is false. */
const SESSION_OR_LOCAL = [{ session: [] }, { service_token: [] }, {}];
/** To act, every program needs the token, too. */
const SESSION_OR_TOKEN = [{ session: [] }, { service_token: [] }];

/** Describes every route that is registered after it (OpenAPI 3.1 at `/openapi.json`) and serves the pages at `/docs`, which
 *  need nothing from outside. Routes under it are public. A route with a tag that is not described here throws TypeError. */
export async function registerOpenApi(app: FastifyInstance, version: string): Promise<void> {
  app.addHook('onRoute', ({ url, schema }) => {
    const unknown = (schema?.tags ?? []).filter((tag) => !TAG_NAMES.has(tag));
    if (unknown.length > 0) throw new TypeError(`${url} has the tag ${unknown.join(', ')}, which src/http/openapi.ts does not describe`);
  });
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Transaction Guardian',
        version,
        description:
          'Watches card transactions in real time. Every error is a problem document (RFC 9457, `application/problem+json`). The paths of older integrations (`/transaction`, `/stats`, `/alerts`, …) also answer without `/api/v1`.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      tags: TAGS,
      components: {
        securitySchemes: {
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: SESSION_COOKIE,
            description:
              'The cookie that `POST /session` gives for a link. Programs on the same machine need none to look and to send data, unless `http.trust_local` is false.',
          },
          service_token: {
            type: 'http',
            scheme: 'bearer',
            description:
              'The service token, from `service-token` in the data directory. The header `Guardian-Identity` names the person that the program acts for (`telegram:777`), `Idempotency-Key` the message: each message acts once.',
          },
        },
      },
    },
    hideUntagged: false,
    transform: ({ schema, url, route }) => ({
      schema: {
        security: securityOf(route),
        ...(route.config?.bodyOptional === true ? { [BODY_OPTIONAL]: true } : {}),
        ...withProblems(schema, url, route.config?.problems),
      },
      url,
    }),
    transformObject: (document) => ('openapiObject' in document ? nameSchemas(document.openapiObject) : document.swaggerObject),
  });
  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, public: true, produces: [] };
    });
    await scope.register(fastifySwaggerUi, { routePrefix: '/docs', staticCSP: true, logLevel: 'warn' });
    scope.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  });
}

function securityOf({ method, config }: RouteOptions): typeof SESSION_OR_LOCAL {
  if (config?.public === true) return [];
  return config?.scope === undefined && method !== 'GET' && method !== 'HEAD' ? SESSION_OR_TOKEN : SESSION_OR_LOCAL;
}

/** Adds the problem documents that a route can answer with; `wanted`: their statuses. */
function withProblems(schema: FastifySchema | undefined, url: string, wanted: unknown): FastifySchema {
  const statuses = Array.isArray(wanted) ? wanted : url.startsWith('/docs') ? [] : [400, 401, 403, 406];
  const problems = Object.fromEntries(
    statuses.map((status) => [
      String(status),
      { description: `Problem ${status}`, content: { [PROBLEM_TYPE.split(';')[0] ?? '']: { schema: Problem } } },
    ]),
  );
  const response =
    typeof schema?.response === 'object' && schema.response !== null ? schema.response : { 200: { description: 'OK', ...Type.Unknown() } };
  return { ...schema, response: { ...problems, ...response } };
}
