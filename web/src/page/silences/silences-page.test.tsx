// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Maintenance } from '@transaction-guardian/contracts/silence.ts';
import { aSilence } from '../../fixture.ts';
import { WordsProvider } from '../../ui/locale.tsx';
import type { SilencesApi } from './silences-api.ts';
import { SilencesPage } from './silences-page.tsx';

const NOW = Date.parse('2026-11-22T03:20:00.000Z');
const WINDOW: Maintenance = {
  ...{ id: 'mw_1', status: 'planned', name: 'janela da Rede', matchers: ['acquirer="rede"'], max_severity: 'critical', once: null },
  weekly: { days: ['sun', 'mon'], start: '02:00', end: '04:00', time_zone: 'America/Sao_Paulo' },
  next: { starts_at: '2026-11-22T05:00:00.000Z', ends_at: '2026-11-22T07:00:00.000Z' },
  ...{ created_by: { id: 'ana', name: 'Ana' }, created_at: '2026-11-20T03:00:00.000Z', ended_by: null },
};

function show(fields: Partial<SilencesApi> = {}) {
  const api: SilencesApi = {
    silences: async () => ({
      items: [aSilence(), aSilence({ id: 'si_0', status: 'expired', hidden: [], hidden_count: 0, reason: 'antiga' })],
      elsewhere: [],
      next_cursor: null,
    }),
    maintenance: async () => ({ items: [WINDOW] }),
    createSilence: vi.fn(async () => aSilence()),
    endSilence: vi.fn(async () => aSilence()),
    endElsewhere: vi.fn(async (fingerprint: string) => ({ fingerprint, name: 'HostDown', not_in: [] })),
    createMaintenance: vi.fn(async () => WINDOW),
    endMaintenance: vi.fn(async () => WINDOW),
    ...fields,
  };
  render(
    <WordsProvider defaultLocale="pt-BR" timeZone="America/Sao_Paulo">
      <SilencesPage api={api} now={NOW} />
    </WordsProvider>,
  );
  return api;
}

beforeEach(cleanup);

test('a period over midnight names the day on which it ends, also when that is today', async () => {
  const night = { starts_at: '2026-11-21T23:00:00.000Z', ends_at: '2026-11-22T06:00:00.000Z' };
  const weekly = { ...WINDOW.weekly, start: '22:00', end: '02:00' } as NonNullable<Maintenance['weekly']>;
  show({
    silences: async () => ({ items: [aSilence(night)], elsewhere: [], next_cursor: null }),
    maintenance: async () => ({ items: [{ ...WINDOW, weekly }] }),
  });
  await screen.findByText('21/11 20:00 a 22/11 03:00');
  await screen.findByText('dom, seg, 22:00–02:00 do dia seguinte (America/Sao_Paulo)');
});

test('silences stand with owner, times and what they hide; those that ended apart', async () => {
  show();
  await screen.findByText('janela da Rede');
  const [active, planned, expired] = screen.getAllByRole('region');
  for (const part of [
    'Ativo',
    '00:00 a 02:00',
    'Ana: troca de adquirente',
    'merchant_id="m-1"',
    'Alertas críticos continuam',
    '1 alerta oculto',
  ])
    expect(active?.textContent).toContain(part);
  expect(active?.textContent).toContain('GuardianLowVolume m-1 · ativo');
  for (const part of ['Planejada', 'janela da Rede', 'dom, seg, 02:00–04:00 (America/Sao_Paulo)', 'Próxima: 02:00 a 04:00'])
    expect(planned?.textContent).toContain(part);
  expect(expired?.textContent).toContain('Não ocultou nenhum alerta');
});

test('an alert of other rules that somebody took stands with its owner, apart', async () => {
  const held = { at: '2026-11-22T03:10:00.000Z', until: '2026-11-22T03:40:00.000Z', by: 'Ana' };
  const [taken, silenced] = [
    { ...held, fingerprint: 'f1', name: 'HostDown', labels: { alertname: 'HostDown', instance: 'db-1' }, kind: 'acknowledge' as const },
    { ...held, fingerprint: 'f2', name: 'DiskFull', labels: { alertname: 'DiskFull' }, kind: 'silence' as const },
  ];
  const api = show({ silences: async () => ({ items: [], elsewhere: [taken, silenced], next_cursor: null }) });
  const panel = (await screen.findByText('De outras regras, só no Alertmanager')).closest('section');
  for (const part of ['HostDown Com Ana desde 00:10, até 00:40', 'instance="db-1"', 'DiskFull Silenciado por Ana até 00:40'])
    expect(panel?.textContent).toContain(part);
  fireEvent.click(screen.getAllByRole('button', { name: 'Encerrar agora' })[1] as HTMLElement);
  await waitFor(() => expect(api.endElsewhere).toHaveBeenCalledWith('f2'));
});

test('a silence is made by matchers, one a line, and ended', async () => {
  const api = show();
  await screen.findByText('janela da Rede');
  fireEvent.change(screen.getAllByLabelText(/^Condições/)[0] as HTMLElement, { target: { value: 'merchant_id="m-2"\n\n type="spike" ' } });
  fireEvent.change(screen.getByLabelText('Motivo'), { target: { value: 'promoção' } });
  fireEvent.click(screen.getByRole('button', { name: 'Silenciar', hidden: true }));
  await waitFor(() =>
    expect(api.createSilence).toHaveBeenCalledWith({
      ...{ matchers: ['merchant_id="m-2"', 'type="spike"'], max_severity: 'critical', minutes: 60, reason: 'promoção' },
    }),
  );
  fireEvent.click(screen.getByRole('button', { name: 'Encerrar agora' }));
  expect(api.endSilence).toHaveBeenCalledWith('si_1');
});

test('a window that comes once is planned by the zone of the server', async () => {
  const api = show();
  await screen.findByText('janela da Rede');
  fireEvent.change(screen.getByLabelText('Nome'), { target: { value: 'virada' } });
  fireEvent.change(screen.getAllByLabelText(/^Condições/)[1] as HTMLElement, { target: { value: 'acquirer="rede"' } });
  fireEvent.change(screen.getByLabelText('Dia'), { target: { value: '2026-11-29' } });
  fireEvent.click(screen.getByRole('button', { name: 'Planejar', hidden: true }));
  const day = { days: ['sun'], from: '2026-11-29', until: '2026-11-29' };
  await waitFor(() =>
    expect(api.createMaintenance).toHaveBeenCalledWith({
      ...{ name: 'virada', matchers: ['acquirer="rede"'] },
      weekly: { ...day, start: '02:00', end: '04:00', time_zone: 'America/Sao_Paulo' },
    }),
  );
});

test('what the server refuses, and a list that cannot be read, are said', async () => {
  show({ endSilence: async () => Promise.reject(new Error('Já terminou.')) });
  await screen.findByText('janela da Rede');
  fireEvent.click(screen.getByRole('button', { name: 'Encerrar agora' }));
  expect((await screen.findByRole('alert')).textContent).toBe('Não foi registrado: Já terminou.');
  cleanup();
  show({ silences: async () => Promise.reject(new Error('o banco não respondeu')) });
  expect((await screen.findByRole('alert')).textContent).toContain('o banco não respondeu');
});
