import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';

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
  readonly raw: IncomingMessage;
  readonly response: ServerResponse;
  readonly isStream: boolean;
  readonly since: number;
  lookAt: number;
  bytes: number;
}

/** Ends requests whose bodies come too slowly to be meant. One that moves a byte now and then never counts as idle, and
 *  would hold its connection for ever. What we do not read, because the disk is behind, is not the caller's slowness. */
export function endSlowBodies(app: FastifyInstance, { windowMs, monotonic }: SlowBodyOptions): void {
  const bodies = new Set<Body>();
  const timer = setInterval(
    () => {
      const now = monotonic();
      for (const body of bodies) {
        if (body.raw.complete || body.raw.destroyed) bodies.delete(body);
        else if (isTooSlow(body, now, windowMs)) {
          bodies.delete(body);
          refuse(body);
        }
      }
    },
    Math.min(1000, windowMs / 4),
  );
  timer.unref();
  app.addHook('onClose', async () => clearInterval(timer));
  app.addHook('onRequest', (request, reply, done) => {
    const { raw } = request;
    if (!raw.complete && (raw.headers['content-length'] ?? raw.headers['transfer-encoding']) !== undefined) {
      const now = monotonic();
      const isStream = request.routeOptions.config.streams === true;
      const body = { raw, response: reply.raw, isStream, since: now, lookAt: now, bytes: raw.socket.bytesRead };
      bodies.add(body);
      reply.raw.once('close', () => bodies.delete(body));
    }
    done();
  });
}

function isTooSlow(body: Body, now: number, windowMs: number): boolean {
  if (!body.isStream) return now - body.since > windowMs * WHOLE_BODY_LOOKS;
  const { bytesRead } = body.raw.socket;
  const isFast = bytesRead - body.bytes >= STREAM_BYTES;
  if (isFast || body.raw.readableLength > 0) {
    body.lookAt = now;
    body.bytes = bytesRead;
    return false;
  }
  return now - body.lookAt > windowMs;
}

function refuse({ raw, response }: Body): void {
  if (!response.headersSent && raw.socket.writable) {
    const text =
      '{"type":"urn:guardian:problem:HTTP_INVALID_REQUEST","title":"Request timeout","status":408,"code":"HTTP_INVALID_REQUEST"}';
    raw.socket.end(
      `HTTP/1.1 408 Request Timeout\r\nContent-Type: application/problem+json\r\nContent-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}`,
    );
    raw.socket.destroySoon();
  } else raw.destroy();
}
