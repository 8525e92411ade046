import { createContext, useCallback, useContext, useLayoutEffect, useMemo, useState, type ReactNode } from 'react';
import { text, type ConsoleTextKey } from '@transaction-guardian/contracts/text/console-text.ts';
import { chooseLocale, type Locale, type TextParams } from '@transaction-guardian/contracts/text/render-text.ts';

/** What the reader chose here. */
const STORAGE_KEY = 'guardian.locale';
/** What was configured when the page was open last: it speaks so before the server has answered. */
const LAST_KEY = 'guardian.locale.last';

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
 *  for this person or for all (`defaultLocale`; until the server has said it, what it said last), else that of the browser, else
 *  Portuguese. */
export function WordsProvider(props: {
  readonly defaultLocale?: Locale | undefined;
  readonly timeZone?: string | undefined;
  readonly children: ReactNode;
}) {
  const [chosen, setChosen] = useState<Locale | null>(() => readKept(STORAGE_KEY));
  const [last] = useState<Locale | null>(() => readKept(LAST_KEY));
  const { defaultLocale } = props;
  const locale = chosen ?? defaultLocale ?? last ?? chooseLocale(navigator.languages.join(','), 'pt-BR');
  const timeZone = props.timeZone ?? browserZone();
  const setLocale = useCallback((next: Locale) => {
    setChosen(next);
    keep(STORAGE_KEY, next);
  }, []);
  useLayoutEffect(() => {
    if (defaultLocale !== undefined) keep(LAST_KEY, defaultLocale);
  }, [defaultLocale]);
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

function keep(key: string, locale: Locale): void {
  try {
    localStorage.setItem(key, locale);
  } catch {
    // Private windows may refuse storage: the language then lasts as long as the page.
  }
}

function readKept(key: string): Locale | null {
  try {
    const stored = localStorage.getItem(key);
    return stored === 'pt-BR' || stored === 'en' ? stored : null;
  } catch {
    return null;
  }
}
