import { useEffect } from 'react';
import { RANGES_H, type RangeHours } from '../state/model.ts';

export interface ShortcutActions {
  readonly onFilter: () => void;
  readonly onHelp: () => void;
  readonly onEscape: () => void;
  readonly onRange: (range: RangeHours) => void;
}

/** Single keys: "/" filter, "?" help, 1 to 4 period, Escape. Letters typed into a field stay there. */
export function useShortcuts(actions: ShortcutActions): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'Escape') return actions.onEscape();
      if (event.target instanceof HTMLInputElement) return;
      const range = RANGES_H[Number(event.key) - 1];
      if (event.key === '/') actions.onFilter();
      else if (event.key === '?') actions.onHelp();
      else if (range !== undefined) actions.onRange(range);
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [actions]);
}
