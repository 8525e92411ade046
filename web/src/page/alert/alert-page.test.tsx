// @vitest-environment jsdom
import { cleanup, render } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import type { Api } from '../../live/api.ts';
import type { Ask } from '../../live/ask.ts';
import { anAlert, anAnomaly } from '../../fixture.ts';
import { WordsProvider } from '../../ui/locale.tsx';
import type { Judging } from '../anomaly/judging.ts';
import type { Responding } from '../respond/responding.ts';
import { AlertDetailPage } from './alert-page.tsx';

const NOW = Date.parse('2026-11-22T03:20:00.000Z');
const ALERT = anAlert(anAnomaly('an_1'));

const get = vi.fn(() => new Promise<never>(() => undefined));
const ask: Ask = { get, text: get, send: get };

const page = (alerts: readonly AlertView[]) => (
  <WordsProvider defaultLocale="pt-BR" timeZone="America/Sao_Paulo">
    <AlertDetailPage
      {...{ ask, alerts, streamNow: NOW, now: NOW, onGo: () => undefined }}
      {...{ id: ALERT.anomaly_id, api: {} as Api, responding: {} as Responding, judging: {} as Judging }}
    />
  </WordsProvider>
);

beforeEach(() => {
  cleanup();
  get.mockClear();
});

test('an alert is read once when its page opens, and again when the stream says that it has changed', () => {
  const { rerender } = render(page([ALERT]));
  expect(get.mock.calls).toEqual([[`/alerts/${ALERT.anomaly_id}`]]);
  rerender(page([ALERT]));
  expect(get).toHaveBeenCalledTimes(1);
  rerender(page([{ ...ALERT, acknowledged_by: { id: 'ana', name: 'Ana' } }]));
  expect(get).toHaveBeenCalledTimes(2);
});
