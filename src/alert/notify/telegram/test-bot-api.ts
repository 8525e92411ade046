import type { TestContext } from 'node:test';
import { serveFake, type FakeAnswer, type FakeRequest } from '../test-http-server.ts';

/** A message as the chat shows it. */
export interface ShownMessage {
  readonly id: number;
  readonly text: string;
  readonly html: string;
  readonly replyTo: number | null;
  readonly isQuiet: boolean;
  readonly isEdited: boolean;
}

/** A Bot API on 127.0.0.1 with one bot and one chat. `fault`: answers in place of the API; undefined: the API answers. */
export interface FakeBotApi {
  readonly url: string;
  readonly shown: ShownMessage[];
  fault: (request: FakeRequest) => FakeAnswer | undefined;
}

export const BOT_TOKEN = '123456:TEST-token_1';
export const CHAT = '777';

const refuse = (status: number, description: string, parameters?: object): FakeAnswer => ({
  status,
  body: { ok: false, error_code: status, description, ...(parameters === undefined ? {} : { parameters }) },
});

/** Starts the API: token, chat, entities, length, replies and edits are checked as the real one does (core.telegram.org/bots/api). */
export async function startBotApi(t: Pick<TestContext, 'after'>): Promise<FakeBotApi> {
  const shown: ShownMessage[] = [];
  const api: { fault: FakeBotApi['fault'] } = { fault: () => undefined };
  const answer = (request: FakeRequest): FakeAnswer => {
    const fault = api.fault(request);
    if (fault !== undefined) return fault;
    const [, token, method] = /^\/bot([^/]+)\/(\w+)$/.exec(request.path) ?? [];
    if (token !== BOT_TOKEN) return refuse(401, 'Unauthorized');
    const body = request.body as Record<string, unknown>;
    if (String(body['chat_id']) !== CHAT) return refuse(400, 'Bad Request: chat not found');
    const html = String(body['text']);
    const text = body['parse_mode'] === 'HTML' ? plainOf(html) : html;
    if (text === null) return refuse(400, "Bad Request: can't parse entities");
    if (text.trim() === '') return refuse(400, 'Bad Request: message text is empty');
    if (text.length > 4096) return refuse(400, 'Bad Request: message is too long');
    return method === 'editMessageText' ? edit(shown, { body, html, text }) : send(shown, { body, html, text });
  };
  const url = await serveFake(t, answer);
  return Object.assign(api, { url, shown });
}

interface Written {
  readonly body: Record<string, unknown>;
  readonly html: string;
  readonly text: string;
}

function send(shown: ShownMessage[], { body, html, text }: Written): FakeAnswer {
  const reply = body['reply_parameters'] as { message_id: number; allow_sending_without_reply?: boolean } | undefined;
  const isKnown = shown.some(({ id }) => id === reply?.message_id);
  if (reply !== undefined && !isKnown && reply.allow_sending_without_reply !== true)
    return refuse(400, 'Bad Request: message to be replied not found');
  const id = shown.length + 41;
  const isQuiet = body['disable_notification'] === true;
  shown.push({ id, text, html, replyTo: isKnown ? (reply?.message_id ?? null) : null, isQuiet, isEdited: false });
  return { body: { ok: true, result: { message_id: id, chat: { id: Number(CHAT) }, text } } };
}

function edit(shown: ShownMessage[], { body, html, text }: Written): FakeAnswer {
  const index = shown.findIndex(({ id }) => id === body['message_id']);
  const before = shown[index];
  if (before === undefined) return refuse(400, 'Bad Request: message to edit not found');
  if (before.html === html) return refuse(400, 'Bad Request: message is not modified');
  shown[index] = { ...before, html, text, isEdited: true };
  return { body: { ok: true, result: { message_id: before.id } } };
}

/** The text without its entities; null where they cannot be read. */
function plainOf(html: string): string | null {
  const open: string[] = [];
  let isBroken = false;
  const text = html.replace(/<(\/?)([a-z-]*)([^>]*)>?/g, (all, close: string, name: string) => {
    if (!all.endsWith('>') || !['b', 'i', 'a', 'code', 'pre', 's', 'u'].includes(name)) isBroken = true;
    if (close === '') open.push(name);
    else if (open.pop() !== name) isBroken = true;
    return '';
  });
  if (isBroken || open.length > 0 || /&(?!(?:amp|lt|gt|quot|#\d+);)/.test(text)) return null;
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}
