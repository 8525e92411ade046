import type { Socket } from 'node:net';
import { MAX_MESSAGE_ID } from '@transaction-guardian/contracts/actor.ts';
import type { Recommendation } from '@transaction-guardian/contracts/analysis.ts';
import type { Health } from '@transaction-guardian/contracts/stats.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import {
  fastify,
  LogController,
  type FastifyBaseLogger,
  type FastifyContextConfig,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { UnknownSenders } from '../auth/unknown-senders.ts';
import type { Clock } from '../clock.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { RawReader } from '../raw/raw-transactions.ts';
import type { MetricsFormat } from '../telemetry/metrics.ts';
import { createAcceptsByRoute } from './accept.ts';
import { answerAndClose } from './answer-and-close.ts';
import { API_BASE, routedUrl } from './api-paths.ts';
import { registerConsole } from './console.ts';
import { createErrorHandler } from './errors.ts';
import { createGuard, type Denial, type GuardDeps, type Needed } from './guard.ts';
import { acceptJsonBodies } from './json-body.ts';
import { buildValidator } from './lazy-validation.ts';
import { drainBody } from './drain-body.ts';
import { shownField, toFieldErrors } from '../check/finding.ts';
import { watchMethods, type MethodTable } from './method-table.ts';
import { registerOpenApi } from './openapi.ts';
import { refuseNullCharacters } from './null-characters.ts';
import { createProblem, problemError, sendProblem } from './problem.ts';
import { createRequestId } from './request-id.ts';
import { createRequestLanguage } from './request-language.ts';
import { logRequests } from './request-log.ts';
import { keepBusyConnections } from './busy-connections.ts';
import { endSlowBodies } from './slow-bodies.ts';
import type { SessionDeps } from './open-session.ts';
import type { RegisterRoutes } from './route-config.ts';
import { refuseUnknownParameters } from './unknown-parameters.ts';
import { registerAnalyzeRoute, type AnalyzeRecord } from './routes/analyze.ts';
import { registerBatchRoute } from './routes/batch.ts';
import { registerHealthRoutes, type Readiness } from './routes/health.ts';
import { registerHeartbeatRoute } from './routes/heartbeat.ts';
import { registerMetricsRoute } from './routes/metrics.ts';
import { registerRunbookRoute } from './routes/runbooks.ts';
import { registerSessionRoutes } from './routes/session.ts';
import { registerTransactionRoutes } from './routes/transactions.ts';

export interface ServerDeps extends GuardDeps, SessionDeps {
  readonly unknown: UnknownSenders;
  readonly ingest: Ingest;
  readonly clock: Clock;
  readonly log: Logger;
  /** Registry of this thread; the server adds its own metrics. */
  readonly metrics: Registry;
  /** All metrics of the program in one format. */
  readonly renderMetrics: (format: MetricsFormat) => Promise<string>;
  readonly findTransaction: RawReader['find'];
  readonly analyze: (records: readonly AnalyzeRecord[], locale: Locale) => Promise<Recommendation>;
  readonly health: () => Promise<Health> | Health;
  readonly ready: () => Promise<Readiness> | Readiness;
  /** Further routes, registered in order. */
  readonly routes: readonly RegisterRoutes[];
}

export interface ServerOptions {
  readonly version: string;
  readonly locale: Locale;
  /** Host names that the server answers to besides `localhost` and IP addresses. */
  readonly hosts: readonly string[];
  /** Programs on this machine need no session. */
  readonly trustLocal: boolean;
  readonly maxBodyBytes: number;
  readonly maxLineBytes: number;
  /** A connection on which nothing moves for this long is closed, and so is one whose body comes a few bytes at a time. */
  readonly idleTimeoutMs: number;
  /** Build of the console; it may be absent. */
  readonly consoleDirectory: string;
  /** A text that differs between runs: first part of request ids. */
  readonly run: string;
}

const JSON_ONLY = ['application/json'];
const CLIENT_FAULT = JSON.stringify({
  type: 'urn:guardian:problem:HTTP_INVALID_REQUEST',
  title: 'Bad Request',
  status: 400,
  detail: 'The request is not valid HTTP.',
  code: 'HTTP_INVALID_REQUEST',
});

