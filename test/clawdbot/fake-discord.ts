import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { APP, BOT, createDiscordStore, userOf, type DiscordButton, type DiscordMessage, type Json } from './discord-store.ts';
import { serveWebSockets, type Socket } from './web-socket.ts';

export interface FakeDiscord {
  /** Address of the REST API, as `DISCORD_API_URL` takes it. */
  readonly url: string;
  /** Calls of the REST API, as `POST /channels/1/messages`. */
  readonly calls: readonly string[];
  messages(): readonly DiscordMessage[];
  /** Whether the bot has identified itself at the gateway. */
  connected(): boolean;
  /** Somebody writes to the bot directly. */
  write(user: string, text: string): void;
  /** Somebody clicks a button. */
  click(user: string, message: DiscordMessage, button: DiscordButton): void;
  close(): Promise<void>;
}

const VERSION = 10;
const [DISPATCH, HEARTBEAT, IDENTIFY, HELLO, ACK] = [0, 1, 2, 10, 11];
const [BUTTON, COMPONENT_INTERACTION, DIRECT] = [2, 3, 1];

/** Discord on 127.0.0.1: the REST API and the gateway, version 10, as far as a bot needs them in direct chats. */
export async function startFakeDiscord(): Promise<FakeDiscord> {
  const calls: string[] = [];
  const sockets = new Map<Socket, { sequence: number; isReady: boolean }>();
  let next = 1;
  let port = 0;
  const { messages, answer, open, chatOf, shownMessage, snowflake } = createDiscordStore(() => `ws://127.0.0.1:${port}`);

  const server = createServer((request, response) => {
    void (async () => {
      const method = request.method ?? '';
      const path = (request.url ?? '').replace(/^\/api(\/v\d+)?/, '').replace(/\?.*$/, '');
      const body = await readJson(request);
      calls.push(`${method} ${path}`);
      const result = answer(method, path, body);
      response.writeHead(result === null ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(result ?? { code: 10_008, message: 'Unknown Message' }));
    })().catch(() => response.destroy());
  });
  serveWebSockets(server, {
    open(socket) {
      sockets.set(socket, { sequence: 0, isReady: false });
      socket.send({ op: HELLO, d: { heartbeat_interval: 40_000 } });
    },
    text(socket, { op }) {
      if (op === HEARTBEAT) socket.send({ op: ACK });
      if (op === IDENTIFY) {
        const ready = { v: VERSION, user: BOT, guilds: [], session_id: 's-1', application: { id: APP, flags: 0 }, shard: [0, 1] };
        dispatch(socket, 'READY', { ...ready, resume_gateway_url: `ws://127.0.0.1:${port}` });
        const state = sockets.get(socket);
        if (state !== undefined) state.isReady = true;
      }
    },
    closed: (socket) => void sockets.delete(socket),
  });
  const dispatch = (socket: Socket, t: string, d: object): void => {
    const state = sockets.get(socket);
    if (state !== undefined) socket.send({ op: DISPATCH, t, s: (state.sequence += 1), d });
  };
  const push = (name: string, event: object): void => {
    const ready = [...sockets].find(([, { isReady }]) => isReady);
    if (ready === undefined) throw new Error('nobody listens at the gateway');
    dispatch(ready[0], name, event);
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;

  return {
    url: `http://127.0.0.1:${port}/api`,
    calls,
    messages: () => messages,
    connected: () => [...sockets.values()].some(({ isReady }) => isReady),
    write(user, text) {
      const channel = open(user);
      push('MESSAGE_CREATE', {
        ...shownMessage({ id: snowflake(), channel_id: channel, text, repliesTo: null, buttons: [] }),
        author: userOf(user),
        channel_type: DIRECT,
      });
    },
    click(user, message, button) {
      push('INTERACTION_CREATE', {
        ...{ id: snowflake(), application_id: APP, type: COMPONENT_INTERACTION, token: `t-${next++}`, version: 1, locale: 'pt-BR' },
        ...{ channel_id: message.channel_id, channel: chatOf(message.channel_id), context: 1, app_permissions: '0', entitlements: [] },
        data: { component_type: BUTTON, custom_id: button.custom_id, id: 1 },
        user: userOf(user),
        message: shownMessage(message),
        authorizing_integration_owners: {},
      });
    },
    async close() {
      for (const socket of sockets.keys()) socket.close();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** JSON, or that of a form with files. */
async function readJson(request: IncomingMessage): Promise<Json> {
  const chunks: Buffer[] = [];
  for await (const part of request) chunks.push(part as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const json = (request.headers['content-type'] ?? '').includes('multipart')
    ? (/name="payload_json"[^{]*(\{.*\})\r\n/s.exec(text)?.[1] ?? '{}')
    : text;
  return json === '' ? {} : (JSON.parse(json) as Json);
}
