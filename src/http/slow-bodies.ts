import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answerAndClose } from './answer-and-close.ts';

export interface SlowBodyOptions {
  /** Length of one look, milliseconds. */
  readonly windowMs: number;
  readonly monotonic: () => number;
}

/** An upload of records must bring this many bytes in each look: about one record. */
const STREAM_BYTES = 128;
/** A body that is parsed as a whole must be there after so many looks. */
const WHOLE_BODY_LOOKS = 2;

interface Body {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly since: number;
  lookAt: number;
  bytes: number;
}

/** The body that a connection brings, or brought last. */
interface Connection {
  body: Body | undefined;
}

/** Ends requests whose bodies come too slowly to be meant. One that moves a byte now and then never counts as idle, and
 *  would hold its connection for ever. What we do not read, because the disk is behind, is not the caller's slowness. */
export function endSlowBodies(app: FastifyInstance, { windowMs, monotonic }: SlowBodyOptions): void {
  // By connection and not by request: a request then neither enters and leaves a table nor listens for its own end.
  const connections = new Map<Socket, Connection>();
  const timer = setInterval(
    () => {
      const now = monotonic();
      for (const connection of connections.values()) {
        const { body } = connection;
        if (body === undefined) continue;
        if (isOver(body)) connection.body = undefined;
        else if (isTooSlow(body, now, windowMs)) {
          connection.body = undefined;
          refuse(body);
        }
      }
    },
    Math.min(1000, windowMs / 4),
  );
  timer.unref();
  app.addHook('onClose', async () => clearInterval(timer));
  app.addHook('onRequest', (request, reply, done) => {
    if (hasBodyToCome(request.raw)) {
      const now = monotonic();
      connectionOf(request.raw.socket).body = { request, reply, since: now, lookAt: now, bytes: request.raw.socket.bytesRead };
    }
    done();
  });

  function connectionOf(socket: Socket): Connection {
    let connection = connections.get(socket);
    if (connection === undefined) {
      connection = { body: undefined };
      connections.set(socket, connection);
      socket.once('close', () => connections.delete(socket));
    }
    return connection;
  }
}

function hasBodyToCome({ complete, headers }: IncomingMessage): boolean {
  return !complete && (headers['content-length'] ?? headers['transfer-encoding']) !== undefined;
}

function isOver({ request: { raw }, reply }: Body): boolean {
  return raw.complete || raw.destroyed || reply.raw.writableFinished;
}

function isTooSlow(body: Body, now: number, windowMs: number): boolean {
  const { raw, routeOptions } = body.request;
  if (routeOptions.config.streams !== true) return now - body.since > windowMs * WHOLE_BODY_LOOKS;
  const { bytesRead } = raw.socket;
  const isFast = bytesRead - body.bytes >= STREAM_BYTES;
  if (isFast || raw.readableLength > 0) {
    body.lookAt = now;
    body.bytes = bytesRead;
    return false;
  }
  return now - body.lookAt > windowMs;
}

function refuse({ request: { raw }, reply }: Body): void {
  if (!reply.raw.headersSent && raw.socket.writable) {
    const text =
      '{"type":"urn:guardian:problem:HTTP_INVALID_REQUEST","title":"Request timeout","status":408,"code":"HTTP_INVALID_REQUEST"}';
    answerAndClose(raw.socket, 408, text);
  } else raw.destroy();
}
