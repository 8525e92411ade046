// @vitest-environment jsdom
import { act, cleanup, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WordsProvider } from '../../ui/locale.tsx';
import { useLoaded } from './loaded.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const wrapper = ({ children }: { readonly children: ReactNode }) => (
  <WordsProvider defaultLocale="pt-BR" timeZone="America/Sao_Paulo">
    {children}
  </WordsProvider>
);
const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

test('what is read seldom is read again soon after a reading that failed, and seldom after one that did not', async () => {
  const load = vi.fn<() => Promise<string>>().mockRejectedValueOnce(new Error('503')).mockResolvedValue('whole');
  const { result } = renderHook(() => useLoaded(load, 300_000), { wrapper });
  await pass(0);
  expect(result.current).toMatchObject({ value: null, failure: '503' });
  await pass(15_000);
  expect(result.current).toMatchObject({ value: 'whole', failure: null });
  await pass(299_000);
  expect(load).toHaveBeenCalledTimes(2);
  await pass(1_000);
  expect(load).toHaveBeenCalledTimes(3);
});
