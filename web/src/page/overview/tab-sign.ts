import { useEffect } from 'react';
import { useWords } from '../../ui/locale.tsx';

const SHIELD = 'M16 2 4 6.5v8.6C4 22.3 9 27.8 16 30c7-2.2 12-7.7 12-14.9V6.5z';
const DOT = { alert: '#e5484d', unsure: '#8b98a5' } as const;

/** What the tab says while another one is in front. */
interface TabSign {
  /** Firing alerts. */
  readonly firing: number;
  /** Everything is judged and the program is well: only then does a plain tab mean "all is well". */
  readonly isSure: boolean;
}

/** Title and icon of the tab: "(2)" and a red dot for alerts that fire, "(?)" and a grey one while it is not sure that there are none. */
export function useTabSign({ firing, isSure }: TabSign): void {
  const { t } = useWords();
  const mark = `${firing > 0 ? firing : ''}${isSure ? '' : '?'}`;
  const dot = firing > 0 ? DOT.alert : isSure ? null : DOT.unsure;
  useEffect(() => {
    document.title = mark === '' ? t('console.product') : `(${mark}) ${t('console.product')}`;
  }, [mark, t]);
  useEffect(() => {
    document.querySelector('link[rel="icon"]')?.setAttribute('href', dot === null ? '/guardian.svg' : iconWith(dot));
  }, [dot]);
}

function iconWith(dot: string): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="${SHIELD}" fill="#12324a" stroke="#4fb3e8" stroke-width="2"/><circle cx="22" cy="22" r="9" fill="${dot}"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
