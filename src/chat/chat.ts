import { createHash } from 'node:crypto';
import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import {
  MAX_ANSWER,
  MAX_MESSAGE,
  type ChatAbilities,
  type ChatAnswer,
  type ChatAttachment,
  type ChatButton,
  type ChatMessage,
} from '@transaction-guardian/contracts/chat.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { channelOf, type Directory } from '../auth/directory.ts';
import type { UnknownSenders } from '../auth/unknown-senders.ts';
import { GuardianError, isGuardianError } from '../errors.ts';
import { beginChatAnswer, readChatAnswer, writeChatAnswer, type KeptAnswer, type MessageKey } from '../store/verbs/chat/chat-answers.ts';
import { readChatContext, writeChatContext } from '../store/verbs/chat/chat-context.ts';
import type { Acts } from './acts.ts';
import { answerLine } from './answer-line.ts';
import { cutToFit } from './fit.ts';
import { ACTS } from './grammar/command.ts';
import { linesOf, readLine } from './grammar/read-line.ts';
import { LINK_ROOM, withLinks } from './kept-link.ts';
import { createPeriodResolver } from './period/resolve-period.ts';
import { replyAway } from './reply/away.ts';
import type { Reply } from './reply/reply.ts';
import { talkOf, TALK_MS, type Talk } from './talk.ts';
import { createSay, type ChatData, type Say, type Turn } from './turn.ts';
import { writerOf } from './writer.ts';

/** Lines of one message that are answered. */
const MOST_LINES = 10;
/** What `mais` may still bring, characters. */
const MOST_REST = 60_000;
/** Most that a channel puts between two blocks, characters. */
const BETWEEN = 2;
const MOST_BUTTONS = 9;
const MOST_FOLLOW_UPS = 4;
const MOST_ATTACHMENTS = 2;
const MOST_LINKS = 2;

export interface ChatDeps {
  readonly data: ChatData;
  readonly acts: Acts;
  readonly directory: Directory;
  readonly unknown: UnknownSenders;
}

/** Answers what people write. */
export interface Chat {
  /** Answers a message that `caller` brought, in `locale` unless its writer has a language. The same message id again gives the
   *  same answer and does nothing. Throws ACT_CONFLICT when the id comes with another text, and STORE_UNAVAILABLE when the
   *  database goes away in the middle; before that, the answer says so. */
  answer(caller: Actor, message: ChatMessage, locale: Locale): Promise<ChatAnswer>;
  /** What can be acted on here. */
  abilities(): ChatAbilities;
}

/** Makes the chat. Messages of one conversation are answered one after the other. */
export function createChat(deps: ChatDeps): Chat {
  const { data } = deps;
  const periods = createPeriodResolver(data.timeZone);
  const inOrder = createInOrder();

  const compose = async (caller: Actor, message: ChatMessage, locale: Locale): Promise<ChatAnswer> => {
    const now = data.clock.now();
    const hash = hashOf(message.text);
    const key = keyOf(caller, message);
    const writer = writerOf(deps.directory, caller, message);
    if (writer === null) return refuse(deps, caller, message, createSay(locale, data.timeZone, now), locale);
    const given = await readChatAnswer(data.database, key);
    if (given !== undefined && given.text_hash !== hash)
      throw new GuardianError('ACT_CONFLICT', `The message ${message.message_id} came before with another text.`);
    if (given !== undefined && given.answer !== null) return withLinks(given.answer, deps.acts.signIn);
    if (given === undefined && actsIn(message.text)) await beginChatAnswer(data.database, key, hash, now);
    const before = talkOf(await readChatContext(data.database, key, now - TALK_MS));
    const spoken = writer.locale ?? locale;
    const streamNow = (await data.stats.time()).now ?? now;
    const say = sayTo(message, createSay(spoken, data.timeZone, streamNow));
    const base = {
      data,
      acts: deps.acts,
      periods,
      message,
      locale: spoken,
      now: streamNow,
      at: given?.answered_at ?? now,
      say,
      actor: writer.actor,
    };
    const { answer, talk } = await answerLines(base, before);
    await data.database.transaction(async (tx) => {
      await writeChatAnswer(tx, key, { text_hash: hash, answer }, now);
      await writeChatContext(tx, key, talk, now);
    });
    return withLinks(answer, deps.acts.signIn);
  };

  return {
    abilities: () => ({ acts_elsewhere: deps.acts.elsewhere !== undefined }),
    answer: (caller, message, locale) =>
      inOrder(`${message.channel}\n${message.conversation}`, async () => {
        try {
          // A channel that cuts a text may leave half of a character, which no database keeps.
          return await compose(caller, { ...message, text: message.text.toWellFormed() }, locale);
        } catch (error) {
          if (!isGuardianError(error, 'APP_STARTING') && !isGuardianError(error, 'STORE_UNAVAILABLE')) throw error;
          return replyAway(data, error, writerOf(deps.directory, caller, message)?.locale ?? locale);
        }
      }),
  };
}

