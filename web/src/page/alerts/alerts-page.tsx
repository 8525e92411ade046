import { SELF_TYPES } from '@transaction-guardian/contracts/self-types.ts';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import { formatMoment, formatSliceOf, formatType } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { useWords } from '../../ui/locale.tsx';
import { PageLink } from '../page-link.tsx';
import type { Route } from '../route.ts';

interface AlertsPageProps {
  readonly alerts: readonly AlertView[];
  readonly loaded: boolean;
  /** Time of the stream, epoch milliseconds. */
  readonly streamNow: number;
  readonly onGo: (route: Route) => void;
}

/** The alerts that fire, the worst first, each with what to do first, its anomaly and its runbook. */
export function AlertsPage({ alerts, loaded, streamNow, onGo }: AlertsPageProps) {
  const { t } = useWords();
  return (
    <section className="panel" aria-labelledby="alerts-title">
      <div className="panel-head">
        <h2 id="alerts-title">
          {t('console.alerts.title')}
          {alerts.length > 0 && <span className="count">{t('console.alerts.count', { n: alerts.length })}</span>}
        </h2>
      </div>
      {alerts.length === 0 ? (
        <p className="nothing">{t(loaded ? 'console.alerts.empty' : 'console.loading')}</p>
      ) : (
        <ul className="rows">
          {alerts.map((alert) => (
            <AlertRow key={alert.fingerprint} alert={alert} streamNow={streamNow} onGo={onGo} />
          ))}
        </ul>
      )}
    </section>
  );
}

function AlertRow({ alert, streamNow, onGo }: Pick<AlertsPageProps, 'streamNow' | 'onGo'> & { readonly alert: AlertView }) {
  const { t, locale, timeZone } = useWords();
  return (
    <li className={`row alert-row severity-${alert.severity} is-open`}>
      <span className={`chip chip-${alert.severity}`}>
        <Icon name={alert.severity} size={15} />
        <span>{t(`anomaly.severity.${alert.severity}`)}</span>
      </span>
      <div>
        <p>
          <strong>{formatType(locale, alert.type)}</strong>{' '}
          {!SELF_TYPES.includes(alert.type) && <span className="row-slice">{formatSliceOf(locale, alert.type, alert.slice)}</span>}
        </p>
        <p className="row-reason">{t(`alert.action.${alert.type}`)}</p>
        <p className="alert-links">
          <span>{t('console.situation.since', { at: formatMoment(locale, timeZone, Date.parse(alert.starts_at), streamNow) })}</span>
          <PageLink to={{ page: 'anomaly', id: alert.anomaly_id }} onGo={onGo}>
            {t('console.alerts.anomaly')}
          </PageLink>
          {alert.runbook !== null && (
            <a className="page-link" href={`/runbooks/${encodeURIComponent(alert.runbook)}`}>
              {t('console.alerts.runbook')}
            </a>
          )}
        </p>
      </div>
    </li>
  );
}
