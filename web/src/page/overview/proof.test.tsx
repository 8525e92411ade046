// @vitest-environment jsdom
import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import type { Delivery } from '@transaction-guardian/contracts/notification.ts';
import type { Ask } from '../../live/ask.ts';
import { WordsProvider } from '../../ui/locale.tsx';
import { Proof } from './proof.tsx';

afterEach(cleanup);

const times = { alerts: 0, detection: null, receipt: null, total: null };
const aReceiver = (changes: Partial<Delivery['receivers'][number]>): Delivery['receivers'][number] => ({
  ...{ receiver: 'phone', channel: 'telegram', last_proven_at: null, age_s: null, state: 'unknown', error: null, chats: [] },
  ...changes,
});

function show(answer: () => Promise<Delivery>, now = Date.now()) {
  const ask = { get: answer, text: async () => '', send: async () => undefined } as unknown as Ask;
  return render(
    <WordsProvider defaultLocale="pt-BR" timeZone="America/Sao_Paulo">
      <Proof ask={ask} now={now} />
    </WordsProvider>,
  );
}

test('each receiver has its state in words and the age of its last proof; only what is proven is green', async () => {
  const receivers = [
    aReceiver({ receiver: 'clawdbot', state: 'proven', age_s: 300 }),
    aReceiver({ receiver: 'phone', state: 'failing', age_s: 7200, error: 'HTTP 500' }),
    aReceiver({ receiver: 'desk', state: 'unproven', age_s: 90 }),
    aReceiver({ receiver: 'quiet' }),
  ];
  const { container } = show(async () => ({ receivers, times }));
  for (const shown of [
    'entrega comprovada',
    'falhando',
    'sem comprovação',
    'desconhecido',
    'resposta HTTP 500',
    'última há 5 min',
    'nenhuma até agora',
  ])
    expect(await screen.findByText(shown)).toBeTruthy();
  expect(container.querySelectorAll('.chip-good')).toHaveLength(1);
});

test('an answer that is old, or that could not be read, is not green', async () => {
  const receivers = [aReceiver({ state: 'proven', age_s: 1 })];
  const { container } = show(async () => ({ receivers, times }), Date.now() + 300_000);
  expect(await screen.findByText(/atualizado há/)).toBeTruthy();
  expect(container.querySelectorAll('.chip-good')).toHaveLength(0);
  cleanup();
  show(() => Promise.reject(new Error('HTTP 503')));
  expect(await screen.findByText(/HTTP 503/)).toBeTruthy();
});

test('how long alerts took is said once there were some', async () => {
  const both = (p50: number, p99: number) => ({ p50, p99 });
  show(async () => ({
    receivers: [aReceiver({ state: 'proven', age_s: 1 })],
    times: { alerts: 12, detection: both(4.2, 9), receipt: both(2, 3), total: both(6.4, 11.6) },
  }));
  expect(
    await screen.findByText(/ao recibo, últimas 24 h: p50 6 s, p99 12 s; até a detecção: p50 4 s, p99 9 s \(12 alertas\)/),
  ).toBeTruthy();
});

test('without receivers it is not there', async () => {
  const { container } = show(async () => ({ receivers: [], times }));
  await expect.poll(() => container.querySelector('.proof')).toBeNull();
});
