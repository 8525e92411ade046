import { useWords } from '../ui/locale.tsx';
import { PageLink } from './page-link.tsx';
import type { ConsoleRoute } from './route.ts';

/** Says that the address names no page, and leads back. */
export function UnknownPage({ path, onGo }: { readonly path: string; readonly onGo: (route: ConsoleRoute) => void }) {
  const { t } = useWords();
  return (
    <section id="unknown" className="panel nothing" role="alert">
      <p>{t('console.page.unknown', { path })}</p>
      <PageLink to={{ page: 'overview' }} onGo={onGo}>
        {t('console.page.overview')}
      </PageLink>
    </section>
  );
}
