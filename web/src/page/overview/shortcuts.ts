import type { Verdict } from '@transaction-guardian/contracts/verdict.ts';
import { useEffect } from 'react';
import { RANGES_H, type RangeHours } from '../../live/model.ts';

export interface ShortcutActions {
  readonly onFilter: () => void;
  readonly onHelp: () => void;
  readonly onEscape: () => void;
  readonly onRange: (range: RangeHours) => void;
  /** About the anomaly that is unfolded. */
  readonly onVerdict: (verdict: Verdict) => void;
  readonly onUndo: () => void;
  /** About its alert. */
  readonly onAcknowledge: () => void;
  readonly onSnooze: () => void;
  readonly onRunbook: () => void;
  readonly onPalette: () => void;
  readonly onChat: () => void;
}

const VERDICT_KEYS: Readonly<Record<string, Verdict>> = { u: 'useful', n: 'noise', l: 'accept_level' };

/** Single keys: "/" search, "?" help, 1 to 4 period, u n l z verdicts on the unfolded anomaly, a s r the selected alert, c chat, Escape;
 *  Ctrl or Cmd with K the palette. What is typed into a field stays there, what is open over the page has its keys to itself, and a
 *  key that is held down acts once. */
export function useShortcuts(actions: ShortcutActions): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.repeat || document.querySelector('dialog[open], :popover-open') !== null) return;
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k' && !isTyping(event.target)) {
        event.preventDefault();
        return actions.onPalette();
      }
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'Escape') return actions.onEscape();
      if (isTyping(event.target)) return;
      const verdict = VERDICT_KEYS[event.key.toLowerCase()];
      const range = RANGES_H[Number(event.key) - 1];
      if (event.key === '/') actions.onFilter();
      else if (event.key === '?') actions.onHelp();
      else if (range !== undefined) actions.onRange(range);
      else if (verdict !== undefined) actions.onVerdict(verdict);
      else if (event.key.toLowerCase() === 'z') actions.onUndo();
      else if (event.key.toLowerCase() === 'a') actions.onAcknowledge();
      else if (event.key.toLowerCase() === 's') actions.onSnooze();
      else if (event.key.toLowerCase() === 'r') actions.onRunbook();
      else if (event.key.toLowerCase() === 'c') actions.onChat();
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [actions]);
}

const isTyping = (target: EventTarget | null): boolean => isField(target) && !isShut(target);

const isField = (target: EventTarget | null): target is HTMLElement =>
  target instanceof HTMLInputElement ||
  target instanceof HTMLTextAreaElement ||
  target instanceof HTMLSelectElement ||
  (target instanceof HTMLElement && target.isContentEditable);

/** A dialog that Escape has closed keeps the focus until the page hears of it. */
const isShut = (target: HTMLElement): boolean => target.closest('dialog:not([open])') !== null;
