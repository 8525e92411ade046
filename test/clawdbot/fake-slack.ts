import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveWebSockets, type Socket } from './web-socket.ts';

/** A message as Slack keeps it. */
export interface SlackMessage {
  readonly ts: string;
  readonly channel: string;
  readonly text: string;
  readonly thread: string | null;
  readonly blocks: readonly SlackBlock[];
  readonly metadata: unknown;
}
interface SlackBlock {
  readonly type: string;
  readonly text?: { readonly text: string };
  readonly block_id?: string;
  readonly elements?: readonly SlackButton[];
}
export interface SlackButton {
  readonly type: string;
  readonly action_id: string;
  readonly text: { readonly text: string };
  readonly value?: string;
}

export interface FakeSlack {
  /** Address of the Web API, as `SLACK_API_URL` takes it. */
  readonly url: string;
  /** Calls of the Web API in order. */
  readonly calls: readonly string[];
  messages(): readonly SlackMessage[];
  /** Resolves once the app listens in Socket Mode. */
  connected(): boolean;
  /** Somebody writes to the bot directly. */
  write(user: string, text: string): void;
  /** Somebody clicks a button. */
  click(user: string, message: SlackMessage, button: SlackButton): void;
  /** The next messages are taken, and not answered. */
  losesAnswers: boolean;
  close(): Promise<void>;
}

const TEAM = 'T0TEAM';
export const BOT = 'U0BOT';
/** The direct chat of somebody with the bot. */
const directChat = (user: string): string => `D${user.slice(1)}`;

type Params = Readonly<Record<string, string>>;

