import { useCallback, useEffect, useRef, useState } from 'react';
import type { ChatAnswer, ChatMessage } from '@transaction-guardian/contracts/chat.ts';
import { progressLine } from '@transaction-guardian/contracts/run-progress.ts';
import { ApiError, messageOf } from '../../live/ask.ts';

/** What was written, and what was answered. `failure`: why it did not arrive, '': the server was not reached; then it may be sent
 *  again. */
export interface Exchange {
  readonly id: string;
  readonly text: string;
  readonly answer: ChatAnswer | null;
  readonly failure: string | null;
}

export interface ChatTalk {
  readonly exchanges: readonly Exchange[];
  /** The last answer is of a run that goes on, and is read again. */
  readonly isRunning: boolean;
  readonly send: (text: string) => void;
  /** Sends a message again that did not arrive, as the same one: what it asks for is done once. */
  readonly retry: (exchange: Exchange) => void;
}

export type PostChat = (message: ChatMessage) => Promise<ChatAnswer>;

/** How often a run that goes on is looked at. */
const PROGRESS_MS = 3000;
/** Exchanges that are kept. */
const MOST = 100;

/** A conversation of this tab with the chat. */
export function useTalk(post: PostChat): ChatTalk {
  const [exchanges, setExchanges] = useState<readonly Exchange[]>([]);
  const conversation = useRef(randomName());
  const ask = useCallback(
    async (id: string, text: string) =>
      post({ channel: 'console', sender: 'console', conversation: conversation.current, message_id: id, text }),
    [post],
  );
  const put = useCallback((next: Exchange) => {
    setExchanges((before) => {
      const isKnown = before.some(({ id }) => id === next.id);
      return (isKnown ? before.map((one) => (one.id === next.id ? next : one)) : [...before, next]).slice(-MOST);
    });
  }, []);
  const deliver = useCallback(
    async (id: string, text: string) => {
      put({ id, text, answer: null, failure: null });
      try {
        put({ id, text, answer: await ask(id, text), failure: null });
      } catch (error) {
        put({ id, text, answer: null, failure: error instanceof ApiError && error.status === 0 ? '' : messageOf(error) });
      }
    },
    [ask, put],
  );
  const last = exchanges.at(-1);
  const progress = last?.answer == null ? undefined : progressLine(last.answer.follow_ups);
  useEffect(() => {
    if (last === undefined || progress === undefined) return;
    let isWanted = true;
    const timer = setTimeout(() => {
      ask(randomName(), progress).then(
        (answer) => isWanted && put({ ...last, answer }),
        // A server that restarts itself is away for a moment: the answer stays as it was, and is asked for again.
        () => isWanted && put({ ...last }),
      );
    }, PROGRESS_MS);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [ask, put, last, progress]);
  // They stay the same while exchanges come and go.
  const send = useCallback((text: string) => void deliver(randomName(), text), [deliver]);
  const retry = useCallback(({ id, text }: Exchange) => void deliver(id, text), [deliver]);
  return { exchanges, isRunning: progress !== undefined, send, retry };
}

/** A name that nobody else has; `crypto.randomUUID` is not there over plain HTTP. */
const randomName = (): string => [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
