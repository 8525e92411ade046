// @vitest-environment jsdom
import { render, renderHook } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { useShortcuts, type ShortcutActions } from './shortcuts.ts';

const NOTHING: ShortcutActions = {
  onFilter: () => undefined,
  onHelp: () => undefined,
  onEscape: () => undefined,
  onRange: () => undefined,
  onVerdict: () => undefined,
  onUndo: () => undefined,
  onAcknowledge: () => undefined,
  onSnooze: () => undefined,
  onRunbook: () => undefined,
  onPalette: () => undefined,
  onChat: () => undefined,
};

const press = (target: Element, key: string, ctrlKey = false) =>
  target.dispatchEvent(new KeyboardEvent('keydown', { key, ctrlKey, bubbles: true }));

test('keys that are typed into a field stay there; a dialog that has just closed keeps the focus and takes none', () => {
  const onPalette = vi.fn();
  const onAcknowledge = vi.fn();
  renderHook(() => useShortcuts({ ...NOTHING, onPalette, onAcknowledge }));
  const { getByLabelText } = render(
    <>
      <input aria-label="search" />
      <dialog>
        <input aria-label="shut" />
      </dialog>
    </>,
  );
  press(getByLabelText('search'), 'k', true);
  press(getByLabelText('search'), 'a');
  expect([onPalette.mock.calls.length, onAcknowledge.mock.calls.length]).toEqual([0, 0]);
  press(getByLabelText('shut'), 'k', true);
  press(getByLabelText('shut'), 'a');
  expect([onPalette.mock.calls.length, onAcknowledge.mock.calls.length]).toEqual([1, 1]);
});
