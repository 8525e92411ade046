// @vitest-environment jsdom
import { render } from '@testing-library/react';
import type { SeriesPoint } from '@transaction-guardian/contracts/stats.ts';
import { expect, test } from 'vitest';
import { aPoint, NOW } from '../fixture.ts';
import { WordsProvider } from '../ui/locale.tsx';
import { Legend } from './legend.tsx';

function legendOf(state: SeriesPoint['state']): string {
  const { minute: _minute, ...fields } = aPoint(0, { state });
  const { container } = render(
    <WordsProvider defaultLocale="pt-BR" timeZone="America/Sao_Paulo">
      <Legend points={[{ ...fields, at: NOW }]} />
    </WordsProvider>,
  );
  return container.textContent;
}

test('the legend names incomplete minutes where there are some', () => {
  expect(legendOf('observed')).not.toContain('Incompleto');
  expect(legendOf('incomplete')).toContain('Incompleto: não avaliado');
});
