// @vitest-environment jsdom
import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Locale } from '@transaction-guardian/contracts/text/render-text.ts';
import { anAlert, anAnomaly, aStats, NOW } from '../fixture.ts';
import { useWords, WordsProvider } from './locale.tsx';
import { CurrentSituation } from '../page/overview/situation.tsx';

beforeEach(() => localStorage.clear());
afterEach(cleanup);

const Said = () => <p>{useWords().t('console.merchants.title')}</p>;
const said = (languages: readonly string[], configured?: Locale) => {
  vi.spyOn(navigator, 'languages', 'get').mockReturnValue(languages);
  cleanup();
  render(
    <WordsProvider defaultLocale={configured}>
      <Said />
    </WordsProvider>,
  );
  return screen.getByRole('paragraph').textContent;
};

test('the page speaks the language of the browser, unless one is configured, was when it was open last, or was chosen here', () => {
  expect(said(['en-US', 'en'])).toBe('Merchants');
  expect(said(['pt-PT'])).toBe('Lojistas');
  expect(said(['de', 'en'])).toBe('Merchants');
  expect(said(['ja'])).toBe('Lojistas');
  expect(said(['en-US'], 'pt-BR')).toBe('Lojistas');
  expect(said(['en-US'])).toBe('Lojistas');
  localStorage.setItem('guardian.locale', 'en');
  expect(said(['pt-BR'], 'pt-BR')).toBe('Merchants');
});

test('what to do about an alert is reported in the language of the reader, whatever the server stored', () => {
  const health = { value: { status: 'healthy', uptime: '', uptime_seconds: 1, version: '2', checks: {} } as const, at: NOW };
  const progress = { until: NOW, minutesBehind: 0 };
  render(
    <WordsProvider defaultLocale="en">
      <CurrentSituation
        state={{ stats: aStats(), alerts: [anAlert(anAnomaly('an_1'), { action: 'Verifique o emissor.' })], anomalies: [], health }}
        freshness={{ badge: 'live', isStale: false, ageMs: 0, isJudged: true, progress }}
        streamNow={NOW}
        now={NOW}
        onOpen={() => undefined}
      />
    </WordsProvider>,
  );
  expect(screen.queryByText('Verifique o emissor.')).toBeNull();
  expect(screen.getByText(/escalate to the issuer/)).toBeTruthy();
});
