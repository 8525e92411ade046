import { useEffect, useRef, type RefObject } from 'react';
import type { Role } from '@transaction-guardian/contracts/role.ts';
import type { Stats } from '@transaction-guardian/contracts/stats.ts';
import type { Freshness } from '../../live/freshness.ts';
import { formatAge, formatMoment, formatTime, formatZone } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { useWords, type Words } from '../../ui/locale.tsx';
import { isWithin, PAGES } from '../navigation.ts';
import { PageLink } from '../page-link.tsx';
import type { ConsoleRoute } from '../route.ts';
import { Menu } from './menu.tsx';

interface HeaderProps {
  readonly freshness: Freshness;
  readonly stats: Stats | null;
  readonly now: number;
  /** Time of the stream, epoch milliseconds. */
  readonly streamNow: number;
  readonly onHelp: () => void;
  readonly onPalette: () => void;
  readonly onChat: () => void;
  readonly page: ConsoleRoute['page'];
  /** Of who is signed in; null before it is known. */
  readonly actorRole: Role | null;
  readonly onGo: (route: ConsoleRoute) => void;
}

/** Pages, state of the stream, clock and tools, in one row. */
export function Header({ freshness, stats, now, streamNow, onHelp, onPalette, onChat, page, actorRole, onGo }: HeaderProps) {
  const words = useWords();
  const { t, locale, timeZone } = words;
  const badge = badgeText(words, freshness, stats, { now, streamNow });
  const demoSpeed = stats?.demo_speed;
  /** The badge itself says that nothing is real. */
  const isDemo = demoSpeed !== undefined && freshness.badge === 'replay';
  const top = useRef<HTMLElement>(null);
  useTopHeight(top);
  return (
    <header className="top" ref={top}>
      <a className="skip" href={page === 'overview' || page === 'anomaly' ? '#anomalies' : `#${page}`}>
        {t('console.skip')}
      </a>
      <h1 className="brand">
        <img src="/guardian.svg" alt="" width="26" height="26" />
        <span>{t('console.product')}</span>
      </h1>
      <nav className="pages" aria-label={t('console.page.label')}>
        {PAGES.filter(({ place }) => place === 'bar').map((one) => (
          <PageLink key={one.page} to={{ page: one.page }} onGo={onGo} isCurrent={isWithin(one, page)}>
            {t(one.name)}
          </PageLink>
        ))}
      </nav>
      <p className={`badge badge-${freshness.badge}`} role="status" title={isDemo ? demoHint(words, demoSpeed) : badge}>
        <Icon name={freshness.badge} size={12} />
        <span>{badge}</span>
      </p>
      {demoSpeed !== undefined && !isDemo && <DemoBadge speed={demoSpeed} />}
      <div className="top-tools">
        <time className="clock" aria-label={t('console.clock.label')} dateTime={new Date(now).toISOString()}>
          {formatTime(locale, timeZone, now, 'second')} <small>{formatZone(locale, timeZone, now)}</small>
        </time>
        <button type="button" className="tool" onClick={onPalette} aria-label={t('console.tool.palette')} title="Ctrl K">
          <Icon name="search" />
        </button>
        <button type="button" className="tool" onClick={onChat} aria-label={t('console.tool.chat')} title="C">
          <Icon name="chat" />
        </button>
        <Menu {...{ page, actorRole, onGo, onHelp }} />
      </div>
    </header>
  );
}

/** Says in `--top-height` how much of the page the header covers, so that what is scrolled to begins below it. A header that wraps into
 *  another line later covers nothing that was read. */
function useTopHeight(top: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const header = top.current;
    if (header === null || typeof ResizeObserver === 'undefined') return undefined;
    let height = header.offsetHeight;
    const note = (): void => {
      const grown = header.offsetHeight - height;
      height += grown;
      document.documentElement.style.setProperty('--top-height', `${height}px`);
      if (grown > 0 && scrollY > 0) scrollBy(0, -grown);
    };
    note();
    const observer = new ResizeObserver(note);
    observer.observe(header);
    return () => observer.disconnect();
  }, [top]);
}

const demoHint = ({ t }: Words, speed: number): string => t(speed === 1 ? 'console.badge.demo_live' : 'console.badge.demo_hint', { speed });

/** Nothing on this page is real, and how fast it goes. */
function DemoBadge({ speed }: { readonly speed: number }) {
  const words = useWords();
  return (
    <p className="badge badge-replay badge-demo" title={demoHint(words, speed)}>
      {words.t('console.badge.demo', { speed })}
    </p>
  );
}

function badgeText(
  { t, locale, timeZone }: Words,
  { badge, ageMs, progress }: Freshness,
  stats: Stats | null,
  times: { readonly now: number; readonly streamNow: number },
): string {
  const at = () => formatMoment(locale, timeZone, times.streamNow, times.now);
  switch (badge) {
    case 'replay':
      return stats?.demo_speed === undefined
        ? t('console.badge.replay', { at: at() })
        : t('console.badge.demo_at', { at: at(), speed: stats.demo_speed });
    case 'stalled':
      return t('console.badge.stalled', { age: formatAge(locale, ageMs) });
    case 'behind':
    case 'catching_up':
      return progress.until === null
        ? t('console.judged.nothing')
        : t(`console.badge.${badge}`, { at: formatMoment(locale, timeZone, progress.until, times.now) });
    case 'learning':
      return stats?.stream === 'replay' ? `${t('console.badge.learning')} · ${at()}` : t('console.badge.learning');
    case 'connecting':
    case 'starting':
    case 'lost':
    case 'empty':
    case 'live':
      return t(`console.badge.${badge}`);
  }
}
