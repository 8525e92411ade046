import type { ChatAnswer } from '@transaction-guardian/contracts/chat.ts';
import type { SignIn } from '../auth/sign-in.ts';
import type { KeptAnswer } from '../store/verbs/chat/chat-answers.ts';

/** Characters that an address may take. */
export const LINK_ROOM = 400;

/** An answer as it is sent: with the addresses of its links below their texts. */
export function withLinks({ links = [], ...answer }: KeptAnswer, { linkUrl }: Pick<SignIn, 'linkUrl'>): ChatAnswer {
  const blocks = answer.blocks.map((block) => {
    const urls = links.filter(({ line }) => line === block.line).map(({ id, path }) => linkUrl(id, path));
    return urls.length === 0 ? block : { ...block, text: [block.text, ...urls].join('\n') };
  });
  return { ...answer, blocks };
}
