import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import type { Deliver } from '../alert/deliver.ts';
import { alertOf } from '../test-world.ts';
import { createRateLimit } from './rate-limit.ts';
import { createWebhook, isAuthorized } from './route.ts';

const TOKEN = 'a-token-of-its-own';
const PAYLOAD = { version: '4', groupKey: 'g', truncatedAlerts: 0, alerts: [alertOf()] };

async function serve(t: TestContext, over: { deliver?: Deliver | null; limit?: number; targets?: number } = {}) {
  const got: { readonly groupKey: string; readonly id: string }[] = [];
  const deliver: Deliver = async ({ groupKey }, id) => {
    got.push({ groupKey, id });
    return { kind: 'delivered' };
  };
  const webhook = createWebhook({
    token: () => TOKEN,
    deliver: () => (over.deliver === undefined ? deliver : over.deliver),
    limit: createRateLimit(0, over.limit ?? 100, () => 0),
    targets: over.targets ?? 1,
    server: async () => 'ok',
  });
  const server = createServer((request, response) => void webhook(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const post = async (body: string, headers: Record<string, string> = {}, method = 'POST') => {
    const response = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, ...headers },
      ...(method === 'GET' ? {} : { body }),
    });
    return { status: response.status, text: await response.text() };
  };
  return { post, got };
}

test('a notification with the token is delivered, with its id', async (t) => {
  const { post, got } = await serve(t);
  assert.equal((await post(JSON.stringify(PAYLOAD), { 'x-guardian-notification': 'nt_1' })).status, 200);
  assert.deepEqual(got, [{ groupKey: 'g', id: 'nt_1' }]);
});

test('a check says how the server is and delivers nothing', async (t) => {
  const { post, got } = await serve(t);
  const checked = await post('', { 'x-guardian-check': '1' });
  assert.deepEqual([checked.status, JSON.parse(checked.text)], [200, { status: 200, detail: 'ready', server: 'ok' }]);
  assert.equal((await post('', { 'x-guardian-check': '1', authorization: '' })).status, 401);
  assert.deepEqual(got, []);
});

test('who has no token, another one or a part of it is refused', async (t) => {
  const { post, got } = await serve(t);
  for (const authorization of ['', 'Bearer', 'Bearer x', `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(1)}`, `Basic ${TOKEN}`])
    assert.equal((await post('{}', { authorization })).status, 401, authorization);
  assert.deepEqual(got, []);
  assert.equal(isAuthorized('Bearer ', ''), false, 'without a configured token nobody is let in');
});

test('a body that is wrong names the field', async (t) => {
  const { post } = await serve(t);
  const wrong: readonly (readonly [unknown, string])[] = [
    [{ ...PAYLOAD, version: '3' }, 'version'],
    [{ ...PAYLOAD, alerts: [] }, 'alerts'],
    [{ ...PAYLOAD, alerts: [alertOf(), { ...alertOf(), startsAt: 'yesterday' }] }, 'alerts[1].startsAt'],
    [[], 'version'],
  ];
  for (const [body, field] of wrong) {
    const answer = await post(JSON.stringify(body));
    assert.equal(answer.status, 400);
    assert.ok(answer.text.includes(field), answer.text);
  }
  assert.equal((await post('{"a":')).status, 400);
  assert.equal((await post('x'.repeat(1_100_000))).status, 413);
  assert.equal((await post('', {}, 'GET')).status, 405);
});

test('whoever notifies is told to come again while nobody has it', async (t) => {
  const failing = await serve(t, { deliver: async () => ({ kind: 'failed', error: 'blocked by the user' }) });
  assert.equal((await failing.post(JSON.stringify(PAYLOAD))).status, 502);
  const starting = await serve(t, { deliver: null });
  assert.equal((await starting.post(JSON.stringify(PAYLOAD))).status, 503);
  const nobody = await serve(t, { targets: 0 });
  assert.equal((await nobody.post(JSON.stringify(PAYLOAD))).status, 503);
});

test('a flood from one address is stopped, and guesses of the token with it', async (t) => {
  const { post } = await serve(t, { limit: 3 });
  const statuses = [];
  for (let n = 0; n < 5; n++) statuses.push((await post('{}', { authorization: `Bearer guess-${n}` })).status);
  assert.deepEqual(statuses, [401, 401, 401, 429, 429]);
});
