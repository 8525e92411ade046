import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** A request that a fake server got, with its body read as JSON where it is JSON. */
export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

/** How a fake server answers; null: never, the request hangs. */
export type FakeAnswer = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
} | null;

/** Serves HTTP on 127.0.0.1 until the end of the test; gives its address. */
export async function serveFake(t: Pick<TestContext, 'after'>, answer: (request: FakeRequest) => FakeAnswer): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://127.0.0.1');
      const text = Buffer.concat(chunks).toString('utf8');
      const said = answer({
        method: request.method ?? 'GET',
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        body: request.headers['content-type'] === 'application/json' ? JSON.parse(text) : text,
      });
      if (said === null) return;
      const isText = typeof said.body === 'string';
      response.writeHead(said.status ?? 200, { 'content-type': isText ? 'text/plain' : 'application/json', ...said.headers });
      response.end(said.body === undefined ? '' : isText ? said.body : JSON.stringify(said.body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
