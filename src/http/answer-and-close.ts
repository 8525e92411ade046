import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

/** How long a caller that was refused has to read the answer, milliseconds. */
const LINGER_MS = 1000;

/** Answers a caller on its connection, outside of a request, and closes that. `problem`: the body, JSON. */
export function answerAndClose(socket: Socket, status: number, problem: string): void {
  // A close with bytes that nobody read resets the connection, and a caller that still sends would lose the answer.
  socket.pause();
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Bad Request'}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(problem)}\r\nConnection: close\r\n\r\n${problem}`,
  );
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
