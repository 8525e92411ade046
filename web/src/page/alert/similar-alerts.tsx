import type { AlertDetail } from '@transaction-guardian/contracts/alert-detail.ts';
import { formatMinutes, formatMoment } from '../../ui/format.ts';
import { PageLink } from '../page-link.tsx';
import { usePageWords } from '../parts/page-words.ts';
import type { ConsoleRoute } from '../route.ts';

interface SimilarAlertsProps {
  readonly detail: Pick<AlertDetail, 'similar' | 'helped'>;
  readonly now: number;
  readonly onGo: (route: ConsoleRoute) => void;
}

/** What was like this alert before: how long it lasted, who took it, what helped then. */
export function SimilarAlerts({ detail: { similar, helped }, now, onGo }: SimilarAlertsProps) {
  const { t, p, locale, timeZone } = usePageWords();
  if (similar.length === 0) return <p className="hint">{p('page.alert.similar_none')}</p>;
  return (
    <ul className="similar">
      {helped.map(({ runbook, runs, helped: n }) => (
        <li key={runbook}>
          <PageLink to={{ page: 'runbook', name: runbook }} onGo={onGo}>
            {runbook}
          </PageLink>
          <p className="item-facts">{p('page.alert.helped', { runs, n })}</p>
        </li>
      ))}
      {similar.map((one) => (
        <li key={one.anomaly_id}>
          <PageLink to={{ page: 'alert', id: one.anomaly_id }} onGo={onGo}>
            {formatMoment(locale, timeZone, Date.parse(one.started_at), now)} · {formatMinutes(locale, one.duration_minutes)}
          </PageLink>
          <p className="item-facts">
            <span>{t(`anomaly.severity.${one.severity}`)}</span>
            {one.acknowledged_by !== null && <span>{p('page.alert.taken_by', { name: one.acknowledged_by })}</span>}
            {one.useful > 0 && <span>{p('page.alert.useful', { n: one.useful })}</span>}
            {one.noise > 0 && <span>{p('page.alert.noise', { n: one.noise })}</span>}
          </p>
          {one.comment !== null && <p className="quoted">{one.comment}</p>}
          {(one.runs.length > 0 || one.incident !== null) && (
            <p className="alert-links">
              {one.incident !== null && (
                <PageLink to={{ page: 'incident', id: one.incident, section: 'overview' }} onGo={onGo}>
                  {one.incident}
                </PageLink>
              )}
              {one.runs.map(({ id, runbook, state }) => (
                <PageLink key={id} to={{ page: 'run', id }} onGo={onGo}>
                  {runbook}: {p(`page.run.state_${state}`)}
                </PageLink>
              ))}
            </p>
          )}
        </li>
      ))}
    </ul>
  );
}
