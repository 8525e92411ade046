import { SELF_TYPES } from '@transaction-guardian/contracts/self-types.ts';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import type { Silence } from '@transaction-guardian/contracts/silence.ts';
import type { Api } from '../../live/api.ts';
import { isHeld } from '../../live/held.ts';
import { formatMoment, formatSliceOf, formatType } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { useWords } from '../../ui/locale.tsx';
import { PageLink } from '../page-link.tsx';
import { AlertStateLines } from '../respond/alert-state.tsx';
import { RespondBar } from '../respond/respond-bar.tsx';
import type { Responding } from '../respond/responding.ts';
import { useActiveSilences } from '../respond/use-silences.ts';
import type { ConsoleRoute } from '../route.ts';

interface AlertsPageProps {
  readonly alerts: readonly AlertView[];
  readonly loaded: boolean;
  /** Time of the stream, epoch milliseconds. */
  readonly streamNow: number;
  /** The page's clock, epoch milliseconds. */
  readonly now: number;
  readonly api: Pick<Api, 'silences'>;
  readonly responding: Responding;
  readonly onGo: (route: ConsoleRoute) => void;
}

/** The alerts that fire, the worst first, each with what to do first, its anomaly and its runbook. */
export function AlertsPage({ loaded, api, ...rest }: AlertsPageProps) {
  const { t } = useWords();
  const { alerts } = rest;
  const silences = useActiveSilences(
    api,
    alerts.some(({ silenced_by: ids }) => ids.length > 0),
  );
  return (
    <section className="panel" id="alerts" aria-labelledby="alerts-title" tabIndex={-1}>
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
            <AlertRow key={alert.fingerprint} alert={alert} silences={silences} {...rest} />
          ))}
        </ul>
      )}
    </section>
  );
}

interface AlertRowProps extends Omit<AlertsPageProps, 'loaded' | 'api'> {
  readonly alert: AlertView;
  readonly silences: ReadonlyMap<string, Silence>;
}

function AlertRow({ alert, alerts, silences, streamNow, now, responding, onGo }: AlertRowProps) {
  const { t, locale, timeZone } = useWords();
  return (
    <li data-alert={alert.fingerprint} className={`row alert-row severity-${alert.severity} ${isHeld(alert) ? 'is-held' : 'is-open'}`}>
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
        <AlertStateLines alert={alert} alerts={alerts} silences={silences} now={now} />
        <p className="alert-links">
          <span>{t('console.situation.since', { at: formatMoment(locale, timeZone, Date.parse(alert.starts_at), streamNow) })}</span>
          <PageLink to={{ page: 'alert', id: alert.anomaly_id }} onGo={onGo}>
            {t('console.alerts.detail')}
          </PageLink>
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
      <RespondBar alert={alert} responding={responding} />
    </li>
  );
}
