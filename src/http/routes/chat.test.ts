import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChatAnswer, ChatMessage } from '@transaction-guardian/contracts/chat.ts';
import type { Problem } from '@transaction-guardian/contracts/problem.ts';
import { GuardianError } from '../../errors.ts';
import { createRequestLanguage } from '../request-language.ts';
import { createTestServer } from '../server-under-test.ts';
import { registerChatRoute } from './chat.ts';

const MESSAGE: ChatMessage = { channel: 'telegram', sender: '777', conversation: '777', message_id: '1', text: 'status' };

async function serve() {
  const heard: { readonly message: ChatMessage; readonly locale: string; readonly by: string }[] = [];
  const chat = {
    abilities: () => ({ acts_elsewhere: true }),
    answer: async (caller: { readonly id: string }, message: ChatMessage, locale: 'pt-BR' | 'en'): Promise<ChatAnswer> => {
      if (message.message_id === 'used') throw new GuardianError('ACT_CONFLICT', 'used');
      heard.push({ message, locale, by: caller.id });
      return { blocks: [{ type: 'text', text: 'ok', line: 1 }], buttons: [], follow_ups: [], attachments: [], more: false, locale };
    },
  };
  const { app } = await createTestServer({
    deps: { routes: [(one) => registerChatRoute(one, { chat, language: createRequestLanguage('pt-BR') })] },
  });
  const post = (body: object | string, url = '/api/v1/chat', headers: Record<string, string> = {}) =>
    app.inject({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json', ...headers },
      payload: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return { app, heard, post };
}

test('a message is answered under /api/v1 and without it, in the language that is asked for', async (t) => {
  const { app, heard, post } = await serve();
  t.after(() => app.close());
  const answer = await post(MESSAGE);
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.json<ChatAnswer>().blocks[0]?.text, 'ok');
  assert.equal((await post(MESSAGE, '/chat', { 'accept-language': 'en' })).statusCode, 200);
  assert.deepEqual(
    heard.map(({ locale, by }) => [locale, by]),
    [
      ['pt-BR', 'local'],
      ['en', 'local'],
    ],
  );
});

test('a gateway asks what it can offer', async (t) => {
  const { app } = await serve();
  t.after(() => app.close());
  const answer = await app.inject({ method: 'GET', url: '/api/v1/chat' });
  assert.deepEqual([answer.statusCode, answer.json()], [200, { acts_elsewhere: true }]);
});

test('a body that is wrong is refused by field, and nothing is answered', async (t) => {
  const { app, heard, post } = await serve();
  t.after(() => app.close());
  const wrong: readonly (readonly [object, string])[] = [
    [{ ...MESSAGE, channel: 'Tele gram' }, 'channel'],
    [{ ...MESSAGE, sender: '' }, 'sender'],
    [{ ...MESSAGE, conversation: 'a\nb' }, 'conversation'],
    [{ ...MESSAGE, message_id: 'x'.repeat(201) }, 'message_id'],
    [{ ...MESSAGE, text: 5 }, 'text'],
    [{ ...MESSAGE, as: 'admin' }, 'as'],
    [{ channel: 'telegram' }, 'sender'],
  ];
  for (const [body, field] of wrong) {
    const response = await post(body);
    assert.equal(response.statusCode, 422, field);
    assert.ok(
      response.json<Problem>().errors?.some((error) => error.field === field),
      `${field}: ${response.body}`,
    );
    for (const { message } of response.json<Problem>().errors ?? []) assert.doesNotMatch(message, /[{}^]|undefined/, 'words for people');
  }
  const phone = { ...MESSAGE, sender: '+5511987654321', conversation: '4111111111111111' };
  assert.equal((await post(phone)).statusCode, 200, 'ids of a channel are no card numbers');
  heard.length = 0;
  assert.equal((await post('{"channel":')).statusCode, 400);
  assert.equal((await post({ ...MESSAGE, text: 'x'.repeat(2_000_000) })).statusCode, 413);
  assert.deepEqual(heard, []);
});

test('an id that was used for another text is a conflict', async (t) => {
  const { app, post } = await serve();
  t.after(() => app.close());
  const response = await post({ ...MESSAGE, message_id: 'used' });
  assert.equal(response.statusCode, 409);
  assert.equal(response.json<Problem>().code, 'ACT_CONFLICT');
});

test('another machine needs a session', async (t) => {
  const { app } = await serve();
  t.after(() => app.close());
  const response = await app.inject({
    method: 'POST',
    url: '/chat',
    remoteAddress: '192.0.2.1',
    headers: { 'content-type': 'application/json' },
    payload: JSON.stringify(MESSAGE),
  });
  assert.equal(response.statusCode, 401);
});
