import type { ChatAnswer } from '@transaction-guardian/contracts/chat.ts';
import { progressLine } from '@transaction-guardian/contracts/run-progress.ts';
import type { Outbound } from '../outbound/outgoing.ts';
import type { ThreadTarget } from '../settings.ts';
import { outgoingOf } from './answer.ts';
import type { Guardian, ChatRequest } from './guardian.ts';

const ASK_MS = 2000;
/** A run that takes longer is asked for by hand. */
const MOST_ASKS = 900;
/** Questions in a row that the server may leave unanswered: a runbook may restart it. */
const MOST_AWAY = 60;

/** The question about the run that an answer says goes on; undefined when none does. */
export const progressOf = ({ buttons }: Pick<ChatAnswer, 'buttons'>): string | undefined => progressLine(buttons.map(({ text }) => text));

export interface FollowDeps {
  readonly guardian: Guardian;
  readonly outbound: Outbound;
  readonly wait: (ms: number) => Promise<void>;
}

/** Follows a run to its end and keeps its message as the run is; where a channel cannot change messages, says how it ended. Resolves
 *  at the end, or when `isStopped`. */
export async function reportRun(
  { guardian, outbound, wait }: FollowDeps,
  target: ThreadTarget,
  question: ChatRequest,
  begun: { readonly messageId: string | null; readonly asks: string },
  isStopped: () => boolean,
): Promise<void> {
  let shown = '';
  let away = 0;
  for (let n = 1; n <= MOST_ASKS && away < MOST_AWAY && !isStopped(); n++) {
    await wait(ASK_MS);
    const asked = await guardian.ask({ ...question, text: begun.asks, messageId: `${question.messageId}/progress-${n}` });
    away = asked.kind === 'away' ? away + 1 : 0;
    if (asked.kind === 'away') continue;
    const message = outgoingOf(target.channel, asked.answer);
    const isOver = progressOf(asked.answer) === undefined;
    const text = JSON.stringify(message.lines);
    const isEdited = text === shown || (begun.messageId !== null && (await outbound.edit(target, begun.messageId, message)));
    shown = isEdited ? text : shown;
    if (!isOver) continue;
    if (!isEdited) await outbound.send(target, { ...message, ...(begun.messageId === null ? {} : { replyTo: begun.messageId }) });
    return;
  }
}
