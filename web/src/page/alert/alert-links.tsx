import { useCallback } from 'react';
import type { AlertDetail } from '@transaction-guardian/contracts/alert-detail.ts';
import { formatAlert } from '../../ui/format.ts';
import { PageLink } from '../page-link.tsx';
import { useActing } from '../parts/acting.ts';
import { useLoaded } from '../parts/loaded.ts';
import { usePageWords } from '../parts/page-words.ts';
import { RefusalNote } from '../parts/refusal.tsx';
import type { ConsoleRoute } from '../route.ts';
import type { AlertApi } from './alert-api.ts';

interface AlertLinksProps {
  readonly detail: AlertDetail;
  readonly api: AlertApi;
  readonly onGo: (route: ConsoleRoute) => void;
  readonly onChanged: () => void;
}

/** Where the response goes on: the incident, or the button that opens one, and the runbooks. */
export function AlertLinks({ detail: { alert, incident }, api, onGo, onChanged }: AlertLinksProps) {
  const { t, p, locale } = usePageWords();
  const acting = useActing();
  const runbooks = useLoaded(useCallback(() => api.runbooks(alert.type), [api, alert.type]));
  const suggested = (runbooks.value?.items ?? []).filter(({ problems }) => problems.length === 0);
  const open = () =>
    acting.run(async () => {
      const opened = await api.openIncident(alert, formatAlert(locale, alert));
      onChanged();
      onGo({ page: 'incident', id: opened.id, section: 'overview' });
    });
  return (
    <>
      <div className="alert-next">
        {incident === null ? (
          <button type="button" className="tool" disabled={acting.isBusy} onClick={() => void open()}>
            {p('page.incident.open')}
          </button>
        ) : (
          <PageLink to={{ page: 'incident', id: incident.id, section: 'overview' }} onGo={onGo}>
            {p('page.alert.incident', { id: incident.id, title: incident.title, state: p(`incident.state.${incident.state}`) })}
          </PageLink>
        )}
        {suggested.map(({ name }) => (
          <PageLink key={name} to={{ page: 'runbook', name }} onGo={onGo}>
            {p('page.alert.run', { name })}
          </PageLink>
        ))}
        {runbooks.failure !== null && <span>{t('console.error.load', { message: runbooks.failure })}</span>}
        {alert.runbook !== null && (
          <a className="page-link" href={`/runbooks/${encodeURIComponent(alert.runbook)}`}>
            {t('console.alerts.runbook')}
          </a>
        )}
      </div>
      <RefusalNote acting={acting} />
    </>
  );
}
