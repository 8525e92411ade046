import { useMemo } from 'react';
import { pageText, type PageTextKey } from '@transaction-guardian/contracts/text/page-text.ts';
import type { TextParams } from '@transaction-guardian/contracts/text/render-text.ts';
import { useWords, type Words } from '../../ui/locale.tsx';
import '../../styles/pages.css';

/** The words of the page, and those of the catalogue that comes with the pages that are loaded when they are opened. */
export interface PageWords extends Words {
  readonly p: (key: PageTextKey, params?: TextParams) => string;
}

export function usePageWords(): PageWords {
  const words = useWords();
  return useMemo(() => {
    const { locale, timeZone } = words;
    return { ...words, p: (key, params) => pageText(locale, key, params, { timeZone, nowMs: Date.now() }) };
  }, [words]);
}
