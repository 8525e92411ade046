// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import type { Health } from '@transaction-guardian/contracts/stats.ts';
import { createRef, type ReactNode } from 'react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { aStats, anAlert, anAnomaly, NOW, aResponding } from '../../fixture.ts';
import { AnomalyList } from '../anomaly/anomaly-list.tsx';
import { Header } from './header.tsx';
import { WordsProvider } from '../../ui/locale.tsx';
import { CurrentSituation } from './situation.tsx';
import { Tiles } from './tiles.tsx';

const show = (node: ReactNode) =>
  render(
    <WordsProvider defaultLocale="pt-BR" timeZone="America/Sao_Paulo">
      {node}
    </WordsProvider>,
  );
const progress = { until: NOW, minutesBehind: 0 };
const fresh = { badge: 'live', isStale: false, ageMs: 0, isJudged: true, progress } as const;
const health = { value: { status: 'healthy', uptime: '', uptime_seconds: 274_320, version: '2', checks: {} } as const, at: NOW };

beforeEach(() => {
  localStorage.clear();
  Element.prototype.scrollIntoView = vi.fn();
});
afterEach(cleanup);

test('tiles show the five numbers; calm is green', () => {
  const { container } = show(
    <Tiles state={{ stats: aStats(), health, alerts: [], anomalies: [], loaded: true }} freshness={fresh} now={NOW} streamNow={NOW} />,
  );
  for (const shown of ['1.247', '94,2%', '3d 4h', 'nenhum ativo']) expect(screen.getByText(shown)).toBeTruthy();
  expect(container.querySelectorAll('.tone-good')).toHaveLength(3);
});

test('no tile is green, and each says how old it is, when the data are old', () => {
  const { container } = show(
    <Tiles
      state={{ stats: aStats(), health, alerts: [], anomalies: [], loaded: true }}
      freshness={{ ...fresh, badge: 'stalled', isStale: true, ageMs: 300_000, isJudged: false }}
      now={NOW}
      streamNow={NOW}
    />,
  );
  expect(container.querySelectorAll('.tone-good')).toHaveLength(0);
  expect(screen.getAllByText('atualizado há 5 min')).toHaveLength(5);
});

const behind = { ...fresh, badge: 'behind', isJudged: false, progress: { until: NOW - 349 * 60_000, minutesBehind: 349 } } as const;
const told = 'Avaliado até 21/11 18:11, 349 min de atraso';

test('nothing is green that has not been judged: the tiles and the situation say up to when it has', () => {
  const state = { stats: aStats(), health, alerts: [], anomalies: [], loaded: true };
  const { container } = show(
    <>
      <Tiles state={state} freshness={behind} now={NOW} streamNow={NOW} />
      <CurrentSituation state={state} freshness={behind} streamNow={NOW} now={NOW} onOpen={() => undefined} />
    </>,
  );
  expect(container.querySelectorAll('.tone-good')).toHaveLength(1);
  expect(screen.getAllByText(told)).toHaveLength(3);
  expect(screen.queryByText('Tudo dentro do esperado')).toBeNull();
});

test('an alert that fires while the detector is behind says so too', () => {
  const state = { stats: aStats(), health, alerts: [anAlert(anAnomaly('an_1'))], anomalies: [] };
  show(<CurrentSituation state={state} freshness={behind} streamNow={NOW} now={NOW} onOpen={() => undefined} />);
  expect(screen.getByText(/Crítico: Negadas/)).toBeTruthy();
  expect(screen.getByText(new RegExp(told))).toBeTruthy();
});

