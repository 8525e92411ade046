import type { ChatAttachment, ChatButton } from '@transaction-guardian/contracts/chat.ts';
import type { Talk } from '../talk.ts';

/** Answer to one line. `talk`: what is talked about from now on, where that changes. */
export interface Reply {
  readonly text: string;
  readonly talk?: Partial<Talk>;
  readonly buttons?: readonly ChatButton[];
  readonly followUps?: readonly string[];
  readonly attachments?: readonly ChatAttachment[];
  /** A personal link that stands below the text; its address is a secret, which is not kept. */
  readonly link?: { readonly id: string; readonly path: string };
  /** The line is no command. */
  readonly isUnknown?: true;
}

/** What is talked about after a line about these entries of the list: the one, where it is just one. */
export function focusOn(items: readonly { readonly number: number | null }[]): Pick<Reply, 'talk'> {
  const [only] = items;
  return items.length === 1 && only?.number != null ? { talk: { focus: only.number } } : {};
}

/** Lines below a heading, as branches. */
export function branches(lines: readonly string[]): string[] {
  return lines.map((line, at) => `${at === lines.length - 1 ? '└──' : '├──'} ${line}`);
}

/** A heading with its branches. */
export const tree = (heading: string, lines: readonly string[]): string => [heading, ...branches(lines)].join('\n');

/** A button that says what it sends. */
export const button = (label: string, text: string, style: ChatButton['style'] = 'normal'): ChatButton => ({ label, text, style });
