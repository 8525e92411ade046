import { matcherWords } from '@transaction-guardian/contracts/text/matcher-words.ts';
import { usePageWords } from '../parts/page-words.ts';

/** The conditions of a silence in words; as Alertmanager writes them, behind a click. */
export function Matchers({ matchers }: { readonly matchers: readonly string[] }) {
  const words = usePageWords();
  return (
    <>
      <ul className="held-matchers">
        {matchers.map((matcher) => (
          <li key={matcher}>{matcherWords(words, matcher)}</li>
        ))}
      </ul>
      <details className="held-hidden">
        <summary>{words.p('page.matcher.raw')}</summary>
        <p className="held-matchers">
          {matchers.map((matcher) => (
            <code key={matcher}>{matcher}</code>
          ))}
        </p>
      </details>
    </>
  );
}
