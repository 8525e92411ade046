import type { FastifyReply, FastifyRequest } from 'fastify';

const MAX_DRAINED_BYTES = 67_108_864;

/** Reads the rest of a refused body into nothing, so that the caller gets to see the answer instead of a reset connection;
 *  gives up and ends the connection after 64 MiB. */
export function drainBody(request: FastifyRequest, reply: FastifyReply): void {
  if (Number(request.headers['content-length']) > MAX_DRAINED_BYTES) return;
  reply.removeHeader('connection');
  let left = MAX_DRAINED_BYTES;
  request.raw.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.raw.destroy();
  });
  request.raw.resume();
}
