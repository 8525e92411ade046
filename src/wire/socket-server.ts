import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { GuardianError, messageOf } from '../errors.ts';
import { createSocketWire } from './socket-wire.ts';
import type { Wire } from './wire.ts';

/** Longest path of a socket: 108 bytes on Linux and 104 on macOS, with the one that ends it. */
const MAX_PATH_BYTES = 103;

/** How both ends of a socket find each other. */
export interface SocketPlace {
  readonly path: string;
  /** What both ends must be, e.g. the version of the program: each refuses to speak with another one. */
  readonly greeting: string;
  /** An end that is not heard of for so long is cut off, milliseconds (default 10 000). */
  readonly leaseMs?: number;
}

export const LEASE_MS = 10_000;

/** First message of a server. */
export interface Greeting {
  readonly greeting: string;
}

/** Throws APP_SOCKET for a path that the operating system cannot make a socket at. */
export function checkSocketPath(path: string): void {
  const bytes = Buffer.byteLength(path);
  if (bytes <= MAX_PATH_BYTES) return;
  throw new GuardianError(
    'APP_SOCKET',
    `The socket ${path} has a path of ${bytes} bytes, ${MAX_PATH_BYTES} at most: set a shorter data_dir.`,
    {
      rule: 'socket_path',
      params: { path, bytes, limit: MAX_PATH_BYTES },
    },
  );
}

/** Listens at a path of the file system, for this user only, and calls `welcome` with the wire of each that comes. Only the owner of
 *  the directory may call it: a socket that is there was left behind and is replaced. Returns how to end it. Throws APP_SOCKET. */
export async function serveSocket(place: SocketPlace, welcome: (wire: Wire) => void): Promise<() => Promise<void>> {
  checkSocketPath(place.path);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    const wire = createSocketWire(socket, place.leaseMs ?? LEASE_MS);
    wire.postMessage({ greeting: place.greeting } satisfies Greeting);
    welcome(wire);
  });
  try {
    await rm(place.path, { force: true });
    server.listen(place.path);
    await once(server, 'listening');
    await chmod(place.path, 0o600);
  } catch (error) {
    throw new GuardianError('APP_SOCKET', `The socket ${place.path} cannot be made: ${messageOf(error)}`, {
      cause: error,
      rule: 'socket_failed',
      params: { path: place.path, message: messageOf(error) },
    });
  }
  return async () => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
}
