/** A message as Discord keeps it. */
export interface DiscordMessage {
  readonly id: string;
  readonly channel_id: string;
  /** Its content, and the texts of its components. */
  readonly text: string;
  readonly repliesTo: string | null;
  readonly buttons: readonly DiscordButton[];
}
export interface DiscordButton {
  readonly label: string;
  readonly custom_id: string;
}

export const APP = '900000000000000001';
export const BOT = {
  id: '900000000000000002',
  username: 'guardian',
  discriminator: '0000',
  avatar: null,
  bot: true,
  global_name: null,
  flags: 0,
};
const [BUTTON, DIRECT] = [2, 1];

export type Json = Readonly<Record<string, unknown>>;
export const userOf = (id: string) => ({ id, username: `p${id}`, discriminator: '0', avatar: null, global_name: null });
/** The direct chat of somebody with the bot. */
const directChat = (user: string): string => `8${user.slice(1)}`;

/** What Discord keeps of direct chats, and how its REST API answers. `gatewayUrl`: where a bot is sent for events. */
export function createDiscordStore(gatewayUrl: () => string) {
  const messages: DiscordMessage[] = [];
  const people = new Map<string, string>();
  let next = 1;
  const snowflake = (): string => String(1_300_000_000_000_000_000n + BigInt(Date.now()) * 1000n + BigInt(next++));
  const chatOf = (id: string) => ({ id, type: DIRECT, recipients: [userOf(people.get(id) ?? '0')], last_message_id: null, flags: 0 });
  const open = (user: string): string => {
    people.set(directChat(user), user);
    return directChat(user);
  };

  const store = (channel: string, body: Json, known?: DiscordMessage): object => {
    const reference = body['message_reference'] as { readonly message_id?: string } | undefined;
    const message: DiscordMessage = {
      id: known?.id ?? snowflake(),
      channel_id: channel,
      text: [body['content'], ...walk(body['components']).map((one) => one['content'])]
        .filter((text) => typeof text === 'string')
        .join('\n'),
      repliesTo: known?.repliesTo ?? reference?.message_id ?? null,
      buttons: walk(body['components'])
        .filter((one) => one['type'] === BUTTON && typeof one['custom_id'] === 'string')
        .map((one) => ({ label: String(one['label']), custom_id: String(one['custom_id']) })),
    };
    if (known === undefined) messages.push(message);
    else messages[messages.indexOf(known)] = message;
    return shownMessage(message);
  };
  const shownMessage = ({ id, channel_id, text }: DiscordMessage) => ({
    ...{ id, channel_id, content: text, author: BOT, type: 0, tts: false, mention_everyone: false, pinned: false, flags: 0 },
    ...{
      mentions: [],
      mention_roles: [],
      attachments: [],
      embeds: [],
      components: [],
      timestamp: new Date().toISOString(),
      edited_timestamp: null,
    },
  });

  const answer = (method: string, path: string, body: Json): object | null => {
    const [, first = '', id = '', kind = '', last = ''] = path.split('/');
    if (path === '/gateway/bot')
      return {
        url: gatewayUrl(),
        shards: 1,
        session_start_limit: { total: 1000, remaining: 999, reset_after: 0, max_concurrency: 1 },
      };
    if (path === '/users/@me') return BOT;
    if (path === '/users/@me/channels') return chatOf(open(String(body['recipient_id'])));
    if (first === 'users') return userOf(id);
    if (path.endsWith('/applications/@me')) return { id: APP, name: 'guardian', bot: BOT, flags: 1 << 19 };
    if (first === 'applications') return method === 'GET' || method === 'PUT' ? ([] as object) : { id: snowflake() };
    if (first === 'channels' && kind === '') return chatOf(id);
    if (first === 'channels' && kind === 'messages' && method === 'POST') return store(id, body);
    if (first === 'channels' && kind === 'messages' && last !== '') {
      const known = messages.find((one) => one.id === last);
      if (known === undefined) return null;
      return method === 'PATCH' ? store(id, body, known) : shownMessage(known);
    }
    return {};
  };
  return { messages, answer, open, chatOf, shownMessage, snowflake };
}

/** Every component, nested ones too. */
function walk(value: unknown): Json[] {
  if (Array.isArray(value)) return value.flatMap(walk);
  if (typeof value !== 'object' || value === null) return [];
  return [value as Json, ...Object.values(value).flatMap((inner) => (typeof inner === 'object' ? walk(inner) : []))];
}
