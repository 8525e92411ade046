// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RunRecord } from '@transaction-guardian/contracts/runbook.ts';
import type { RunbookProgress } from '@transaction-guardian/contracts/read.ts';
import type { Ask } from '../../live/ask.ts';
import { WordsProvider } from '../../ui/locale.tsx';
import { RunPage } from './run-page.tsx';

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const RUN = {
  ...{ id: 'r1', runbook: 'restart-api', state: 'running', reason: null, leaves: null, started_at: '2026-11-22T03:00:00Z', ended_at: null },
  ...{ requested_by: { id: 'local', kind: 'local', name: 'local program', claimed_name: 'root' }, channel: 'cli' },
  ...{ confirmed_by: { id: 'ana', kind: 'person', name: 'Ana', claimed_name: 'ana' }, cancelled_by: null },
  ...{ parameters: {}, file_hash: 'abcdef', steps: [], cleanup: [], resumes: null },
} as unknown as RunRecord;

const page = (ask: Ask, progress: RunbookProgress | undefined, isLive: boolean) => (
  <WordsProvider defaultLocale="pt-BR" timeZone="America/Sao_Paulo">
    <RunPage id="r1" now={Date.now()} onGo={() => undefined} {...{ ask, progress, isLive }} />
  </WordsProvider>
);
const progress = (text: string): RunbookProgress => ({ id: 'r1', runbook: 'restart-api', state: 'running', text });

test('a run is read when the stream says that it went on, and asked for only while the stream is down', async () => {
  const get = vi.fn(async () => RUN);
  const ask = { get } as unknown as Ask;
  const { rerender } = render(page(ask, undefined, true));
  await screen.findByText('restart-api');
  // Whoever ran a command is named as the timeline and the chat do.
  expect([screen.queryByText('root (cli)'), screen.queryByText('Ana')]).not.toContain(null);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(get).toHaveBeenCalledTimes(1);
  rerender(page(ask, progress('1'), true));
  await waitFor(() => expect(get).toHaveBeenCalledTimes(2));
  rerender(page(ask, progress('2'), true));
  await waitFor(() => expect(get).toHaveBeenCalledTimes(3));
  rerender(page(ask, progress('2'), false));
  await vi.advanceTimersByTimeAsync(6_500);
  expect(get.mock.calls.length).toBeGreaterThanOrEqual(6);
});

test('a run is cancelled, and what was cancelled resumed as a run of its own', async () => {
  let state = 'running';
  const get = async () => ({ ...RUN, state, cancelled_by: state === 'running' ? null : { id: 'ana', name: 'Ana' } });
  const send = vi.fn(async (_method: string, path: string) => {
    if (path.endsWith('/cancel')) state = 'cancelled';
    return { run: { id: 'r2' }, confirmation: null };
  });
  const onGo = vi.fn();
  render(
    <WordsProvider defaultLocale="pt-BR" timeZone="America/Sao_Paulo">
      <RunPage id="r1" ask={{ get, send } as unknown as Ask} now={Date.now()} onGo={onGo} progress={undefined} isLive />
    </WordsProvider>,
  );
  fireEvent.click(await screen.findByRole('button', { name: 'Cancelar execução' }));
  fireEvent.click(await screen.findByRole('button', { name: 'Retomar' }));
  await waitFor(() => expect(onGo).toHaveBeenCalledWith({ page: 'run', id: 'r2' }));
  expect(send.mock.calls.map(([method, path]) => `${method} ${path}`)).toEqual([
    'POST /runbook-runs/r1/cancel',
    'POST /runbook-runs/r1/resume',
  ]);
});
