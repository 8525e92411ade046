import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { systemClock } from '../clock.ts';
import { GuardianError } from '../errors.ts';
import { createTestServer, type TestServer, type TestServerOptions } from './server-under-test.ts';
import { until } from '../test-until.ts';

async function listening(
  options: TestServerOptions = {},
): Promise<TestServer & { readonly port: number; [Symbol.asyncDispose]: () => Promise<void> }> {
  const server = await createTestServer(options);
  await server.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = server.app.server.address() as AddressInfo;
  return {
    ...server,
    port,
    [Symbol.asyncDispose]: async () => {
      await server.app.close();
    },
  };
}

async function textOf(message: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of message) text += String(chunk);
  return text;
}

/** Sends bytes as they are and gives back all that comes until the server closes. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.end(text);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}

test('a body of 20 MB gets its clear answer, and the connection lives on', async () => {
  await using server = await listening();
  const url = `http://127.0.0.1:${server.port}/transaction`;
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ status: 'approved', merchant_id: 'm'.repeat(20_000_000) }),
  });
  assert.equal(answer.status, 413);
  const problem = (await answer.json()) as { code: string; detail: string };
  assert.equal(problem.code, 'HTTP_PAYLOAD_TOO_LARGE');
  assert.match(problem.detail, /1,048,576 bytes.*\/transactions\/batch/);
  const next = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"status":"approved"}' });
  assert.equal(next.status, 202);
});

test('a batch of 20 MB goes in', async () => {
  await using server = await listening();
  const line = `${JSON.stringify({ status: 'approved', merchant_id: 'm'.repeat(100), acquirer: 'a'.repeat(100) })}\n`;
  const count = Math.ceil(20_000_000 / line.length);
  const answer = await fetch(`http://127.0.0.1:${server.port}/transactions/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: line.repeat(count),
  });
  assert.equal(((await answer.json()) as { accepted: number }).accepted, count);
  assert.equal(server.bus.records.length, count);
});

test('answers stream while the body is still being sent, and a slow reader slows the upload down', async () => {
  // Nobody reads for as long as the turns take.
  await using server = await listening({ ingest: { maxPendingRecords: 10_000 }, server: { idleTimeoutMs: 600_000 } });
  const upload = request({
    port: server.port,
    host: '127.0.0.1',
    path: '/transactions/batch',
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', accept: 'application/x-ndjson' },
  });
  const line = `${JSON.stringify({ status: 'approved', merchant_id: 'm'.repeat(100) })}\n`;
  const part = line.repeat(500);
  upload.write(part);
  const [answer] = (await once(upload, 'response')) as [IncomingMessage];
  assert.equal(answer.statusCode, 200, 'the answer starts before the body ends');
  answer.pause();
  let sent = 500;
  let stalled = false;
  while (!stalled && sent < 400_000) {
    sent += 500;
    if (!upload.write(part)) stalled = await Promise.race([once(upload, 'drain').then(() => false), turns(3000).then(() => true)]);
  }
  assert.ok(stalled, 'nobody read the answers and the upload never waited');
  assert.ok(server.bus.records.length < sent, 'more was sent than was taken');
  upload.end();
  const lines = (await textOf(answer)).trim().split('\n');
  assert.deepEqual(JSON.parse(lines.at(-1) ?? ''), { summary: { accepted: sent, duplicate: 0, refused: 0, failed: 0 } });
  assert.equal(lines.length, sent + 1);
});

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await nextTurn();
}

test('a client that leaves in the middle of an upload keeps what was whole and harms nobody', async () => {
  await using server = await listening();
  for (const accept of ['application/json', 'application/x-ndjson']) {
    const before = server.bus.records.length;
    const socket = connect(server.port, '127.0.0.1');
    socket.write(
      `POST /transactions/batch HTTP/1.1\r\nHost: localhost\r\nAccept: ${accept}\r\nContent-Type: application/x-ndjson\r\nContent-Length: 1000\r\n\r\n{"status":"approved"}\n{"status":"approved"}\n{"sta`,
    );
    await until(() => server.bus.records.length === before + 2);
    socket.destroy();
    await turns(50);
    assert.equal((await fetch(`http://127.0.0.1:${server.port}/health`)).status, 200);
    assert.equal(server.bus.records.length, before + 2);
  }
});

test('a broken layout in the middle of a long upload is answered', async () => {
  await using server = await listening();
  const answer = await fetch(`http://127.0.0.1:${server.port}/transactions/batch`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: `a,b\n${'1,2\n'.repeat(2_000_000)}`,
  });
  assert.deepEqual([answer.status, ((await answer.json()) as { code: string }).code], [422, 'CSV_LAYOUT']);
});

test('bytes that are not HTTP get a problem, not silence', async () => {
  await using server = await listening();
  const nonsense = await raw(server.port, 'HELLO\r\n\r\n');
  assert.match(nonsense, /^HTTP\/1\.1 400 .*application\/problem\+json.*HTTP_INVALID_REQUEST/s);
  const longHeader = await raw(server.port, `GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'x'.repeat(100_000)}\r\n\r\n`);
  assert.match(longHeader, /^HTTP\/1\.1 431 /);
  const endlessHeader = await raw(server.port, `GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'x'.repeat(20_000_000)}\r\n\r\n`);
  assert.match(endlessHeader, /^HTTP\/1\.1 431 .*HTTP_INVALID_REQUEST/s, 'also who still sends gets it');
  const badLength = await raw(server.port, 'POST /transaction HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n');
  assert.match(badLength, /^HTTP\/1\.1 400 /);
  const badUrl = await raw(server.port, 'GET /transaction/%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  assert.match(badUrl, /^HTTP\/1\.1 400 .*problem\+json/s);
});

test('a method that no route has is 405, also QUERY, which comes without a content type here', async () => {
  await using server = await listening();
  for (const method of ['QUERY', 'PURGE']) {
    const answer = await raw(server.port, `${method} /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 405 /);
    assert.match(answer, /allow: GET, HEAD/i);
  }
});

test('an id as long as ids may be reaches its route, in any alphabet; a longer one is named', async () => {
  await using server = await listening();
  const get = async (id: string) => {
    const response = await fetch(`http://127.0.0.1:${server.port}/transaction/${encodeURIComponent(id)}`);
    return { status: response.status, body: (await response.json()) as { readonly errors?: readonly { readonly rule: string }[] } };
  };
  assert.equal((await get('x'.repeat(128))).status, 404);
  assert.equal((await get('か'.repeat(128))).status, 404);
  const long = await get('x'.repeat(129));
  assert.equal(long.status, 400);
  assert.deepEqual(
    long.body.errors?.map(({ rule }) => rule),
    ['too_long'],
  );
});

/** Sends a head and then a space now and then; gives back what came until the server closed. Fails when it reset the connection. */
async function drip(port: number, path: string, everyMs: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${path === '/transaction' ? 'application/json' : 'application/x-ndjson'}\r\nContent-Length: 100000\r\n\r\n`,
  );
  const timer = setInterval(() => socket.write(' '), everyMs);
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  try {
    await once(socket, 'close');
  } finally {
    clearInterval(timer);
  }
  return answer;
}

test('a body that comes a byte at a time is ended; an upload whose records come now and then is not', async () => {
  await using server = await listening({ server: { idleTimeoutMs: 2000 }, deps: { clock: systemClock } });
  assert.match(await drip(server.port, '/transaction', 2), /^HTTP\/1\.1 408 /);
  assert.match(await drip(server.port, '/transactions/batch', 20), /^HTTP\/1\.1 408 /);
  const line = `${JSON.stringify({ status: 'approved', merchant_id: 'm'.repeat(100) })}\n`;
  const upload = request({
    port: server.port,
    host: '127.0.0.1',
    path: '/transactions/batch',
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
  });
  const answered = once(upload, 'response') as Promise<[IncomingMessage]>;
  for (let n = 0; n < 15; n++) {
    upload.write(line);
    await sleep(200);
  }
  upload.end();
  const [answer] = await answered;
  assert.equal((JSON.parse(await textOf(answer)) as { accepted: number }).accepted, 15);
});

test('an analysis that takes longer than a connection may be idle is answered', async () => {
  const slow = async (): Promise<never> => {
    await sleep(3000);
    throw new GuardianError('STORE_UNAVAILABLE', 'busy', { retryable: true });
  };
  await using server = await listening({ server: { idleTimeoutMs: 1000 }, deps: { clock: systemClock, analyze: slow } });
  const body = JSON.stringify([{ timestamp: new Date().toISOString(), status: 'approved' }]);
  const answer = await fetch(`http://127.0.0.1:${server.port}/analyze`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  assert.equal(answer.status, 503);
});
