import type { MouseEvent, ReactNode } from 'react';
import { addressOf } from './address.ts';
import type { ConsoleRoute } from './route.ts';

interface PageLinkProps {
  readonly to: ConsoleRoute;
  readonly onGo: (route: ConsoleRoute) => void;
  readonly isCurrent?: boolean;
  readonly children: ReactNode;
}

/** A link to a page of the console: a click stays on this one, everything else is the browser's (a new tab, a copied address). */
export function PageLink({ to, onGo, isCurrent = false, children }: PageLinkProps) {
  return (
    <a className="page-link" href={addressOf(to)} aria-current={isCurrent ? 'page' : undefined} onClick={followLink(() => onGo(to))}>
      {children}
    </a>
  );
}

/** What a link does on a plain click, in the place of a load; other clicks are the browser's. */
export const followLink =
  (go: () => void) =>
  (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go();
  };
