import { Command } from './command.tsx';
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
      <Command command={curl} />
      <h3>{t('console.empty.simulate')}</h3>
      <Command command="npx guardian simulate" />
    </section>
  );
}

/** Shown without a session: where the link is. */
export function SessionNeeded({ isExpired }: { readonly isExpired: boolean }) {
  const { t } = useWords();
  return (
    <main className="centre">
      <section className="panel welcome" aria-labelledby="session-title">
        <img src="/guardian.svg" alt="" width="48" height="48" />
        <h1 id="session-title">{t('console.session.title')}</h1>
        {isExpired && <p role="alert">{t('console.session.expired')}</p>}
        <p>{t('console.session.body')}</p>
        <Command command="npx guardian link" />
      </section>
    </main>
  );
}
