import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../../clock.ts';
import { serveFake, type FakeAnswer } from '../test-http-server.ts';
import { FIRING, HOSTILE_NAMES, namedOf, RESOLVED, stormOf } from '../test-messages.ts';
import { createDiscordSend } from './send.ts';

const never = new AbortController().signal;
const send = createDiscordSend(systemClock, 'pt-BR');
const about = { kind: 'discord' as const, name: 'ops', send_resolved: true, briefings: true, silence_notices: true };
const PATH = '/api/webhooks/1/s3cret';

interface Shown {
  readonly id: string;
  readonly content: string;
  readonly mentions: unknown;
}

/** A webhook as Discord's: with `wait` it answers with the message; `PATCH` edits one of its own. */
async function start(t: { after(step: () => Promise<void>): void }, fault?: FakeAnswer) {
  const shown: Shown[] = [];
  const url = await serveFake(t, ({ method, path, query, body }) => {
    if (fault !== undefined) return fault;
    const { content, allowed_mentions: mentions } = body as { content: string; allowed_mentions: unknown };
    if (content === '' || content.length > 2000) return { status: 400, body: { message: 'Invalid Form Body', code: 50035 } };
    if (method === 'PATCH') {
      const index = shown.findIndex(({ id }) => path === `${PATH}/messages/${id}`);
      const before = shown[index];
      if (before === undefined) return { status: 404, body: { message: 'Unknown Message', code: 10008 } };
      shown[index] = { ...before, content };
      return { body: shown[index] };
    }
    if (method !== 'POST' || path !== PATH) return { status: 404, body: { message: 'Unknown Webhook', code: 10015 } };
    const message = { id: `90071992547409${90 + shown.length}`, content, mentions };
    shown.push(message);
    return query.get('wait') === 'true' ? { body: message } : { status: 204 };
  });
  return { url: url + PATH, shown };
}

test('a message has the id of Discord as its receipt, and its end marks it', async (t) => {
  const { url, shown } = await start(t);
  const first = await send({ ...about, url: `${url}?thread_id=5` }, { id: 'nt_1', message: FIRING }, never);
  assert.deepEqual(first, { kind: 'delivered', receipt: { to: 'ops', providerMessageId: '9007199254740990' } });
  const previous = { providerMessageId: '9007199254740990', message: FIRING, isShared: false };
  assert.equal((await send({ ...about, url }, { id: 'nt_2', message: RESOLVED, previous }, never)).kind, 'delivered');
  assert.match(shown[0]?.content ?? '', /^\*\*✅ RESOLVIDO\*\*\n\n\*\*⚠️ ATENÇÃO/);
  assert.match(shown[1]?.content ?? '', /^\*\*✅ RESOLVIDO: Negadas acima do normal/);
  assert.equal(shown.length, 2);
});

test('names are not markup and mention nobody', async (t) => {
  const { url, shown } = await start(t);
  for (const name of HOSTILE_NAMES) {
    await send({ ...about, url }, { id: 'nt_1', message: namedOf(name) }, never);
    const { content = '', mentions } = shown.at(-1) ?? {};
    assert.deepEqual(mentions, { parse: [] });
    assert.doesNotMatch(content, /@everyone|(?<!\\)<[@!]|(?<!\\)`|[\u202A-\u202E\u2066-\u2069]/u, name);
    // Nothing of the name is bold but by the title's own marks.
    assert.ok(!content.includes('**bold**') && !/(?<!\\)\[a\]/.test(content), name);
  }
});

test('a storm is one message within the limit, the most severe first', async (t) => {
  const { url, shown } = await start(t);
  assert.equal((await send({ ...about, url }, { id: 'nt_1', message: stormOf(1000) }, never)).kind, 'delivered');
  assert.match(shown[0]?.content ?? '', /^\*\*🔔 1\.?000 alertas ativos[^]*?CRÍTICO[^]*e mais 995 alertas: 995 × Negadas acima do normal$/);
});

test('a rate limit is waited for, a lost webhook is named', async (t) => {
  const busy = await start(t, { status: 429, body: { message: 'You are being rate limited.', retry_after: 1.25, global: false } });
  const later = await send({ ...about, url: busy.url }, { id: 'nt_1', message: FIRING }, never);
  assert.deepEqual(later, { kind: 'retry', error: 'HTTP 429: You are being rate limited.', afterMs: 1250 });
  const lost = await start(t);
  const refused = await send({ ...about, url: `${lost.url}x` }, { id: 'nt_1', message: FIRING }, never);
  assert.deepEqual(refused, { kind: 'refused', error: 'HTTP 404: Unknown Webhook' });
});