test('the situation is not calm while the program is degraded, or does not say', async () => {
  const checks = {
    store: { status: 'ok' },
    detector_lag: {
      status: 'degraded',
      detail: 'judged up to 2025-07-13T08:41:00Z, 9 min behind',
      reasons: [{ code: 'part_behind', params: { until: '2025-07-13T08:41:00Z', minutes: 9 } }],
    },
  } satisfies Health['checks'];
  const degraded = { value: { ...health.value, status: 'degraded', checks }, at: NOW } as const;
  const state = { stats: aStats(), alerts: [], anomalies: [] };
  const page = (known: typeof degraded | typeof health | null, now = NOW) => (
    <WordsProvider defaultLocale="pt-BR" timeZone="UTC">
      <CurrentSituation state={{ ...state, health: known }} freshness={fresh} streamNow={NOW} now={now} onOpen={() => undefined} />
    </WordsProvider>
  );
  const { rerender } = render(page(degraded));
  expect(screen.getByText('O Guardian está degradado')).toBeTruthy();
  expect(await screen.findByText(/^atraso do detector: degradado \(avaliado até .*08:41, 9 min de atraso\)$/)).toBeTruthy();
  for (const silent of [page(null), page(health, NOW + 61_000)]) {
    rerender(silent);
    expect(screen.getByText('O Guardian não informa o próprio estado')).toBeTruthy();
  }
  rerender(page(health));
  expect(screen.getByText('Tudo dentro do esperado')).toBeTruthy();
});

test('what the program says of itself names no slice and no counts', () => {
  const anomaly = anAnomaly('an_own', { type: 'detector_behind', node: { kind: 'fleet' }, slice: { share: 1 } });
  const { container } = show(
    <CurrentSituation
      state={{ stats: aStats(), alerts: [anAlert(anomaly)], anomalies: [anomaly], health }}
      freshness={behind}
      streamNow={NOW}
      now={NOW}
      onOpen={() => undefined}
    />,
  );
  expect(screen.getByText('Crítico: Detector atrasado')).toBeTruthy();
  expect(container.textContent).not.toContain('todo o tráfego');
});

test('tiles count what the banner and the list show, not what an older answer said', () => {
  const anomaly = anAnomaly('an_1');
  const state = {
    stats: aStats({ active_alerts: 0, open_anomalies: 0 }),
    health,
    alerts: [anAlert(anomaly)],
    anomalies: [anomaly],
    loaded: true,
  };
  const { container } = show(<Tiles state={state} freshness={fresh} now={NOW} streamNow={NOW} />);
  expect(screen.queryByText('nenhum ativo')).toBeNull();
  expect(screen.getByText('1 ativo')).toBeTruthy();
  expect(screen.getByText('1 aberta')).toBeTruthy();
  expect(container.querySelectorAll('.tone-critical')).toHaveLength(2);
});

test('before the first load every tile says that the page is connecting', () => {
  const state = { stats: null, health: null, alerts: [], anomalies: [], loaded: false };
  show(<Tiles state={state} freshness={{ ...fresh, badge: 'connecting', isJudged: false }} now={NOW} streamNow={NOW} />);
  expect(screen.getAllByText('conectando')).toHaveLength(5);
  expect(screen.queryByText('nenhuma aberta')).toBeNull();
});

test('before the first transaction the tiles show dashes, not zeros', () => {
  show(
    <Tiles
      state={{ stats: aStats({ stream: 'empty', approval_rate: null }), health: null, alerts: [], anomalies: [], loaded: true }}
      freshness={{ ...fresh, badge: 'empty', isJudged: false }}
      now={NOW}
      streamNow={NOW}
    />,
  );
  expect(screen.getAllByText('–').length).toBeGreaterThanOrEqual(3);
});

test('the situation names the worst alert, since when and what to do, and opens it', () => {
  const onOpen = vi.fn();
  const alert = anAlert(anAnomaly('an_1'));
  show(
    <CurrentSituation
      state={{ stats: aStats(), alerts: [alert], anomalies: [], health }}
      freshness={fresh}
      streamNow={NOW}
      now={NOW}
      onOpen={onOpen}
    />,
  );
  expect(screen.getByText('Crítico: Negadas acima do normal · código 51')).toBeTruthy();
  expect(screen.getByText(/acionar o emissor/)).toBeTruthy();
  expect(screen.getByText(/desde/)).toBeTruthy();
  fireEvent.click(screen.getByText('Ver'));
  expect(onOpen).toHaveBeenCalledWith('an_1');
});

