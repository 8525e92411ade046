import { useId, useRef, useState } from 'react';
import type { Role } from '@transaction-guardian/contracts/role.ts';
import { Icon } from '../../ui/icon.tsx';
import { LanguageSwitch } from '../../ui/language-switch.tsx';
import { useWords } from '../../ui/locale.tsx';
import { isWithin, openPages } from '../navigation.ts';
import { PageLink } from '../page-link.tsx';
import type { ConsoleRoute } from '../route.ts';

interface MenuProps {
  readonly page: ConsoleRoute['page'];
  /** Of who is signed in; null before it is known. */
  readonly actorRole: Role | null;
  readonly onGo: (route: ConsoleRoute) => void;
  readonly onHelp: () => void;
}

/** What does not stand in the bar: the other pages, the language, the help. The browser opens it, closes it on Escape or a click
 *  elsewhere, and gives the focus back to its button. */
export function Menu({ page, actorRole, onGo, onHelp }: MenuProps) {
  const { t } = useWords();
  const id = useId();
  const panel = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  const pages = openPages(actorRole).filter(({ place }) => place === 'menu');
  const isHere = pages.some((one) => isWithin(one, page));
  const close = () => panel.current?.hidePopover();
  const go = (route: ConsoleRoute) => {
    close();
    onGo(route);
  };
  return (
    <>
      <button
        type="button"
        className={isHere ? 'tool is-here' : 'tool'}
        popoverTarget={id}
        aria-expanded={isOpen}
        aria-label={t('console.tool.menu')}
      >
        <Icon name="menu" />
      </button>
      <div ref={panel} id={id} popover="auto" className="menu" onBeforeToggle={(event) => setOpen(event.newState === 'open')}>
        <nav aria-label={t('console.page.more')}>
          {pages.map((one) => (
            <PageLink key={one.page} to={{ page: one.page }} onGo={go} isCurrent={isWithin(one, page)}>
              {t(one.name)}
            </PageLink>
          ))}
        </nav>
        <button
          type="button"
          onClick={() => {
            close();
            onHelp();
          }}
        >
          {t('console.help.title')} <kbd>?</kbd>
        </button>
        <LanguageSwitch />
      </div>
    </>
  );
}
