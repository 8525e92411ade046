// @vitest-environment jsdom
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ChatAnswer } from '@transaction-guardian/contracts/chat.ts';
import { WordsProvider } from '../../ui/locale.tsx';
import { ChatPanel } from './chat-panel.tsx';
import { useTalk, type PostChat } from './talk.ts';

const RUNNING: ChatAnswer = {
  ...{ blocks: [{ type: 'text', text: 'Passo 1 de 3', line: 1 }], attachments: [], more: false, locale: 'pt-BR' },
  buttons: [{ label: 'Status', text: 'status', style: 'normal' }],
  follow_ups: ['andamento'],
};
const OPENING = { line: 'runbook restart-api', isSent: true };

function Console({ post }: { readonly post: PostChat }) {
  const talk = useTalk(post);
  return (
    <WordsProvider defaultLocale="pt-BR" timeZone="America/Sao_Paulo">
      <input aria-label="Filtro" />
      <ChatPanel talk={talk} opening={OPENING} onClose={() => undefined} />
    </WordsProvider>
  );
}

const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

beforeEach(() => {
  vi.useFakeTimers();
  // jsdom does not scroll.
  Element.prototype.scrollIntoView = () => undefined;
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

test('a run that goes on is read again, and takes the focus from no other field', async () => {
  const post = vi.fn<PostChat>(async () => RUNNING);
  render(<Console post={post} />);
  await pass(0);
  expect(post.mock.lastCall?.[0].text).toBe('runbook restart-api');
  screen.getByLabelText('Filtro').focus();
  await pass(3000);
  expect(post.mock.lastCall?.[0].text).toBe('andamento');
  expect(document.activeElement).toBe(screen.getByLabelText('Filtro'));
});

test('a button of an answer, which goes away with it, leaves the focus in the field of the chat', async () => {
  const post = vi.fn<PostChat>(async () => RUNNING);
  render(<Console post={post} />);
  await pass(0);
  const button = screen.getByRole('button', { name: 'Status' });
  button.focus();
  fireEvent.click(button);
  await pass(0);
  expect(post.mock.lastCall?.[0].text).toBe('status');
  expect(document.activeElement?.tagName).toBe('TEXTAREA');
});
