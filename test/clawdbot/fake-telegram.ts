import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { chatObject, createPhone, from, type PhoneMessage } from './phone.ts';

/** A call of the Bot API as it came in. */
export interface BotCall {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly at: number;
}
/** How a call fails. `hang`: no answer, with `takes` all the same a message; `hangup`: the connection ends; `slow`: it works, after
 *  `ms`. For a port that is closed see `setDown`. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: number; readonly description?: string }
  | { readonly kind: 'hang'; readonly takes?: true }
  | { readonly kind: 'hangup' }
  | { readonly kind: 'slow'; readonly ms: number };

export interface FakeTelegram {
  readonly url: string;
  readonly calls: readonly BotCall[];
  /** What stands on the phone, edits applied. */
  messages(chat?: string): PhoneMessage[];
  /** A person writes; gives the message id. */
  write(sender: string, text: string, options?: { readonly chat?: string; readonly replyTo?: number }): number;
  /** A person taps a button. */
  tap(sender: string, message: PhoneMessage, data: string): void;
  /** Delivers the last update once more. */
  repeatLastUpdate(): void;
  /** A fault of the next messages: of so many, or of each text in each chat the first time that it is sent. */
  fail(fault: Fault | null, times?: number | 'first'): void;
  setDown(isDown: boolean): Promise<void>;
  close(): Promise<void>;
}

const SENDS = new Set(['sendMessage', 'sendPhoto']);

/** A Telegram Bot API on 127.0.0.1: long polling, messages, edits, clicks, pictures, and faults on demand. */
export async function startFakeTelegram(): Promise<FakeTelegram> {
  const calls: BotCall[] = [];
  const updates: { update_id: number }[] = [];
  const polls = new Set<() => void>();
  let nextUpdate = 1;
  let fault: Fault | null = null;
  let faults = 0;
  /** Texts and chats that have met the fault; null where so many messages meet it. */
  let met: Set<string> | null = null;
  const meetsFault = (params: Readonly<Record<string, unknown>>): boolean => {
    if (met === null) return faults-- > 0;
    const message = `${String(params['chat_id'])} ${String(params['text'])}`;
    return !met.has(message) && met.add(message) !== undefined;
  };
  let port = 0;

  const push = (update: object): void => {
    updates.push({ update_id: nextUpdate++, ...update });
    for (const wake of polls) wake();
  };
  const { phone, nextId, results } = createPhone();

  const server = createServer((request, response) => {
    void handle(request, response).catch(() => response.destroy());
  });
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const method = /\/bot[^/]+\/(\w+)/.exec(request.url ?? '')?.[1] ?? '';
    const params = await readParams(request);
    calls.push({ method, params, at: Date.now() });
    const reply = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (method === 'getUpdates') return reply(200, { ok: true, result: await poll(params, request) });
    if (SENDS.has(method) && fault !== null && meetsFault(params)) {
      if (fault.kind === 'hang') {
        if (fault.takes === true) results[method]?.(params);
        return;
      }
      if (fault.kind === 'hangup') return void request.socket.destroy();
      if (fault.kind === 'slow') {
        await wait(fault.ms);
        return reply(200, { ok: true, result: results[method]?.(params) ?? true });
      }
      const { status, retryAfter, description = 'fault' } = fault;
      return reply(status, {
        ok: false,
        error_code: status,
        description,
        ...(retryAfter === undefined ? {} : { parameters: { retry_after: retryAfter } }),
      });
    }
    try {
      reply(200, { ok: true, result: results[method]?.(params) ?? true });
    } catch (error) {
      reply(400, { ok: false, error_code: 400, description: (error as Error).message });
    }
  };
  const poll = async (params: Readonly<Record<string, unknown>>, request: IncomingMessage): Promise<object[]> => {
    const offset = Number(params['offset'] ?? 0);
    const waiting = () => updates.filter((update) => update.update_id >= offset);
    if (waiting().length > 0) return waiting();
    await new Promise<void>((resolve) => {
      const end = (): void => {
        polls.delete(end);
        resolve();
      };
      polls.add(end);
      setTimeout(end, Math.min(Number(params['timeout'] ?? 0) * 1000, 10_000));
      request.once('close', end);
    });
    return waiting();
  };
  const listen = async (): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  };
  const stop = async (): Promise<void> => {
    for (const wake of polls) wake();
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  await listen();

  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    messages: (chat) => [...phone.values()].filter((message) => chat === undefined || message.chat === chat),
    write(sender, text, { chat = sender, replyTo } = {}) {
      const id = nextId();
      push(writtenUpdate(id, sender, text, { chat, quoted: replyTo === undefined ? undefined : phone.get(replyTo) }));
      return id;
    },
    tap(sender, message, data) {
      push({
        callback_query: { id: String(nextUpdate * 7919), from: from(sender), message: botMessage(message), chat_instance: '1', data },
      });
    },
    repeatLastUpdate() {
      const last = updates.at(-1);
      if (last !== undefined) updates.push({ ...last });
      for (const wake of polls) wake();
    },
    fail(next, times = 1) {
      fault = next;
      met = times === 'first' ? new Set() : null;
      faults = typeof times === 'number' ? times : 0;
    },
    setDown: (isDown) => (isDown ? stop() : listen()),
    close: stop,
  };
}

const botMessage = ({ id, chat, text }: PhoneMessage) => ({
  message_id: id,
  date: Math.floor(Date.now() / 1000),
  chat: chatObject(chat),
  from: { id: 1, is_bot: true, first_name: 'bot' },
  text,
});

/** What the Bot API tells about a message that a person wrote. */
function writtenUpdate(id: number, sender: string, text: string, where: { chat: string; quoted: PhoneMessage | undefined }): object {
  const entities = text.startsWith('/') ? [{ type: 'bot_command', offset: 0, length: text.split(' ')[0]?.length ?? 0 }] : undefined;
  return {
    message: {
      message_id: id,
      date: Math.floor(Date.now() / 1000),
      chat: chatObject(where.chat),
      from: from(sender),
      text,
      ...(entities === undefined ? {} : { entities }),
      ...(where.quoted === undefined ? {} : { reply_to_message: botMessage(where.quoted) }),
    },
  };
}

/** JSON, or the text fields of a form. */
async function readParams(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  for await (const part of request) chunks.push(part as Buffer);
  const text = Buffer.concat(chunks).toString('latin1');
  const type = request.headers['content-type'] ?? '';
  if (type.includes('multipart')) {
    const fields = [...text.matchAll(/name="(\w+)"(?!; filename)[^\r\n]*\r\n(?:content-type:[^\r\n]*\r\n)?\r\n([^\r]*)\r\n/gi)];
    return Object.fromEntries(fields.map(([, name = '', value = '']) => [name, Buffer.from(value, 'latin1').toString('utf8')]));
  }
  const body = Buffer.concat(chunks).toString('utf8');
  if (body === '') return Object.fromEntries(new URL(request.url ?? '', 'http://x').searchParams);
  return type.includes('json') ? (JSON.parse(body) as Record<string, unknown>) : Object.fromEntries(new URLSearchParams(body));
}
