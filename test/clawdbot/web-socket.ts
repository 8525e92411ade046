import { createHash } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** A connection of a client, text frames only. */
export interface Socket {
  send(value: object): void;
  close(): void;
}
interface SocketHandlers {
  open(socket: Socket, request: IncomingMessage): void;
  text(socket: Socket, value: Record<string, unknown>): void;
  closed(socket: Socket): void;
}

/** Of RFC 6455, section 1.3. */
const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const [TEXT, CLOSE, PING, PONG] = [1, 8, 9, 10];

/** WebSockets (RFC 6455) on an HTTP server, as far as chat networks need them: JSON in text frames, pings, closes. */
export function serveWebSockets(server: Pick<Server, 'on'>, handlers: SocketHandlers): void {
  server.on('upgrade', (request: IncomingMessage, stream: Duplex) => {
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key'] ?? ''}${MAGIC}`)
      .digest('base64');
    stream.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    const socket: Socket = {
      send: (value) => void stream.write(frame(TEXT, Buffer.from(JSON.stringify(value)))),
      close: () => void stream.destroy(),
    };
    let buffered: Buffer = Buffer.alloc(0);
    let parts: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => {
      buffered = Buffer.concat([buffered, chunk]);
      for (let read = readFrame(buffered); read !== null; read = readFrame(buffered)) {
        buffered = read.rest;
        if (read.code === CLOSE) return stream.end(frame(CLOSE, Buffer.alloc(0)));
        if (read.code === PING) stream.write(frame(PONG, read.body));
        if (read.code > TEXT) continue;
        parts.push(read.body);
        if (!read.isLast) continue;
        const text = Buffer.concat(parts).toString('utf8');
        parts = [];
        handlers.text(socket, JSON.parse(text) as Record<string, unknown>);
      }
      return undefined;
    });
    stream.on('error', () => undefined);
    stream.on('close', () => handlers.closed(socket));
    handlers.open(socket, request);
  });
}

function frame(code: number, body: Buffer): Buffer {
  const head = body.length < 126 ? Buffer.alloc(2) : body.length < 65_536 ? Buffer.alloc(4) : Buffer.alloc(10);
  head[0] = 0x80 | code;
  if (head.length === 2) head[1] = body.length;
  else if (head.length === 4) {
    head[1] = 126;
    head.writeUInt16BE(body.length, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(body.length), 2);
  }
  return Buffer.concat([head, body]);
}

/** The first frame of what came, unmasked; null while it is not whole. */
function readFrame(data: Buffer): { readonly code: number; readonly isLast: boolean; readonly body: Buffer; readonly rest: Buffer } | null {
  if (data.length < 2) return null;
  const short = data.readUInt8(1) & 0x7f;
  const lengthBytes = short < 126 ? 0 : short === 126 ? 2 : 8;
  const isMasked = (data.readUInt8(1) & 0x80) !== 0;
  const start = 2 + lengthBytes + (isMasked ? 4 : 0);
  if (data.length < start) return null;
  const length = lengthBytes === 0 ? short : lengthBytes === 2 ? data.readUInt16BE(2) : Number(data.readBigUInt64BE(2));
  if (data.length < start + length) return null;
  const body = Buffer.from(data.subarray(start, start + length));
  if (isMasked) for (let at = 0; at < length; at += 1) body[at] = (body[at] ?? 0) ^ (data[start - 4 + (at % 4)] ?? 0);
  return { code: data.readUInt8(0) & 0x0f, isLast: (data.readUInt8(0) & 0x80) !== 0, body, rest: data.subarray(start + length) };
}
