import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../../clock.ts';
import { FIRING, HOSTILE_NAMES, namedOf, RESOLVED, stormOf } from '../test-messages.ts';
import type { TelegramReceiver } from './config.ts';
import { createTelegramSend } from './send.ts';
import { BOT_TOKEN, CHAT, startBotApi } from './test-bot-api.ts';

const never = new AbortController().signal;
const send = createTelegramSend(systemClock, 'pt-BR');

function receiverAt(url: string): TelegramReceiver {
  const about = { name: 'phone', send_resolved: true, briefings: true, silence_notices: true };
  return { kind: 'telegram', ...about, bot_token: BOT_TOKEN, chat_id: CHAT, api_url: url };
}

test('the end of an alert answers its message, and marks it', async (t) => {
  const api = await startBotApi(t);
  const first = await send(receiverAt(api.url), { id: 'nt_1', message: FIRING }, never);
  assert.deepEqual(first, { kind: 'delivered', receipt: { to: CHAT, providerMessageId: '41' } });
  const previous = { providerMessageId: '41', message: FIRING, isShared: false };
  const second = await send(receiverAt(api.url), { id: 'nt_2', message: RESOLVED, previous }, never);
  assert.deepEqual(second, { kind: 'delivered', receipt: { to: CHAT, providerMessageId: '42' } });
  assert.deepEqual(
    api.shown.map(({ replyTo, isEdited, isQuiet }) => ({ replyTo, isEdited, isQuiet })),
    [
      { replyTo: null, isEdited: true, isQuiet: false },
      { replyTo: 41, isEdited: false, isQuiet: false },
    ],
  );
  assert.match(api.shown[0]?.text ?? '', /^✅ RESOLVIDO\n\n⚠️ ATENÇÃO: Negadas acima do normal/);
  assert.match(api.shown[1]?.text ?? '', /^✅ RESOLVIDO: Negadas acima do normal/);
  // A repeat after a crash edits nothing that is marked, and is not refused for it.
  assert.equal((await send(receiverAt(api.url), { id: 'nt_2', message: RESOLVED, previous }, never)).kind, 'delivered');
});

test('a message that speaks of other groups, or that is gone, is answered and not edited', async (t) => {
  const api = await startBotApi(t);
  await send(receiverAt(api.url), { id: 'nt_1', message: FIRING }, never);
  for (const previous of [
    { providerMessageId: '41', message: FIRING, isShared: true },
    { providerMessageId: '9', message: FIRING, isShared: false },
  ])
    assert.equal((await send(receiverAt(api.url), { id: 'nt_2', message: RESOLVED, previous }, never)).kind, 'delivered');
  assert.deepEqual(
    api.shown.map(({ isEdited }) => isEdited),
    [false, false, false],
  );
});

test('names cannot become markup or turn the text around', async (t) => {
  const api = await startBotApi(t);
  for (const name of HOSTILE_NAMES) {
    assert.equal((await send(receiverAt(api.url), { id: 'nt_1', message: namedOf(name) }, never)).kind, 'delivered', name);
    const text = api.shown.at(-1)?.text ?? '';
    assert.ok(text.includes(name.replace(/[\u202E\u2066]/gu, '')), name);
    assert.doesNotMatch(text, /[\u202A-\u202E\u2066-\u2069]/u);
  }
});

test('a storm of 1,000 alerts is one message that fits, the most severe first', async (t) => {
  const api = await startBotApi(t);
  assert.equal((await send(receiverAt(api.url), { id: 'nt_1', message: stormOf(1000) }, never)).kind, 'delivered');
  const text = api.shown[0]?.text ?? '';
  assert.match(
    text,
    /^🔔 1\.?000 alertas ativos: 3 críticos, 997 de atenção · Negadas acima do normal em 1\.?000 lojistas\n+🚨 CRÍTICO.*m-997/,
  );
  assert.match(text, /m-998[^]*m-999[^]*e mais \d+ alertas/);
  const [, left = ''] = /e mais ([\d.]+) alertas/.exec(text) ?? [];
  assert.equal(Number(left.replace('.', '')) + (text.match(/m-\d+/g) ?? []).length, 1000);
});

test('what Telegram answers is waited for, mended or tried again, and no error has the token', async (t) => {
  const api = await startBotApi(t);
  const answers = [
    [{ status: 429, body: { ok: false, description: 'Too Many Requests: retry after 7', parameters: { retry_after: 7 } } }, 'retry'],
    [{ status: 500, body: 'oops' }, 'retry'],
    [{ status: 403, body: { ok: false, description: 'Forbidden: bot was blocked by the user' } }, 'refused'],
    [
      { status: 400, body: { ok: false, description: 'Bad Request: group chat was upgraded', parameters: { migrate_to_chat_id: -1001 } } },
      'refused',
    ],
  ] as const;
  for (const [answer, kind] of answers) {
    api.fault = () => answer;
    const outcome = await send(receiverAt(api.url), { id: 'nt_1', message: FIRING }, never);
    assert.equal(outcome.kind, kind);
    assert.doesNotMatch(JSON.stringify(outcome), /TEST-token/);
    if (answer.status === 429) assert.deepEqual(outcome.kind === 'retry' && outcome.afterMs, 7000);
    if (answer.status === 400) assert.match(JSON.stringify(outcome), /chat_id -1001/);
  }
  api.fault = () => null;
  const hung = await send(receiverAt(api.url), { id: 'nt_1', message: FIRING }, AbortSignal.timeout(50));
  assert.equal(hung.kind, 'retry');
  assert.doesNotMatch(JSON.stringify(await send(receiverAt('http://127.0.0.1:1'), { id: 'nt_1', message: FIRING }, never)), /TEST-token/);
});
