import { createContext, useCallback, useContext, useLayoutEffect, useMemo, useState, type ReactNode } from 'react';
import { text, type ConsoleTextKey } from '@transaction-guardian/contracts/text/console-text.ts';
import { chooseLocale, type Locale, type TextParams } from '@transaction-guardian/contracts/text/render-text.ts';

const STORAGE_KEY = 'guardian.locale';

/** Language and zone of the page, and the catalogue bound to them. */
export interface Words {
  readonly locale: Locale;
  readonly timeZone: string;
  readonly t: (key: ConsoleTextKey, params?: TextParams) => string;
  readonly setLocale: (locale: Locale) => void;
}

const browserZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

const WordsContext = createContext<Words | null>(null);

/** Gives the language to everything below: the one that the reader chose here before, else the one that is configured
 *  for this person or for all (`defaultLocale`), else that of the browser, else Portuguese. */
export function WordsProvider(props: {
  readonly defaultLocale?: Locale | undefined;
  readonly timeZone?: string | undefined;
  readonly children: ReactNode;
}) {
  const [chosen, setChosen] = useState<Locale | null>(readChoice);
  const locale = chosen ?? props.defaultLocale ?? chooseLocale(navigator.languages.join(','), 'pt-BR');
  const timeZone = props.timeZone ?? browserZone();
  const setLocale = useCallback((next: Locale) => {
    setChosen(next);
    try {
      localStorage.setItem(STORAGE_KEY, next);
    } catch {
      // Private windows may refuse storage: the choice then lasts as long as the page.
    }
  }, []);
  // Before the effects of the pages, which ask the server in the language of the document.
  useLayoutEffect(() => {
    document.documentElement.lang = locale;
  }, [locale]);
  const words = useMemo<Words>(
    () => ({ locale, timeZone, setLocale, t: (key, params) => text(locale, key, params, { timeZone }) }),
    [locale, timeZone, setLocale],
  );
  return <WordsContext value={words}>{props.children}</WordsContext>;
}

/** The language of the page. Throws outside of WordsProvider. */
export function useWords(): Words {
  const words = useContext(WordsContext);
  if (words === null) throw new Error('useWords: expected a WordsProvider above');
  return words;
}

function readChoice(): Locale | null {
  try {
    const stored = localStorage.getItem(STORAGE_KEY);
    return stored === 'pt-BR' || stored === 'en' ? stored : null;
  } catch {
    return null;
  }
}
