// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { beforeEach, expect, test, vi } from 'vitest';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import { aResponding, aSilence, anAlert, anAnomaly } from '../../fixture.ts';
import { reduce } from '../../live/reducer.ts';
import { INITIAL_STATE } from '../../live/model.ts';
import { WordsProvider } from '../../ui/locale.tsx';
import { AlertStateLines, AlertStateTags } from './alert-state.tsx';
import { RespondBar } from './respond-bar.tsx';

const NOW = Date.parse('2026-11-22T03:20:00.000Z');
const ANA = { id: 'ana', name: 'Ana' };
const alert = (fields: Partial<AlertView> = {}) => anAlert(anAnomaly('an_1'), fields);
const show = (children: ReactNode) =>
  render(
    <WordsProvider defaultLocale="pt-BR" timeZone="America/Sao_Paulo">
      {children}
    </WordsProvider>,
  );

beforeEach(() => {
  cleanup();
  HTMLDialogElement.prototype.showModal = function showModal() {
    this.open = true;
  };
});

test('the state of an alert names owner and end of everything that holds it back', () => {
  const held = alert({
    ...{ acknowledged_by: ANA, acknowledged_at: '2026-11-22T03:10:00.000Z', acknowledged_until: '2026-11-22T03:40:00.000Z' },
    ...{ snoozed_by: ANA, snoozed_until: '2026-11-22T03:35:00.000Z', silenced_by: ['si_1', 'si_2'], inhibited_by: ['fp-an_0'] },
  });
  const parent = { ...anAlert(anAnomaly('an_0', { type: 'no_data' })), slice: {} };
  show(<AlertStateLines alert={held} alerts={[parent]} silences={new Map([['si_1', aSilence()]])} now={NOW} />);
  expect(screen.getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual([
    'Reconhecido por Ana, 00:10; notifica de novo a partir de 00:40 se continuar ativo',
    'Em soneca até 00:35, por Ana',
    'Silenciado por Ana até 02:00: troca de adquirente',
    'Silenciado',
    'Não notifica: consequência de Sem dados · todo o tráfego',
  ]);
  cleanup();
  show(<AlertStateTags alert={held} />);
  expect(document.body.textContent).toBe('Reconhecido: AnaEm sonecaSilenciadoInibido');
  cleanup();
  show(<AlertStateLines alert={alert()} alerts={[]} silences={new Map()} now={NOW} />);
  expect(screen.queryAllByRole('list')).toHaveLength(0);
});

test('an alert can be acknowledged, snoozed, and both taken back', () => {
  const [acknowledge, snooze, unacknowledge, unsnooze] = [vi.fn(), vi.fn(), vi.fn(), vi.fn()];
  const responding = aResponding({ acknowledge, snooze, unacknowledge, unsnooze });
  show(<RespondBar alert={alert()} responding={responding} />);
  fireEvent.click(screen.getByRole('button', { name: 'Reconhecer' }));
  expect(acknowledge).toHaveBeenCalledTimes(1);
  fireEvent.click(screen.getByRole('button', { name: 'Soneca 1 h' }));
  expect(snooze.mock.calls[0]?.[1]).toBe(60);
  cleanup();
  const held = alert({ acknowledged_by: ANA, snoozed_by: ANA, snoozed_until: '2026-11-22T03:35:00.000Z', silenced_by: ['si_1'] });
  show(<RespondBar alert={held} responding={responding} />);
  fireEvent.click(screen.getByRole('button', { name: 'Desfazer reconhecimento' }));
  fireEvent.click(screen.getByRole('button', { name: 'Encerrar soneca' }));
  expect([unacknowledge.mock.calls.length, unsnooze.mock.calls.length]).toEqual([1, 1]);
  expect(screen.queryByRole('button', { name: 'Silenciar a causa…' })).toBeNull();
});

test('a refusal is said beside the alert that it is about', () => {
  const failure = { fingerprint: 'fp-an_1', message: 'Ana já reconheceu este alerta às 00:10.' };
  show(<RespondBar alert={alert()} responding={aResponding({ failure })} />);
  expect(screen.getByRole('status').textContent).toBe('Não foi registrado: Ana já reconheceu este alerta às 00:10.');
  cleanup();
  show(<RespondBar alert={anAlert(anAnomaly('an_2'))} responding={aResponding({ failure })} />);
  expect(screen.getByRole('status').textContent).toBe('');
});

test('silencing the cause asks for how long and why, and stays open while the server refuses', async () => {
  const silence = vi.fn(async () => silence.mock.calls.length > 1);
  show(<RespondBar alert={alert()} responding={aResponding({ silence })} />);
  fireEvent.click(screen.getByRole('button', { name: 'Silenciar a causa…' }));
  fireEvent.change(screen.getByLabelText('Duração'), { target: { value: '4' } });
  fireEvent.change(screen.getByLabelText('Motivo'), { target: { value: 'troca' } });
  fireEvent.click(screen.getByRole('button', { name: 'Silenciar' }));
  await waitFor(() => expect(silence).toHaveBeenCalledWith(expect.anything(), { minutes: 240, reason: 'troca' }));
  expect(screen.getByRole('dialog')).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: 'Silenciar' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

test('what notifies stands above what is acknowledged, and that above what is hidden', () => {
  const hidden = anAlert(anAnomaly('an_hidden'), { silenced_by: ['si_1'] });
  const owned = anAlert(anAnomaly('an_owned'), { acknowledged_by: ANA });
  const free = anAlert(anAnomaly('an_free', { severity: 'info' }));
  const state = [hidden, owned, free].reduce((before, one) => reduce(before, { type: 'alert', alert: one }), INITIAL_STATE);
  expect(state.alerts.map(({ anomaly_id: id }) => id)).toEqual(['an_free', 'an_owned', 'an_hidden']);
});
