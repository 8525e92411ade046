import { LOCALES, type Locale } from '@transaction-guardian/contracts/text/text.ts';

/** A sentence in every language. */
export const textsOf = (say: (locale: Locale) => string): Record<string, string> =>
  Object.fromEntries(LOCALES.map((locale) => [locale, say(locale)]));
