import { CommandText } from './command.tsx';
import { useWords } from './locale.tsx';

/** Shown until the first transaction came: the two commands that bring data. */
export function EmptyState({ origin }: { readonly origin: string }) {
  const { t } = useWords();
  const curl = `curl -X POST ${origin}/transaction -H 'content-type: application/json' \\\n  -d '{"status":"approved","amount":42.5,"currency":"BRL","merchant_id":"m-1"}'`;
  return (
    <section className="panel welcome" aria-labelledby="welcome-title">
      <h2 id="welcome-title">{t('console.empty.title')}</h2>
      <p>{t('console.empty.lead')}</p>
      <h3>{t('console.empty.curl')}</h3>
      <CommandText command={curl} />
      <h3>{t('console.empty.simulate')}</h3>
      <CommandText command="npx guardian simulate" />
    </section>
  );
}
