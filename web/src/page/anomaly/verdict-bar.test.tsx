// @vitest-environment jsdom
import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { anAnomaly } from '../../fixture.ts';
import { WordsProvider } from '../../ui/locale.tsx';
import { VerdictBar } from './verdict-bar.tsx';

afterEach(cleanup);

test('who judged is named as configured, by the id once configured no more, and a session by its short id', () => {
  const said = (number: number, by: string, by_name: string) => ({ number, anomaly_id: 'an_1', verdict: 'noise' as const, by, by_name });
  const marks = [said(1, 'ana', 'Ana Souza'), said(2, 'left', 'left'), said(3, 'session:1f2e', 'session:1f2e')];
  const judging = { actor: 'bia', marks, failure: null, give: vi.fn(), undo: vi.fn() };
  render(
    <WordsProvider defaultLocale="pt-BR" timeZone="America/Sao_Paulo">
      <VerdictBar anomaly={anAnomaly('an_1')} judging={judging} />
    </WordsProvider>,
  );
  expect(screen.getByRole('status').textContent).toBe('Ruído, por Ana Souza · Ruído, por left · Ruído, por sessão do console 1f2e');
});
