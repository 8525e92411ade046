import { useMemo, useState } from 'react';

/** What lies over the page. */
interface DeskState {
  /** `alert`: fingerprint of the one that it acts on; null: the open page's. */
  readonly palette: { readonly alert: string | null } | null;
  /** `line`: what stands in the field when it opens; `isSent`: and is sent at once. Each opening is an object of its own. */
  readonly chat: { readonly line: string; readonly isSent: boolean } | null;
}

export interface Desk extends DeskState {
  readonly openPalette: (alert: string | null) => void;
  readonly closePalette: () => void;
  readonly openChat: (line?: string, isSent?: boolean) => void;
  readonly closeChat: () => void;
}

/** Opens and closes the palette and the chat. */
export function useDesk(): Desk {
  const [state, setState] = useState<DeskState>({ palette: null, chat: null });
  return useMemo(
    () => ({
      ...state,
      openPalette: (alert) => setState((before) => ({ ...before, palette: { alert } })),
      closePalette: () => setState((before) => ({ ...before, palette: null })),
      openChat: (line = '', isSent = false) => setState({ palette: null, chat: { line, isSent } }),
      closeChat: () => setState((before) => ({ ...before, chat: null })),
    }),
    [state],
  );
}
