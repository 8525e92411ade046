import type { FastifyInstance, FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { Sink } from '../../read/stream/stream-client.ts';
import { problemError } from '../problem.ts';
import { createStreamPlaces } from '../stream-places.ts';
import type { Sessions } from '../auth.ts';
import { queryOf, type ReadRouteDeps } from './read-query.ts';

const Query = Type.Object(
  { last_event_id: Type.Optional(Type.String({ maxLength: 64, description: 'For clients that cannot send the `Last-Event-ID` header.' })) },
  { additionalProperties: false },
);

export interface StreamRouteDeps extends ReadRouteDeps {
  readonly sessions: Sessions;
  /** True until there is something to show. */
  readonly isStarting: () => boolean;
}

/** `GET /stream`: everything that the console shows, as it happens (server-sent events). A stream ends with its session. */
export function registerStreamRoutes(app: FastifyInstance, { readSide, language, sessions, isStarting }: StreamRouteDeps): void {
  const { hub } = readSide;
  const places = createStreamPlaces();
  app.addHook('preClose', async () => hub.endClients());
  app.get(
    '/stream',
    {
      exposeHeadRoute: false,
      config: { produces: ['text/event-stream'], quiet: true, problems: [401, 403, 406, 503] },
      schema: {
        operationId: 'streamEvents',
        tags: ['read'],
        summary: 'Live events (server-sent events)',
        description:
          'Events: `window` (a closed or corrected minute), `scores` (bands of minutes that were sent before), `anomaly`, `alert`, `stats` (when they changed), `heartbeat` (every 15 s), `reset` (the client was away for too long: load everything again). The id of an event holds the offsets of three topics: a client that sends it back as `Last-Event-ID` gets exactly what it missed. A client that reads too slowly is cut off and can resume.',
        querystring: Query,
        response: { 200: { description: 'Events until one side closes.', content: { 'text/event-stream': { schema: Type.String() } } } },
      },
    },
    (request, reply) => {
      if (isStarting()) throw problemError('APP_STARTING');
      const session = sessions.check(request.headers.cookie);
      const leave = places.take(session?.nonce ?? null);
      if (leave === null) throw problemError('HTTP_BUSY', { wording: 'stream' });
      const header = request.headers['last-event-id'];
      const lastEventId = queryOf(request, Query).last_event_id ?? (typeof header === 'string' ? header : undefined);
      const client = { locale: language(request), sink: openSink(reply) };
      const unwatch = session === null ? undefined : sessions.watch(session, client.sink.end);
      reply.raw.once('close', () => {
        leave();
        unwatch?.();
        hub.detach(client);
      });
      hub.attach(client, lastEventId === '' ? undefined : lastEventId);
    },
  );
}

/** Takes the response over: headers now, events until it is closed. */
function openSink(reply: FastifyReply): Sink {
  reply.hijack();
  const { raw } = reply;
  raw.socket?.setTimeout(0);
  raw.socket?.setNoDelay(true);
  const kept = Object.entries(reply.getHeaders()).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  raw.writeHead(200, {
    ...Object.fromEntries(kept),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
  raw.on('error', () => raw.destroy());
  return {
    write: (text) => void raw.write(text),
    buffered: () => raw.writableLength,
    end: () => {
      // A client that does not read would keep the server from closing.
      if (raw.writableLength > 0) raw.destroy();
      else raw.end();
    },
  };
}