/** Slack on 127.0.0.1: the Web API as far as a bot calls it, and Socket Mode. */
export async function startFakeSlack(): Promise<FakeSlack> {
  const calls: string[] = [];
  const messages: SlackMessage[] = [];
  const sockets = new Set<Socket>();
  let next = 1;
  let port = 0;
  const stamp = (): string => `${Math.floor(Date.now() / 1000)}.${String(next++).padStart(6, '0')}`;

  const answers: Readonly<Record<string, (params: Params) => object>> = {
    'auth.test': () => ({
      ...{ url: `http://127.0.0.1:${port}/`, team: 'night', user: 'guardian', team_id: TEAM, user_id: BOT, bot_id: 'B0BOT' },
      app_id: 'A0APP',
    }),
    'apps.connections.open': () => ({ url: `ws://127.0.0.1:${port}/socket` }),
    'conversations.open': ({ users = '' }) => ({ channel: { id: directChat(users.split(',')[0] ?? '') } }),
    'conversations.info': ({ channel = '' }) => ({
      channel: { id: channel, is_im: channel.startsWith('D'), is_member: true, name: channel, user: `U${channel.slice(1)}` },
    }),
    'conversations.history': ({ channel, oldest = '0', latest }) => ({
      messages: messages
        .filter(
          (one) =>
            one.channel === channel && Number(one.ts) >= Number(oldest) && (latest === undefined || Number(one.ts) <= Number(latest)),
        )
        .map(historyMessage)
        .toReversed(),
      has_more: false,
    }),
    'conversations.replies': ({ ts }) => ({ messages: messages.filter((one) => one.ts === ts || one.thread === ts).map(historyMessage) }),
    'conversations.list': () => ({ channels: [] }),
    'users.info': ({ user = '' }) => ({ user: { id: user, name: user.toLowerCase(), real_name: user, profile: {} } }),
    'users.list': () => ({ members: [] }),
    'chat.postMessage': (params) => {
      const message = messageOf(params, stamp());
      messages.push(message);
      return { ts: message.ts, channel: message.channel, message: historyMessage(message) };
    },
    'chat.update': (params) => {
      const at = messages.findIndex(({ ts }) => ts === params['ts']);
      const known = messages[at];
      if (known === undefined) return { ok: false, error: 'message_not_found' };
      messages[at] = { ...messageOf(params, known.ts), thread: known.thread };
      return { ts: known.ts, channel: known.channel, text: params['text'] ?? '' };
    },
  };

  const fake = { losesAnswers: false };
  const server = createServer((request, response) => {
    void (async () => {
      const method = /\/api\/([\w.]+)/.exec(request.url ?? '')?.[1] ?? '';
      calls.push(method);
      const body = { ok: true, ...answers[method]?.(await readForm(request)) };
      if (fake.losesAnswers && method === 'chat.postMessage') return;
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    })().catch(() => response.destroy());
  });
  serveWebSockets(server, {
    open(socket) {
      sockets.add(socket);
      socket.send({ type: 'hello', num_connections: sockets.size, connection_info: { app_id: 'A0APP' } });
    },
    text: () => undefined,
    closed: (socket) => void sockets.delete(socket),
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;

  const push = (type: string, payload: object): void => {
    const [socket] = sockets;
    if (socket === undefined) throw new Error('nobody listens in Socket Mode');
    socket.send({ envelope_id: `e-${next++}`, type, accepts_response_payload: type !== 'events_api', payload });
  };

  return Object.assign(fake, {
    url: `http://127.0.0.1:${port}/api/`,
    calls,
    messages: () => messages,
    connected: () => sockets.size > 0,
    write(user: string, text: string) {
      const ts = stamp();
      push('events_api', {
        ...{ token: 't', team_id: TEAM, api_app_id: 'A0APP', type: 'event_callback', event_id: `Ev${next++}`, event_time: Number(ts) },
        event: { type: 'message', channel: directChat(user), channel_type: 'im', user, text, ts, event_ts: ts, team: TEAM },
      });
    },
    click(user: string, message: SlackMessage, button: SlackButton) {
      const block = message.blocks.find(({ elements }) => elements?.some(({ action_id: id }) => id === button.action_id));
      push('interactive', {
        ...{ type: 'block_actions', api_app_id: 'A0APP', trigger_id: 't.1', response_url: `http://127.0.0.1:${port}/api/response` },
        team: { id: TEAM, domain: 'night' },
        user: { id: user, username: user.toLowerCase(), team_id: TEAM },
        channel: { id: message.channel, name: 'directmessage' },
        container: { type: 'message', message_ts: message.ts, channel_id: message.channel },
        message: historyMessage(message),
        actions: [{ ...button, block_id: block?.block_id ?? 'b', action_ts: stamp() }],
      });
    },
    async close() {
      for (const socket of sockets) socket.close();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  });
}

/** Whoever posts to a person posts to the direct chat with that person. */
const messageOf = (params: Params, ts: string): SlackMessage => ({
  ts,
  channel: (params['channel'] ?? '').startsWith('U') ? directChat(params['channel'] ?? '') : (params['channel'] ?? ''),
  text: params['text'] ?? '',
  thread: params['thread_ts'] ?? null,
  blocks: parsed(params['blocks'], []),
  metadata: parsed(params['metadata'], undefined),
});

const historyMessage = ({ ts, text, thread, blocks, metadata }: SlackMessage) => ({
  ...{ type: 'message', user: BOT, bot_id: 'B0BOT', app_id: 'A0APP', team: TEAM, ts, text, blocks },
  ...(thread === null ? {} : { thread_ts: thread }),
  ...(metadata === undefined ? {} : { metadata }),
});

function parsed<T>(value: string | undefined, none: T): T {
  return value === undefined || value === '' ? none : (JSON.parse(value) as T);
}

async function readForm(request: IncomingMessage): Promise<Params> {
  const chunks: Buffer[] = [];
  for await (const part of request) chunks.push(part as Buffer);
  const body = Buffer.concat(chunks).toString('utf8');
  if (!(request.headers['content-type'] ?? '').includes('json')) return Object.fromEntries(new URLSearchParams(body));
  const values = Object.entries(JSON.parse(body) as Record<string, unknown>);
  return Object.fromEntries(values.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]));
}
