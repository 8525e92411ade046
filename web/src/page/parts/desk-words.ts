import { useMemo } from 'react';
import { deskText, type DeskTextKey } from '@transaction-guardian/contracts/text/desk-text.ts';
import type { TextParams } from '@transaction-guardian/contracts/text/render-text.ts';
import { useWords, type Words } from '../../ui/locale.tsx';

/** The words of the page, and those that come after its first script. */
export interface DeskWords extends Words {
  readonly d: (key: DeskTextKey, params?: TextParams) => string;
}

export function useDeskWords(): DeskWords {
  const words = useWords();
  return useMemo(() => ({ ...words, d: (key, params) => deskText(words.locale, key, params, { timeZone: words.timeZone }) }), [words]);
}