/** Builds the HTTP server with all its routes; does not listen. Closing it lets running requests end. */
export async function createServer(deps: ServerDeps, options: ServerOptions): Promise<FastifyInstance> {
  const language = createRequestLanguage(options.locale, deps.directory);
  const app = fastify({
    // On a machine that is busy, routes and pages of the description take longer than the ten seconds that are the default.
    pluginTimeout: 120_000,
    loggerInstance: withoutChildren(deps.log),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    requestIdHeader: false,
    rewriteUrl: routedUrl,
    genReqId: createRequestId(options.run),
    // Unknown parameters are refused, not dropped.
    ajv: { customOptions: { removeAdditional: false } },
    schemaController: { compilersFactory: { buildValidator } },
    // An id is at most 128 characters; each may be nine in an address. Longer ones are no route's, so 404.
    routerOptions: { maxParamLength: 2048 },
    bodyLimit: options.maxBodyBytes,
    connectionTimeout: options.idleTimeoutMs,
    return503OnClosing: false,
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, request, reply) => {
      void answerError(error, request, reply);
    },
  });
  const answerError = createErrorHandler({ log: deps.log, language, maxBodyBytes: options.maxBodyBytes });
  app.server.headersTimeout = options.idleTimeoutMs;
  app.setSerializerCompiler(() => JSON.stringify);
  endSlowBodies(app, { windowMs: options.idleTimeoutMs, monotonic: deps.clock.monotonic });
  keepBusyConnections(app);
  acceptJsonBodies(app);
  const methods = watchMethods(app);
  const answerMissing = (request: FastifyRequest, reply: FastifyReply) => answerNotFound(request, reply, methods, language(request));
  app.setNotFoundHandler(answerMissing);
  // Without a route nothing else that is wrong with the request matters, e.g. `QUERY` without a content type.
  app.setErrorHandler((error, request, reply) => (request.is404 ? answerMissing(request, reply) : answerError(error, request, reply)));
  addEdge(app, deps, options, language);
  refuseUnknownParameters(app, language);
  refuseNullCharacters(app, language);
  await registerOpenApi(app, options.version);
  registerRunbookRoute(app);
  await app.register(
    async (api) => {
      registerTransactionRoutes(api, { ingest: deps.ingest, findTransaction: deps.findTransaction, language });
      await registerBatchRoute(api, { ingest: deps.ingest, log: deps.log, language, maxLineBytes: options.maxLineBytes });
      registerHeartbeatRoute(api, { ingest: deps.ingest, language });
      registerAnalyzeRoute(api, { validator: deps.ingest.validator, clock: deps.clock, analyze: deps.analyze, language });
      registerHealthRoutes(api, deps);
      registerMetricsRoute(api, { render: deps.renderMetrics });
      registerSessionRoutes(api, deps);
      for (const register of deps.routes) await register(api);
    },
    { prefix: API_BASE },
  );
  await registerConsole(app, options.consoleDirectory, deps);
  return app;
}

/** What every request passes first: its id in the answer, the guard, what it accepts; and its log line last. */
function addEdge(app: FastifyInstance, deps: ServerDeps, options: ServerOptions, language: (request: FastifyRequest) => Locale): void {
  const guard = createGuard(deps, options);
  const refuse = async ({ code, wording, scope, unknown }: Denial, request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const isTold = unknown === undefined ? undefined : await deps.unknown.refuse(unknown);
    const details = {
      ...(wording === undefined ? {} : { wording }),
      ...(scope === undefined ? {} : { params: { scope } }),
      // A gateway passes one refusal on, not one for each message of a flood.
      ...(isTold === undefined ? {} : { extra: { tell_sender: isTold } }),
    };
    sendProblem(request, reply, createProblem(code, language(request), details));
  };
  const acceptsOf = createAcceptsByRoute();
  logRequests(app, deps.log, deps.metrics);
  app.decorateRequest('actor', null);
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    reply.header('x-content-type-options', 'nosniff');
    const { config } = request.routeOptions;
    const needed = neededOf(request.method, config);
    const admission = guard(request, config.public === true || request.is404 ? null : needed);
    if ('denial' in admission) {
      void refuse(admission.denial, request, reply);
      return;
    }
    request.actor = admission.actor;
    if (needed === 'act' && (request.actor?.message_id?.length ?? 0) > MAX_MESSAGE_ID) {
      done(problemError('HTTP_INVALID_REQUEST', { errors: toFieldErrors([LONG_KEY], language(request)) }));
      return;
    }
    const encoding = request.headers['content-encoding'] ?? '';
    if (!request.is404 && encoding !== '' && encoding.trim().toLowerCase() !== 'identity') {
      drainBody(request, reply);
      done(problemError('HTTP_UNSUPPORTED_MEDIA_TYPE', { wording: 'encoding', params: { encoding: shownField(encoding) } }));
      return;
    }
    const produces = config.produces ?? JSON_ONLY;
    if (produces.length === 0 || request.is404 || acceptsOf(produces)(request.headers.accept)) done();
    else done(problemError('HTTP_NOT_ACCEPTABLE', { params: { offered: produces.join(', ') } }));
  });
}

/** The log itself where the framework makes one for each request: our lines name the request, and a child costs more than most of
 *  what a request does. */
function withoutChildren(log: Logger): FastifyBaseLogger {
  const self: FastifyBaseLogger = Object.create(log, { child: { value: () => self } }) as FastifyBaseLogger;
  return self;
}

/** What a route needs of its caller. */
function neededOf(method: string, config: FastifyContextConfig): Needed {
  return config.scope ?? (method === 'GET' || method === 'HEAD' || method === 'OPTIONS' ? 'read' : 'act');
}

const LONG_KEY = { field: 'Idempotency-Key', rule: 'too_long', params: { maximum: MAX_MESSAGE_ID } };

function answerNotFound(request: FastifyRequest, reply: FastifyReply, methods: MethodTable, locale: Locale): FastifyReply {
  const allowed = methods.allowed(request.url.split('?')[0] ?? '');
  if (allowed.length === 0 || allowed.includes(request.method)) return sendProblem(request, reply, createProblem('HTTP_NOT_FOUND', locale));
  const params = { method: request.method, allowed: allowed.join(', ') };
  return sendProblem(request, reply.header('allow', params.allowed), createProblem('HTTP_METHOD_NOT_ALLOWED', locale, { params }));
}

/** For bytes that are not HTTP: there is no request to answer properly. */
function answerBrokenRequest(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const body = CLIENT_FAULT.replace('"status":400', `"status":${status}`);
  answerAndClose(socket, status, body);
}
