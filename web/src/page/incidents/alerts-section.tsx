import type { IncidentAlert } from '@transaction-guardian/contracts/incident.ts';
import { formatMoment } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { PageLink } from '../page-link.tsx';
import { usePageWords } from '../parts/page-words.ts';
import type { ConsoleRoute } from '../route.ts';

interface AlertsSectionProps {
  readonly alerts: readonly IncidentAlert[];
  readonly now: number;
  readonly onGo: (route: ConsoleRoute) => void;
}

/** The alerts of an incident, each with its page. */
export function AlertsSection({ alerts, now, onGo }: AlertsSectionProps) {
  const { t, p, locale, timeZone } = usePageWords();
  if (alerts.length === 0) return <p className="nothing">{p('page.incident.alerts_none')}</p>;
  return (
    <ul className="rows">
      {alerts.map((alert) => {
        const sign = alert.status === 'firing' ? alert.severity : 'resolved';
        return (
          <li key={`${alert.fingerprint} ${alert.starts_at}`} className={`row item-row severity-${alert.severity} is-${alert.status}`}>
            <span className={`chip chip-${sign}`}>
              <Icon name={sign} size={15} />
              <span>{t(sign === 'resolved' ? 'anomaly.status.resolved' : `anomaly.severity.${alert.severity}`)}</span>
            </span>
            <div className="item-text">
              <p className="item-title">
                <PageLink to={{ page: 'alert', id: alert.anomaly_id }} onGo={onGo}>
                  {alert.summary}
                </PageLink>
              </p>
              <p className="item-facts">
                {t('console.situation.since', { at: formatMoment(locale, timeZone, Date.parse(alert.starts_at), now) })}
              </p>
            </div>
          </li>
        );
      })}
    </ul>
  );
}
