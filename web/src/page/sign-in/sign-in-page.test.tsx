// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WordsProvider } from '../../ui/locale.tsx';
import { SignInPage } from './sign-in-page.tsx';
import { takeWanted } from './wanted.ts';

beforeEach(() => {
  localStorage.clear();
  history.replaceState(null, '', '/');
});
afterEach(cleanup);

const show = (onCode = vi.fn(async () => undefined), isExpired = false) => {
  render(
    <WordsProvider defaultLocale="pt-BR" timeZone="America/Sao_Paulo">
      <SignInPage isExpired={isExpired} onCode={onCode} />
    </WordsProvider>,
  );
  return onCode;
};

test('the page names each way in, in the language of the reader', () => {
  show();
  expect(screen.getByText(/^Escreva link para o bot/)).toBeTruthy();
  expect(screen.getByText('npx guardian link')).toBeTruthy();
  expect(screen.getByText(/npx guardian access code/)).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: 'EN' }));
  expect(screen.getByText(/^Write link to the bot/)).toBeTruthy();
});

test('a link that is no longer good is said', () => {
  show(undefined, true);
  expect(screen.getByText(/expirou/)).toBeTruthy();
});

test('a code is sent as it was typed; what the server refuses is shown, and one may try again', async () => {
  const onCode = vi.fn(async () => Promise.reject(new Error('Este código não é válido')));
  show(onCode);
  fireEvent.change(screen.getByLabelText('Com um código'), { target: { value: '7k3m 9qxa' } });
  fireEvent.submit(screen.getByRole('button', { name: 'Entrar' }));
  await screen.findByText('Este código não é válido');
  expect(onCode).toHaveBeenCalledWith('7k3m 9qxa');
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Entrar' }).disabled).toBe(false);
});

test('the page of a link is kept for the sign-in, the first page is not', () => {
  show();
  expect(takeWanted(Date.now())).toBeNull();
  cleanup();
  history.replaceState(null, '', '/anomalies/an_1');
  show();
  expect(screen.getByText(/direto para a página deste link/)).toBeTruthy();
  expect(takeWanted(Date.now())).toBe('/anomalies/an_1');
});
