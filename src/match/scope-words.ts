import { matcherWords } from '@transaction-guardian/contracts/text/matcher-words.ts';
import { text, type Locale } from '@transaction-guardian/contracts/text/text.ts';

/** Longest condition that is shown: values are names that others chose. */
const MOST = 120;

/** What a silence names, in words, each condition apart: "lojista: m-1", "tipo: Negadas acima do normal". Labels that must be absent
 *  (`merchant_id=""`) are left out where others are named. A name never begins a line. Pure. */
export function scopeWords(locale: Locale, matchers: readonly string[]): readonly string[] {
  const named = matchers.filter((matcher) => !matcher.endsWith('=""'));
  const say = (key: Parameters<typeof text>[1], params?: Parameters<typeof text>[2]): string => text(locale, key, params);
  return (named.length === 0 ? matchers : named).map((matcher) =>
    matcherWords({ p: say, t: say }, matcher).replace(/\s+/gu, ' ').slice(0, MOST),
  );
}
