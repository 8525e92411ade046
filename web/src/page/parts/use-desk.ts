import { useMemo, useRef, useState } from 'react';

interface OpenedPalette {
  readonly alert: string | null;
  /** Number of the opening. */
  readonly opening: number;
}

/** What lies over the page. */
interface DeskState {
  /** `alert`: fingerprint of the one that it acts on; null: the open page's. */
  readonly palette: OpenedPalette | null;
  /** `line`: what stands in the field when it opens; `isSent`: and is sent at once. Each opening is an object of its own. */
  readonly chat: { readonly line: string; readonly isSent: boolean } | null;
}

export interface Desk extends DeskState {
  readonly openPalette: (alert: string | null) => void;
  /** Closes the palette of this opening. A dialog reports late that it was closed: by then the next one may be open. */
  readonly closePalette: (opening: number) => void;
  readonly openChat: (line?: string, isSent?: boolean) => void;
  readonly closeChat: () => void;
}

/** Opens and closes the palette and the chat. */
export function useDesk(): Desk {
  const openings = useRef(0);
  const [state, setState] = useState<DeskState>({ palette: null, chat: null });
  return useMemo(
    () => ({
      ...state,
      openPalette: (alert) => {
        openings.current += 1;
        const palette = { alert, opening: openings.current };
        setState((before) => ({ ...before, palette }));
      },
      closePalette: (opening) => setState((before) => (before.palette?.opening === opening ? { ...before, palette: null } : before)),
      openChat: (line = '', isSent = false) => setState({ palette: null, chat: { line, isSent } }),
      closeChat: () => setState((before) => ({ ...before, chat: null })),
    }),
    [state],
  );
}
