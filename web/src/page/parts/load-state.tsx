import { formatAge } from '../../ui/format.ts';
import type { Loaded } from './loaded.ts';
import { usePageWords } from './page-words.ts';

interface LoadStateProps {
  readonly loaded: Loaded<unknown>;
  /** The page's clock, epoch milliseconds. */
  readonly now: number;
}

/** Says that something is being read, could not be read, or is older than it looks; nothing while it is fresh. */
export function LoadState({ loaded: { value, readAt, failure, reload }, now }: LoadStateProps) {
  const { t, p, locale } = usePageWords();
  if (failure === null) return value === null ? <p className="nothing">{t('console.loading')}</p> : null;
  return (
    <div className="load-failure" role="alert">
      <p>
        {value === null || readAt === null
          ? t('console.error.load', { message: failure })
          : p('page.stale', { age: formatAge(locale, now - readAt), message: failure })}
      </p>
      <button type="button" className="tool" onClick={reload}>
        {t('console.error.retry')}
      </button>
    </div>
  );
}