/** Whether a line of a message acts. */
const actsIn = (text: string): boolean =>
  text.length <= MAX_MESSAGE && linesOf(text).some((line) => ACTS.has(readLine(line).command?.verb ?? 'help'));

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Whoever only looks here may act elsewhere: a role is not what is missing. */
const sayTo = ({ read_only }: ChatMessage, say: Say): Say =>
  read_only === true ? (key, params) => say(key === 'chat.not_allowed' ? 'chat.read_only' : key, params) : say;

type TurnBase = Omit<Turn, 'talk' | 'line'>;
interface Answered {
  readonly answer: KeptAnswer;
  readonly talk: Talk;
}

/** Who talks where. Whoever speaks for itself is known by its own name, not by a sender that it may write as it likes. */
function keyOf(caller: Actor, { channel, sender, conversation, message_id }: ChatMessage): MessageKey {
  return caller.kind === 'person'
    ? { channel: caller.channel, sender: caller.id, conversation, message_id }
    : { channel, sender, conversation, message_id };
}

/** A stranger gets a refusal, at a rate that a flood cannot raise, and gets nothing else; nothing is kept of it. */
async function refuse({ unknown }: ChatDeps, { address }: Actor, message: ChatMessage, say: Say, locale: Locale): Promise<ChatAnswer> {
  const { channel, sender, message_id: messageId } = message;
  const isTold = await unknown.refuse({ identity: `${channel}:${sender}`, channel: channelOf(channel), address, messageId });
  const blocks: ChatAnswer['blocks'] = isTold ? [{ type: 'text', text: say('chat.stranger'), line: 1 }] : [];
  return { blocks, buttons: [], follow_ups: [], attachments: [], more: false, locale };
}

async function answerLines(base: TurnBase, before: Talk): Promise<Answered> {
  const { say, message, locale } = base;
  const lines = message.text.length > MAX_MESSAGE ? [] : linesOf(message.text);
  let talk: Talk = before;
  const replies: Reply[] = [];
  for (const [index, line] of lines.slice(0, MOST_LINES).entries()) {
    const reply = await answerLine({ ...base, talk, line: index + 1 }, line);
    talk = Object.assign({}, talk, reply.talk);
    replies.push(reply);
  }
  if (message.text.length > MAX_MESSAGE) replies.push({ text: say('chat.too_long', { n: message.text.length, most: MAX_MESSAGE }) });
  else if (lines.length === 0) replies.push({ text: say('chat.help') });
  else if (lines.length > MOST_LINES) replies.push({ text: say('chat.too_many_lines', { n: lines.length, most: MOST_LINES }) });
  const links = replies.flatMap(({ link }, index) => (link === undefined ? [] : [{ ...link, line: index + 1 }])).slice(0, MOST_LINKS);
  const { blocks, rest } = fitBlocks(
    replies.map(({ text }) => text),
    say('chat.continue'),
    MAX_ANSWER - LINK_ROOM * links.length,
  );
  return {
    answer: {
      blocks,
      buttons: gathered<ChatButton>(replies, ({ buttons }) => buttons, MOST_BUTTONS),
      follow_ups: gathered<string>(replies, ({ followUps }) => followUps, MOST_FOLLOW_UPS),
      attachments: gathered<ChatAttachment>(replies, ({ attachments }) => attachments, MOST_ATTACHMENTS),
      more: rest !== '',
      ...(replies.some(({ isUnknown }) => isUnknown === true) ? { understood: false } : {}),
      locale,
      ...(links.length === 0 ? {} : { links }),
    },
    talk: { ...talk, rest },
  };
}

function gathered<T>(replies: readonly Reply[], of: (reply: Reply) => readonly T[] | undefined, most: number): T[] {
  const seen = new Map(replies.flatMap((reply) => of(reply) ?? []).map((one) => [JSON.stringify(one), one]));
  return [...seen.values()].slice(0, most);
}

/** The texts as blocks of at most `most` characters together, and what is left. */
function fitBlocks(texts: readonly string[], hint: string, most: number): { readonly blocks: ChatAnswer['blocks']; readonly rest: string } {
  const blocks: ChatAnswer['blocks'] = [];
  const left: string[] = [];
  let room = most - hint.length - 2;
  for (const [index, text] of texts.entries()) {
    if (left.length > 0 || room < Math.min(text.length, 200)) {
      left.push(text);
      continue;
    }
    const { shown, rest } = cutToFit(text, room);
    room -= shown.length + BETWEEN;
    blocks.push({ type: 'text', text: shown, line: index + 1 });
    if (rest !== '') left.push(rest);
  }
  const last = blocks.at(-1);
  if (left.length === 0 || last === undefined) return { blocks, rest: '' };
  blocks[blocks.length - 1] = { ...last, text: `${last.text}\n\n${hint}` };
  return { blocks, rest: left.join('\n\n').slice(0, MOST_REST) };
}

/** Runs work of one key one after the other. */
function createInOrder(): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const before = last.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (last.get(key) === mine) last.delete(key);
    }
  };
}
