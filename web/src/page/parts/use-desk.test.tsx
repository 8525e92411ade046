// @vitest-environment jsdom
import { act, renderHook } from '@testing-library/react';
import { expect, test } from 'vitest';
import { useDesk } from './use-desk.ts';

test('a dialog that reports late that it was closed does not close the palette that was opened since', () => {
  const { result } = renderHook(() => useDesk());
  act(() => result.current.openPalette(null));
  const first = result.current.palette?.opening ?? 0;
  act(() => result.current.openPalette('fp-1'));
  act(() => result.current.closePalette(first));
  expect(result.current.palette?.alert).toBe('fp-1');
  act(() => result.current.closePalette(result.current.palette?.opening ?? 0));
  expect(result.current.palette).toBe(null);
});
