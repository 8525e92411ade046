import type { PluginLogger } from '../openclaw.ts';
import { chatOf } from '../settings.ts';
import type { Said, ChatRelay } from './talk.ts';

/** Answers what is said in a chat one after the other, in the order it came; gives what `reply` gives, and true when that failed. */
export function createTurns(log: PluginLogger): (said: Said, talk: Pick<ChatRelay, 'reply'>) => Promise<boolean> {
  const last = new Map<string, Promise<unknown>>();
  return (said, talk) => {
    const chat = chatOf(said.target);
    const mine = (last.get(chat) ?? Promise.resolve()).then(async () => {
      try {
        return await talk.reply(said);
      } catch (error) {
        log.error(`a message of ${chat} was not answered: ${String(error)}`);
        return true;
      } finally {
        if (last.get(chat) === mine) last.delete(chat);
      }
    });
    last.set(chat, mine);
    return mine;
  };
}
