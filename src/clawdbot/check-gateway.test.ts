import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { CHECK_HEADER, checkGateway, sendTestPage } from './check-gateway.ts';

const answers: readonly (readonly [number, object, string])[] = [
  [200, { server: 'ok' }, 'ok'],
  [200, { server: 'connection refused' }, 'server'],
  [401, {}, 'token'],
  [404, {}, 'no_plugin'],
  [503, {}, 'starting'],
  [500, {}, 'away'],
];

test('each break of the way has its name', async (t) => {
  let next: readonly [number, object] = [200, {}];
  const seen: { readonly authorization: string | undefined; readonly isCheck: boolean }[] = [];
  const server = createServer((request, response) => {
    request.resume();
    seen.push({ authorization: request.headers.authorization, isCheck: request.headers[CHECK_HEADER] !== undefined });
    response.writeHead(next[0], { 'content-type': 'application/json' }).end(JSON.stringify(next[1]));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const gateway = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook/alertmanager`, token: 'secret' };
  for (const [status, body, code] of answers) {
    next = [status, body];
    assert.equal((await checkGateway(gateway)).code, code, String(status));
  }
  assert.ok(seen.every(({ authorization, isCheck }) => isCheck && authorization === 'Bearer secret'));
  next = [200, {}];
  assert.equal(await sendTestPage(gateway, 'test', 0), null);
  next = [502, { detail: 'bot was blocked by the user' }];
  assert.equal(await sendTestPage(gateway, 'test', 0), 'bot was blocked by the user');
  t.diagnostic(String(seen.length));
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
  assert.equal((await checkGateway(gateway)).code, 'away');
});
