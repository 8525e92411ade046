import { Type, type Static } from 'typebox';
import { CHANNEL_PATTERN, FOREIGN_ID_PATTERN } from './pattern.ts';

/** Most characters of the text blocks of one answer together; `mais` continues. */
export const MAX_ANSWER = 3500;
/** Longest message that is read, characters. */
export const MAX_MESSAGE = 4000;

const Name = (description: string, examples: string[]) =>
  Type.String({ minLength: 1, maxLength: 200, pattern: FOREIGN_ID_PATTERN, description, examples });

/** Body of `POST /chat`: one message as a channel delivers it. */
export const ChatMessage = Type.Object(
  {
    channel: Type.String({
      pattern: CHANNEL_PATTERN,
      description: 'Channel that the message came through.',
      examples: ['telegram', 'whatsapp', 'slack', 'discord', 'console', 'cli'],
    }),
    sender: Name('Who wrote it, as the channel names people.', ['777', '+5511999990000']),
    conversation: Name('Where it was written: a direct chat or a group.', ['777', '-100500']),
    message_id: Name('Id of the message in its conversation. The same id again gets the same answer, and nothing is done twice.', ['4711']),
    text: Type.String({ description: `What was written, at most ${MAX_MESSAGE} characters; several lines are answered line by line.` }),
    read_only: Type.Optional(
      Type.Boolean({ description: 'Refuses whatever acts, whoever wrote it: for chats in which people only look.' }),
    ),
  },
  { title: 'ChatMessage', additionalProperties: false },
);
export type ChatMessage = Static<typeof ChatMessage>;

/** Plain text: no character in it means markup, and lines stand under one another. Each channel escapes what it must. */
export const ChatBlock = Type.Object(
  { type: Type.Literal('text'), text: Type.String(), line: Type.Integer({ description: 'Line of the message that it answers, from 1.' }) },
  { title: 'ChatBlock' },
);
export type ChatBlock = Static<typeof ChatBlock>;

/** What a tap sends, as if it had been written. */
export const ChatButton = Type.Object(
  {
    label: Type.String(),
    text: Type.String({ maxLength: 64, description: 'At most 64 bytes, as a Telegram callback takes.' }),
    style: Type.Enum(['normal', 'primary', 'danger']),
  },
  { title: 'ChatButton' },
);
export type ChatButton = Static<typeof ChatButton>;

export const ChatAttachment = Type.Object(
  {
    type: Type.Literal('image/png'),
    name: Type.String({ examples: ['taxa-de-aprovacao.png'] }),
    description: Type.String({ description: 'What the picture shows, for those who cannot see it.' }),
    width: Type.Integer(),
    height: Type.Integer(),
    data: Type.String({ contentEncoding: 'base64' }),
  },
  { title: 'ChatAttachment' },
);
export type ChatAttachment = Static<typeof ChatAttachment>;

/** Answer of `GET /chat`. */
export const ChatAbilities = Type.Object(
  {
    acts_elsewhere: Type.Boolean({
      description: 'Alerts that only Alertmanager has, of the rules of others, can be acknowledged, snoozed and silenced too.',
    }),
  },
  { title: 'ChatAbilities' },
);
export type ChatAbilities = Static<typeof ChatAbilities>;

/** Answer of `POST /chat`. */
export const ChatAnswer = Type.Object(
  {
    blocks: Type.Array(ChatBlock, { description: `Text, at most ${MAX_ANSWER} characters together.` }),
    buttons: Type.Array(ChatButton),
    follow_ups: Type.Array(Type.String(), { description: 'What one may ask next, ready to send.' }),
    attachments: Type.Array(ChatAttachment),
    more: Type.Boolean({ description: 'There is more: `mais` continues.' }),
    understood: Type.Optional(Type.Boolean({ description: 'False when a line of the message is no command.' })),
    locale: Type.Enum(['pt-BR', 'en']),
  },
  { title: 'ChatAnswer' },
);
export type ChatAnswer = Static<typeof ChatAnswer>;
