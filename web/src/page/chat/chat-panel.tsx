import { useEffect, useRef, useState, type KeyboardEvent, type SubmitEvent } from 'react';
import type { ChatAnswer } from '@transaction-guardian/contracts/chat.ts';
import { useDeskWords } from '../parts/desk-words.ts';
import type { Desk } from '../parts/use-desk.ts';
import { LinkedText } from './linked-text.tsx';
import type { ChatTalk, Exchange } from './talk.ts';

interface ChatPanelProps {
  readonly talk: ChatTalk;
  readonly opening: NonNullable<Desk['chat']>;
  readonly onClose: () => void;
}

/** The chat beside the page, on a phone over it. */
export function ChatPanel({ talk, opening, onClose }: ChatPanelProps) {
  const { d } = useDeskWords();
  const [line, setLine] = useState(opening.line);
  const field = useRef<HTMLTextAreaElement>(null);
  const end = useRef<HTMLDivElement>(null);
  const taken = useRef<ChatPanelProps['opening'] | null>(null);
  const { exchanges, send } = talk;
  useEffect(() => {
    field.current?.focus();
    if (taken.current === opening) return;
    taken.current = opening;
    if (opening.isSent) send(opening.line);
    setLine(opening.isSent ? '' : opening.line);
  }, [opening, send]);
  useEffect(() => {
    // In braces: some browsers give a promise here, which is nothing to clean up.
    if (exchanges.length > 0) end.current?.scrollIntoView({ block: 'end' });
  }, [exchanges]);
  // The button that said it may go away with its answer.
  const say = (text: string) => {
    field.current?.focus();
    if (text.trim() === '') return;
    send(text.trim());
    setLine('');
  };
  const retry = (exchange: Exchange) => {
    field.current?.focus();
    talk.retry(exchange);
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    say(line);
  };
  const press = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    say(line);
  };
  return (
    <aside className="chat" aria-labelledby="chat-title">
      <div className="chat-head">
        <h2 id="chat-title">{d('desk.chat.title')}</h2>
        <button type="button" className="tool" onClick={onClose} aria-label={d('desk.chat.close')}>
          ✕
        </button>
      </div>
      <div className="chat-log" role="log" aria-label={d('desk.chat.log')}>
        {exchanges.length === 0 && <p className="chat-empty">{d('desk.chat.empty')}</p>}
        {exchanges.map((exchange, index) => {
          const isLast = index === exchanges.length - 1;
          return (
            <ExchangeView
              key={exchange.id}
              {...{ exchange, isLast }}
              isRunning={isLast && talk.isRunning}
              onSay={say}
              onRetry={() => retry(exchange)}
            />
          );
        })}
        <div ref={end} />
      </div>
      <form className="chat-form" onSubmit={submit}>
        <textarea
          ref={field}
          rows={1}
          aria-label={d('desk.chat.ask')}
          placeholder={d('desk.chat.ask')}
          value={line}
          onChange={(event) => setLine(event.currentTarget.value)}
          onKeyDown={press}
          enterKeyHint="send"
        />
        <button type="submit" className="tool is-first">
          {d('desk.chat.send')}
        </button>
      </form>
    </aside>
  );
}

interface ExchangeViewProps {
  readonly exchange: Exchange;
  readonly isLast: boolean;
  /** It is of a run that goes on. */
  readonly isRunning: boolean;
  readonly onSay: (text: string) => void;
  readonly onRetry: () => void;
}

function ExchangeView({ exchange, isLast, isRunning, onSay, onRetry }: ExchangeViewProps) {
  const { d } = useDeskWords();
  const { answer, failure } = exchange;
  return (
    <>
      <p className="chat-mine">
        <span className="visually-hidden">{d('desk.chat.you')}: </span>
        {exchange.text}
      </p>
      {answer !== null && <AnswerView {...{ answer, isLast, onSay }} />}
      {answer === null && failure === null && <p className="chat-note">{d('desk.chat.waiting')}</p>}
      {isRunning && answer !== null && <p className="chat-note">{d('desk.chat.running')}</p>}
      {failure !== null && (
        <div className="chat-failure" role="alert">
          <p>{failure === '' ? d('desk.chat.away') : d('desk.chat.failed', { message: failure })}</p>
          <button type="button" className="tool" onClick={onRetry}>
            {d('desk.chat.retry')}
          </button>
        </div>
      )}
    </>
  );
}

/** Buttons of an older answer are of a list that may be another by now: only those of the last one are offered. */
function AnswerView({
  answer,
  isLast,
  onSay,
}: {
  readonly answer: ChatAnswer;
  readonly isLast: boolean;
  readonly onSay: (text: string) => void;
}) {
  const { d } = useDeskWords();
  const { blocks, attachments, buttons, follow_ups: followUps, more, locale } = answer;
  const said = new Set(buttons.map(({ text }) => text));
  return (
    <div className="chat-theirs" lang={locale}>
      {blocks.map(({ text, line }) => (
        <p key={line} className="chat-text">
          <LinkedText text={text} />
        </p>
      ))}
      {attachments.map(({ type, name, description, width, height, data }) => (
        <img key={name} src={`data:${type};base64,${data}`} alt={description} width={width} height={height} />
      ))}
      {isLast && buttons.length > 0 && (
        <div className="chat-buttons">
          {buttons.map(({ label, text, style }) => (
            <button key={text} type="button" className={`tool chat-${style}`} onClick={() => onSay(text)}>
              {label}
            </button>
          ))}
        </div>
      )}
      {isLast && (more || followUps.some((text) => !said.has(text))) && (
        <div className="chat-buttons" role="group" aria-label={d('desk.chat.follow')}>
          {more && (
            <button type="button" className="tool" onClick={() => onSay(d('desk.chat.more'))}>
              {d('desk.chat.more')}
            </button>
          )}
          {followUps
            .filter((text) => !said.has(text))
            .map((text) => (
              <button key={text} type="button" className="tool chat-follow" onClick={() => onSay(text)}>
                {text}
              </button>
            ))}
        </div>
      )}
    </div>
  );
}
