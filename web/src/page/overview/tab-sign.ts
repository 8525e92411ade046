import { useEffect } from 'react';
import { pageTitle } from '../navigation.ts';
import type { ConsoleRoute } from '../route.ts';
import { useWords } from '../../ui/locale.tsx';

const SHIELD = 'M16 2 4 6.5v8.6C4 22.3 9 27.8 16 30c7-2.2 12-7.7 12-14.9V6.5z';
const DOT = { alert: '#e5484d', unsure: '#8b98a5' } as const;

/** What the tab says while another one is in front. */
interface TabSign {
  readonly route: ConsoleRoute;
  /** Firing alerts. */
  readonly firing: number;
  /** The critical ones of them, as far as they are listed. */
  readonly criticals: number;
  /** Everything is judged and the program is well: only then does a plain tab mean "all is well". */
  readonly isSure: boolean;
}

/** Title and icon of the tab: the page, with the critical alerts on the overview; "(2)" and a red dot for alerts that fire, "(?)" and a grey one while it is not sure that there are none. */
export function useTabSign({ route, firing, criticals, isSure }: TabSign): void {
  const { t } = useWords();
  const mark = `${firing > 0 ? firing : ''}${isSure ? '' : '?'}`;
  const page = pageTitle(route);
  const isCritical = page === null && criticals > 0;
  const parts = [isCritical ? t('console.page.criticals', { n: criticals }) : null, page?.thing, page === null ? null : t(page.name)];
  const title = [...parts, t('console.product')].filter((part) => part != null).join(' · ');
  const dot = firing > 0 ? DOT.alert : isSure ? null : DOT.unsure;
  useEffect(() => {
    document.title = mark === '' ? title : `(${mark}) ${title}`;
  }, [mark, title]);
  useEffect(() => {
    document.querySelector('link[rel="icon"]')?.setAttribute('href', dot === null ? '/guardian.svg' : iconWith(dot));
  }, [dot]);
}

function iconWith(dot: string): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="${SHIELD}" fill="#12324a" stroke="#4fb3e8" stroke-width="2"/><circle cx="22" cy="22" r="9" fill="${dot}"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
