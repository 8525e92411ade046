import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../../clock.ts';
import { serveFake } from '../test-http-server.ts';
import { FIRING, HOSTILE_NAMES, namedOf, RESOLVED, stormOf } from '../test-messages.ts';
import { createNtfySend } from './send.ts';

const never = new AbortController().signal;
const about = {
  kind: 'ntfy' as const,
  name: 'ops',
  send_resolved: true,
  briefings: true,
  silence_notices: true,
  topic: 'night-x1',
  token: 'tk_1',
};

interface Published {
  readonly topic: string;
  readonly title: string;
  readonly message: string;
  readonly priority: number;
  readonly click?: string;
}

/** A server as ntfy's: JSON at its root, a token, 4,096 bytes. */
async function start(t: { after(step: () => Promise<void>): void }) {
  const published: Published[] = [];
  const url = await serveFake(t, ({ method, path, headers, body }) => {
    const message = body as Published;
    if (method !== 'POST' || path !== '/') return { status: 404, body: { code: 40401, http: 404, error: 'page not found' } };
    if (headers.authorization !== 'Bearer tk_1') return { status: 403, body: { code: 40301, http: 403, error: 'forbidden' } };
    if (Buffer.byteLength(message.message) > 4096) return { status: 413, body: { code: 41301, http: 413, error: 'too large' } };
    published.push(message);
    return { body: { id: `id${published.length}`, event: 'message', topic: message.topic } };
  });
  return { url, published };
}

test('a message has a priority by severity, a page to open, and the id of the server as its receipt', async (t) => {
  const { url, published } = await start(t);
  const send = createNtfySend(systemClock, 'en');
  const outcome = await send({ ...about, server_url: url }, { id: 'nt_1', message: FIRING }, never);
  assert.deepEqual(outcome, { kind: 'delivered', receipt: { to: 'ops', providerMessageId: 'id1' } });
  await send({ ...about, server_url: url }, { id: 'nt_2', message: RESOLVED }, never);
  assert.deepEqual(
    published.map(({ topic, priority }) => ({ topic, priority })),
    [
      { topic: 'night-x1', priority: 4 },
      { topic: 'night-x1', priority: 3 },
    ],
  );
  assert.match(published[0]?.click ?? '', /^http/);
});

test('names and storms fit in the bytes of a message', async (t) => {
  const { url, published } = await start(t);
  const send = createNtfySend(systemClock, 'pt-BR');
  for (const message of [...HOSTILE_NAMES.map((name) => namedOf(name)), stormOf(1000), namedOf('é'.repeat(9000))])
    assert.equal((await send({ ...about, server_url: url }, { id: 'nt_1', message }, never)).kind, 'delivered');
  assert.ok(published.some(({ priority, title }) => priority === 5 && title.includes('3 críticos')));
});

test('a token that is not right is a refusal that says so', async (t) => {
  const { url } = await start(t);
  const outcome = await createNtfySend(systemClock, 'en')(
    { ...about, server_url: url, token: 'tk_2' },
    { id: 'nt_1', message: FIRING },
    never,
  );
  assert.deepEqual(outcome, { kind: 'refused', error: 'HTTP 403: forbidden' });
});
