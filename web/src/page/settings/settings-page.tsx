import { useCallback, useEffect, useState } from 'react';
import type { AccessList, Session } from '@transaction-guardian/contracts/access.ts';
import { messageOf } from '../../live/ask.ts';
import type { AccessApi } from './access-api.ts';
import { useDeskWords } from '../parts/desk-words.ts';
import { useActing } from '../parts/acting.ts';
import type { Paging } from '../paging/use-paging.ts';
import { AccessSection } from './access-section.tsx';
import { CodeSection } from './code-section.tsx';
import { PagingSection } from './paging-section.tsx';

interface SettingsPageProps {
  readonly api: AccessApi;
  readonly paging: Paging;
  /** The page's clock, epoch milliseconds. */
  readonly now: number;
}

/** Who acts here, what this browser does for a page, and who else may come in. */
export function SettingsPage({ api, paging, now }: SettingsPageProps) {
  const { d, t } = useDeskWords();
  const [read, setRead] = useState<{ readonly session: Session; readonly list: AccessList } | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const load = useCallback(() => {
    Promise.all([api.session(), api.access()]).then(
      ([session, list]) => {
        setRead({ session, list });
        setFailure(null);
      },
      (error: unknown) => setFailure(messageOf(error)),
    );
  }, [api]);
  useEffect(load, [load]);
  const name = read?.session.actor?.name ?? '';
  const acting = useActing();
  const signOut = () => acting.run(api.signOut).then((isDone) => isDone && location.reload());
  return (
    <div id="settings" className="settings" tabIndex={-1}>
      <section className="panel settings-part" aria-labelledby="settings-title">
        <h2 id="settings-title">{d('desk.settings.title')}</h2>
        {failure !== null && (
          <div className="settings-trouble" role="alert">
            <p>{t('console.error.load', { message: failure })}</p>
            <button type="button" className="tool" onClick={load}>
              {t('console.error.retry')}
            </button>
          </div>
        )}
        {acting.failure !== null && (
          <p className="settings-trouble" role="alert">
            {d('desk.failed', { message: acting.failure })}
          </p>
        )}
        {read === null ? (
          failure === null && <p>{t('console.loading')}</p>
        ) : (
          <>
            <p>{d('desk.settings.as', { name })}</p>
            <div>
              <button type="button" className="tool" onClick={() => void signOut()}>
                {d('desk.settings.out')}
              </button>
            </div>
          </>
        )}
      </section>
      <PagingSection paging={paging} />
      {read !== null && (
        <>
          <CodeSection {...{ api, name, now }} onMade={load} />
          <AccessSection {...{ api, now }} list={read.list} own={read.session.id} onChange={load} />
        </>
      )}
    </div>
  );
}