test('the situation names the slice that the row of the anomaly names', () => {
  const anomaly = anAnomaly('an_1', { type: 'approval_rate_down', node: { kind: 'fleet' } });
  const alert = anAlert(anomaly, { slice: {} });
  show(
    <CurrentSituation
      state={{ stats: aStats(), alerts: [alert], anomalies: [anomaly], health }}
      freshness={fresh}
      streamNow={NOW}
      now={NOW}
      onOpen={() => undefined}
    />,
  );
  expect(screen.getByText('Crítico: Taxa de aprovação em queda · negadas · código 51')).toBeTruthy();
});

test('an open anomaly that alerts nobody is said, not called calm', () => {
  show(
    <CurrentSituation
      state={{ stats: aStats(), alerts: [], anomalies: [anAnomaly('an_1'), anAnomaly('an_2')], health }}
      freshness={fresh}
      streamNow={NOW}
      now={NOW}
      onOpen={() => undefined}
    />,
  );
  expect(screen.getByText('2 anomalias abertas, nenhum alerta ativo')).toBeTruthy();
});

test('the header says replay with the time of the stream, and the language switch is remembered', () => {
  const header = (
    <Header
      freshness={{ ...fresh, badge: 'replay' }}
      stats={aStats({ stream: 'replay', stream_now: '2025-07-12T20:09:00Z' })}
      now={NOW}
      streamNow={Date.parse('2025-07-12T20:09:00Z')}
      onPalette={() => undefined}
      onChat={() => undefined}
      onHelp={() => undefined}
      page="overview"
      actorRole={null}
      onGo={() => undefined}
    />
  );
  show(header);
  expect(screen.getByText('Replay · 12/07/2025 17:09')).toBeTruthy();
  fireEvent.click(screen.getByText('EN'));
  expect(screen.getByText('Replay · 12 Jul 2025 17:09')).toBeTruthy();
  cleanup();
  show(header);
  expect(screen.getByText('Replay · 12 Jul 2025 17:09')).toBeTruthy();
  expect(document.documentElement.lang).toBe('en');
});

test('a demonstration says so, and how fast it goes', () => {
  const header = (speed: number, badge: 'live' | 'replay' = 'live') => (
    <Header
      freshness={{ ...fresh, badge }}
      stats={aStats({ demo_speed: speed })}
      now={NOW}
      streamNow={NOW}
      onPalette={() => undefined}
      onChat={() => undefined}
      onHelp={() => undefined}
      page="overview"
      actorRole={null}
      onGo={() => undefined}
    />
  );
  show(header(60));
  expect(screen.getByText('Demo · 60x')).toBeTruthy();
  cleanup();
  show(header(1));
  expect(screen.getByText('Demo · 1x').title).toBe('Tráfego simulado, agora na velocidade do relógio.');
  cleanup();
  show(header(60, 'replay'));
  expect(screen.getByText(/^Demo 60x · \d/).closest('p')?.title).toBe('Tráfego simulado: 60 minutos dele por minuto.');
  expect(screen.queryByText('Demo · 60x')).toBeNull();
});

const judging = { actor: 'session:1', marks: [], failure: null, give: vi.fn(), undo: vi.fn() };

const TWO = [
  anAnomaly('an_1'),
  anAnomaly('an_2', {
    type: 'low_volume',
    severity: 'warning',
    slice: { merchant_id: 'm-7', share: 1 },
    reason: 'Abaixo do esperado.',
  }),
];

test('a row that is resolved still says how severe it was', () => {
  showList('', [anAnomaly('an_3', { status: 'resolved', severity: 'critical', resolved_at: new Date(NOW).toISOString() })]);
  expect(screen.getByText('Resolvida').textContent).toBe('Resolvida Crítico');
});

