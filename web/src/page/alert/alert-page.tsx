import { useCallback, useEffect, useMemo, useRef } from 'react';
import type { AlertDetail } from '@transaction-guardian/contracts/alert-detail.ts';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import { SELF_TYPES } from '@transaction-guardian/contracts/self-types.ts';
import type { Api } from '../../live/api.ts';
import type { Ask } from '../../live/ask.ts';
import { formatMoment, formatSliceOf, formatType } from '../../ui/format.ts';
import { formatPeriod } from '../../ui/format-period.ts';
import { Icon } from '../../ui/icon.tsx';
import { AnomalyDetail } from '../anomaly/anomaly-detail.tsx';
import type { Judging } from '../anomaly/judging.ts';
import { PageLink } from '../page-link.tsx';
import { useLoaded } from '../parts/loaded.ts';
import { LoadState } from '../parts/load-state.tsx';
import { usePageWords } from '../parts/page-words.ts';
import type { Responding } from '../respond/responding.ts';
import type { ConsoleRoute } from '../route.ts';
import { createAlertApi } from './alert-api.ts';
import { AlertLinks } from './alert-links.tsx';
import { AlertTimeline } from './alert-timeline.tsx';
import { Deliveries } from './deliveries.tsx';
import { SimilarAlerts } from './similar-alerts.tsx';

interface AlertPageProps {
  readonly id: string;
  readonly api: Api;
  readonly ask: Ask;
  /** Those that fire, as the stream says. */
  readonly alerts: readonly AlertView[];
  readonly responding: Responding;
  readonly judging: Judging;
  /** Time of the stream, and the page's clock: epoch milliseconds. */
  readonly streamNow: number;
  readonly now: number;
  readonly onGo: (route: ConsoleRoute) => void;
}

/** One alert: what to do, why, what was done, who was notified, and what was like it before. */
export function AlertDetailPage({ id, ask, alerts, ...rest }: AlertPageProps) {
  const { t, p } = usePageWords();
  const { now, onGo } = rest;
  const api = useMemo(() => createAlertApi(ask), [ask]);
  const loaded = useLoaded(useCallback(() => api.read(id), [api, id]));
  const { value: detail, reload } = loaded;
  // What people do about it comes over the stream at once: then the timeline has a new line.
  const live = alerts.find(({ anomaly_id: anomaly, fingerprint }) => anomaly === id || fingerprint === id);
  const seen = useRef(live);
  useEffect(() => {
    if (seen.current === live) return;
    seen.current = live;
    reload();
  }, [reload, live]);
  return (
    <>
      <section className="panel" id="alert" aria-labelledby="alert-title" tabIndex={-1}>
        <p className="back">
          <PageLink to={{ page: 'alerts' }} onGo={onGo}>
            {p('page.back')}
          </PageLink>
        </p>
        {detail === null ? <h2 id="alert-title">{t('console.alerts.title')}</h2> : <AlertHead alert={live ?? detail.alert} {...rest} />}
        <LoadState loaded={loaded} now={now} />
        {detail !== null && <Why detail={detail} alerts={live === undefined ? [detail.alert, ...alerts] : alerts} {...rest} />}
        {detail !== null && <AlertLinks {...{ detail, api, onGo }} onChanged={reload} />}
      </section>
      {detail !== null && (
        <div className="two-columns">
          <section className="panel" aria-labelledby="timeline-title">
            <h2 id="timeline-title">{p('page.alert.timeline')}</h2>
            <AlertTimeline entries={detail.timeline} now={now} />
          </section>
          <section className="panel" aria-labelledby="deliveries-title">
            <h2 id="deliveries-title">{p('page.alert.deliveries')}</h2>
            <Deliveries deliveries={detail.deliveries} now={now} />
            <h2 className="second" id="similar-title">
              {p('page.alert.similar')}
            </h2>
            <SimilarAlerts detail={detail} now={now} onGo={onGo} />
          </section>
        </div>
      )}
    </>
  );
}

function AlertHead({ alert, streamNow }: { readonly alert: AlertView; readonly streamNow: number }) {
  const { t, p, locale, timeZone } = usePageWords();
  const moment = (iso: string) => formatMoment(locale, timeZone, Date.parse(iso), streamNow);
  const sign = alert.status === 'firing' ? alert.severity : 'resolved';
  return (
    <>
      <div className="panel-head">
        <h2 id="alert-title">
          {formatType(locale, alert.type)}{' '}
          {!SELF_TYPES.includes(alert.type) && <span className="row-slice">{formatSliceOf(locale, alert.type, alert.slice)}</span>}
        </h2>
        <span className={`chip chip-${sign}`}>
          <Icon name={sign} size={15} />
          <span>{t(sign === 'resolved' ? 'anomaly.status.resolved' : `anomaly.severity.${alert.severity}`)}</span>
        </span>
      </div>
      <p className="item-facts">
        <span>
          {alert.ends_at === null
            ? t('console.situation.since', { at: moment(alert.starts_at) })
            : p('page.alert.from_to', formatPeriod(locale, timeZone, alert.starts_at, alert.ends_at, streamNow))}
        </span>
        {alert.backfill && <span>{p('page.alert.backfill')}</span>}
      </p>
      <p className="alert-action">{t(`alert.action.${alert.type}`)}</p>
    </>
  );
}

type WhyProps = Pick<AlertPageProps, 'api' | 'alerts' | 'responding' | 'judging' | 'streamNow' | 'now'> & { readonly detail: AlertDetail };

/** The anomaly behind the alert, with the buttons; an alert outlives its anomaly. */
function Why({ detail, alerts, ...rest }: WhyProps) {
  const { p } = usePageWords();
  const { anomaly, alert } = detail;
  if (anomaly === null) return <p className="hint">{p('page.alert.no_anomaly')}</p>;
  const firing = alerts.filter(({ status }) => status === 'firing');
  return (
    <div className="alert-why">
      <AnomalyDetail id={`detail-${alert.anomaly_id}`} anomaly={anomaly} alerts={firing} {...rest} />
    </div>
  );
}
