import { pluginText } from '@transaction-guardian/contracts/text/plugin-text.ts';
import { readMessageCode, questionsOf } from '../alert/alert-buttons.ts';
import type { GatewayConfig } from '../openclaw.ts';
import type { Outbound, Outgoing } from '../outbound/outgoing.ts';
import { chatOf, type ThreadTarget, type Settings } from '../settings.ts';
import type { Ledger } from '../state/ledger.ts';
import { awayMessage, outgoingOf } from './answer.ts';
import type { Guardian } from './guardian.ts';
import { writePictures } from './pictures.ts';
import { reportRun, progressOf } from './run-follow.ts';

/** What somebody wrote or tapped. */
export interface Said {
  readonly target: ThreadTarget;
  readonly sender: string;
  readonly messageId: string;
  readonly text: string;
  readonly isGroup: boolean;
  /** Message that it answers, as a quote or by the button in it. */
  readonly replyTo?: string | undefined;
}

/** `model`: the server did not understand it, and the model may. */
export type Answered = { readonly kind: 'message'; readonly message: Outgoing } | { readonly kind: 'model' };

export interface TalkDeps {
  readonly settings: Settings;
  readonly guardian: Guardian;
  readonly outbound: Outbound;
  readonly ledger: Ledger;
  readonly gateway: () => GatewayConfig;
  readonly picturesFolder: string;
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
  readonly isStopped: () => boolean;
}

/** Asks the server what people say. */
export interface ChatRelay {
  /** The answer, unsent. */
  answer(said: Said): Promise<Answered>;
  /** Answers in the chat; false when it is left to the model. A run that begins is followed in the background. */
  reply(said: Said): Promise<boolean>;
}

export function createTalk(deps: TalkDeps): ChatRelay {
  const { settings, guardian, outbound, ledger, gateway } = deps;
  const gone: Outgoing = { lines: [{ text: pluginText(settings.locale, 'plugin.answer.gone') }] };

  const ask = async (said: Said) => {
    const { target, sender, messageId, isGroup } = said;
    const chat = chatOf(target);
    const text = meant(ledger, chat, said);
    if (text === null) return { question: null, asked: null };
    const mayAct = settings.isOwner(target.channel, sender, gateway()) && (!isGroup || settings.actingGroups.includes(chat));
    const question = { channel: target.channel, sender, conversation: target.to, messageId, text, readOnly: !mayAct };
    return { question, asked: await guardian.ask(question) };
  };

  const answer = async (said: Said) => {
    const { question, asked } = await ask(said);
    if (asked === null) return { message: gone, question, asks: undefined };
    if (asked.kind === 'away') return { message: awayMessage(settings.locale, asked.why), question, asks: undefined };
    if (asked.answer.understood === false && settings.modelFallback) return null;
    const pictures = await writePictures(deps.picturesFolder, asked.answer.attachments, deps.now());
    return { message: outgoingOf(said.target.channel, asked.answer, pictures), question, asks: progressOf(asked.answer) };
  };

  return {
    async answer(said) {
      const found = await answer(said);
      return found === null ? { kind: 'model' } : { kind: 'message', message: found.message };
    },
    async reply(said) {
      const found = await answer(said);
      if (found === null) return false;
      // A stranger who was refused a moment ago gets nothing more.
      if (found.message.lines.length === 0) return true;
      const sent = await outbound.send(said.target, { ...found.message, ...(said.isGroup ? { replyTo: said.messageId } : {}) });
      if (found.asks !== undefined && found.question !== null && sent.kind !== 'failed') {
        const begun = { messageId: sent.kind === 'sent' ? sent.messageId : null, asks: found.asks };
        void reportRun(deps, said.target, found.question, begun, deps.isStopped).catch(() => undefined);
      }
      return true;
    },
  };
}

/** Words that act, and mean the message that they answer. */
const BARE = /^\s*(?:(ack|reconhecer|reconheço|acknowledge)|(soneca|snooze)|(runbook)|(útil|util|useful)|(ruído|ruido|noise))\s*$/i;
const LETTERS = ['a', 's', 'r', 'u', 'n'];

/** What a text asks: a code or a bare word about a message of ours becomes the alerts of that message. Null for a code of a message
 *  that is forgotten. */
function meant(ledger: Ledger, chat: string, { text, replyTo }: Said): string | null {
  const code = readMessageCode(text);
  if (code !== null) {
    const told = ledger.byNumber(chat, code.number);
    return told === undefined ? null : questionsOf(code.letter, told);
  }
  const letter = LETTERS[(BARE.exec(text) ?? []).slice(1).findIndex((word) => word !== undefined)];
  const told = replyTo === undefined || letter === undefined ? undefined : ledger.byMessage(chat, replyTo);
  return told === undefined || letter === undefined ? text : questionsOf(letter, told);
}