function showList(query = '', anomalies = TWO) {
  const onToggle = vi.fn();
  show(
    <AnomalyList
      anomalies={anomalies}
      loaded
      query={query}
      onQuery={() => undefined}
      filterRef={createRef()}
      openId={null}
      linkFailure={null}
      onToggle={onToggle}
      api={{
        seriesOf: async () => ({ node: 'fleet', items: [] }),
        silences: async () => ({ items: [], elsewhere: [], next_cursor: null }),
      }}
      streamNow={NOW}
      judging={judging}
      alerts={[]}
      responding={aResponding()}
      now={NOW}
    />,
  );
  return onToggle;
}

test('an anomaly shows severity in words, score, z and observed against expected of the worst minute, and opens', () => {
  const onToggle = showList();
  const row = screen.getAllByRole('button', { expanded: false })[0];
  for (const shown of ['Crítico', 'Negadas acima do normal', 'código 51', '0,97', '+11,2', '38 × 6,1', '268', '7 min'])
    expect(row?.textContent).toContain(shown);
  if (row !== undefined) fireEvent.click(row);
  expect(onToggle).toHaveBeenCalledWith('an_1');
});

test('the filter finds words without accents, in any part that is shown', () => {
  showList('atencao m-7');
  expect(screen.getAllByRole('button', { expanded: false })).toHaveLength(1);
  cleanup();
  showList('nothing like this');
  expect(screen.getByText('Nenhuma anomalia corresponde a “nothing like this”.')).toBeTruthy();
});

test('a stream without data gives the age of the last transaction, and does not call it received', () => {
  const stalled = { ...fresh, badge: 'stalled', isStale: true, ageMs: 300_000, isJudged: false } as const;
  const state = { stats: aStats({ stream: 'stalled' }), health, alerts: [], anomalies: [] };
  const { container } = show(<CurrentSituation state={state} freshness={stalled} streamNow={NOW} now={NOW} onOpen={() => undefined} />);
  expect(container.textContent).toMatch(/Sem dados novos; última transação há 5 min/);
  expect(container.textContent).not.toMatch(/recebido/);
});

test('what fires stays in sight beside data that are old, whether the stream stopped or the connection', () => {
  for (const badge of ['stalled', 'lost'] as const)
    for (const severity of ['critical', 'warning'] as const) {
      const stale = { ...fresh, badge, isStale: true, ageMs: 300_000, isJudged: false } as const;
      const alerts = [{ ...anAlert(anAnomaly('an_1')), severity }];
      const state = { stats: aStats({ stream: 'stalled' }), health, alerts, anomalies: [], loaded: true };
      const { container } = show(
        <>
          <Tiles state={state} freshness={stale} now={NOW} streamNow={NOW} />
          <CurrentSituation state={state} freshness={stale} streamNow={NOW} now={NOW} onOpen={() => undefined} />
        </>,
      );
      const lines = [...container.querySelectorAll('.situation')].map(({ textContent }) => textContent);
      expect(lines).toHaveLength(2);
      expect(lines[0]).toMatch(badge === 'lost' ? /^Conexão com o Guardian perdida/ : /^Sem dados novos; última transação há 5 min/);
      expect(lines[1]).toMatch(severity === 'critical' ? /^Crítico: Negadas/ : /^Atenção: Negadas/);
      const tile = [...container.querySelectorAll('.tile')].find(({ textContent }) => textContent?.startsWith('Alertas ativos'));
      expect(tile?.className).toContain(`tone-${severity}`);
      expect(tile?.textContent).toMatch(/1 ativo · atualizado há 5 min/);
      cleanup();
    }
});

test('no rate stands for a stream that has stopped: its minutes are empty, not without transactions', () => {
  const stalled = { ...fresh, badge: 'stalled', isStale: true, ageMs: 300_000, isJudged: false } as const;
  const stats = aStats({ stream: 'stalled', transactions_per_minute: 0 });
  const { container } = show(
    <Tiles state={{ stats, health, alerts: [], anomalies: [], loaded: true }} freshness={stalled} now={NOW} streamNow={NOW} />,
  );
  expect(container.querySelector('.tile-value')?.textContent).toBe('–');
});
