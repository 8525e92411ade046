import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Keeps the connection of a request that is being worked on. Nothing moves on it meanwhile, which does not make it idle: it would
 *  be closed without an answer. */
export function keepBusyConnections(app: FastifyInstance): void {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.raw.on('timeout', closeIdle);
    done();
  });
}

function closeIdle(this: ServerResponse, socket: Socket): void {
  if (!this.req.complete || this.headersSent) socket.destroy();
}
