// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import type { Ask } from '../../live/ask.ts';
import { WordsProvider } from '../../ui/locale.tsx';
import { ShiftPage } from './shift-page.tsx';

afterEach(cleanup);

test('a briefing is accepted once, and a cause that burns the budget is demoted from it', async () => {
  let accepted: object | null = null;
  const demotions = [{ cause: 'denials|51', texts: { 'pt-BR': 'Negadas, código 51', en: 'Denials, code 51' }, pages: 9, budget: 2 }];
  const noise = { pages: 9, budget: 2, burn: 1.2, useful_share: null, short_share: null, demotions };
  const send = vi.fn(async (_method: string, path: string) => {
    if (path.endsWith('/accept')) accepted = { id: 'ana', name: 'Ana' };
  });
  const get = async () => ({ id: 'night-1', kind: 'start', accepted_by: accepted, facts: { noise } });
  const onGo = vi.fn();
  render(
    <WordsProvider defaultLocale="pt-BR" timeZone="America/Sao_Paulo">
      <ShiftPage id="night-1" ask={{ get, send, text: async () => '# Turno' } as unknown as Ask} now={Date.now()} onGo={onGo} />
    </WordsProvider>,
  );
  fireEvent.click(await screen.findByRole('button', { name: 'Aceitar' }));
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Aceitar' })).toBeNull());
  fireEvent.click(screen.getByRole('button', { name: 'Rebaixar por uma semana' }));
  await waitFor(() => expect(onGo).toHaveBeenCalledWith({ page: 'silences' }));
  expect(send.mock.calls.map(([method, path]) => `${method} ${path}`)).toEqual([
    'POST /briefings/night-1/accept',
    'POST /briefings/night-1/demotions/denials%7C51',
  ]);
});
