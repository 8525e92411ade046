import { useEffect, useState } from 'react';
import { SELF_TYPES } from '@transaction-guardian/contracts/self-types.ts';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import type { AnomalyView } from '@transaction-guardian/contracts/read.ts';
import { joinReasons } from '@transaction-guardian/contracts/text/render-text.ts';
import { TrafficChart } from '../../chart/traffic-chart.tsx';
import type { Api } from '../../live/api.ts';
import { ApiError } from '../../live/ask.ts';
import type { MinutePoint } from '../../live/model.ts';
import { lostMoney, reasonSentences, sliceOf, whySevere } from './anomaly-text.ts';
import { formatMeasure, formatMoment, formatNumber, formatProbability, formatSlice, formatZ } from '../../ui/format.ts';
import { Legend } from '../../chart/legend.tsx';
import { nodeKeyOf } from './node-key.ts';
import { useWords } from '../../ui/locale.tsx';
import type { Judging } from './judging.ts';
import { AlertStateLines } from '../respond/alert-state.tsx';
import { RespondBar } from '../respond/respond-bar.tsx';
import type { Responding } from '../respond/responding.ts';
import { useActiveSilences } from '../respond/use-silences.ts';
import { VerdictBar } from './verdict-bar.tsx';

const MINUTE_MS = 60_000;
const BEFORE_MIN = 45;
const AFTER_MIN = 20;
const MAX_MIN = 12 * 60;

interface AnomalyDetailProps {
  readonly id: string;
  readonly anomaly: AnomalyView;
  readonly api: Pick<Api, 'seriesOf' | 'silences'>;
  readonly streamNow: number;
  readonly judging: Judging;
  readonly alerts: readonly AlertView[];
  readonly responding: Responding;
  /** The page's clock, epoch milliseconds. */
  readonly now: number;
}

/** Everything that is known about one anomaly, with a small chart of the slice it was seen in. */
export function AnomalyDetail({ id, anomaly, api, streamNow, judging, alerts, responding, now }: AnomalyDetailProps) {
  const words = useWords();
  const { t, locale, timeZone } = words;
  const moment = (iso: string) => formatMoment(locale, timeZone, Date.parse(iso), streamNow);
  const amount = (value: number) => formatMeasure(locale, anomaly.type, value);
  const { share } = anomaly.slice;
  const money = lostMoney(locale, anomaly);
  const severity = whySevere(words, anomaly);
  return (
    <div className="detail" id={id}>
      <AlertResponse {...{ anomaly, api, alerts, responding, now }} />
      {!SELF_TYPES.includes(anomaly.type) && <VerdictBar anomaly={anomaly} judging={judging} />}
      <div className="detail-text">
        <h3>{t('console.detail.reasons')}</h3>
        <ul className="reasons">
          {reasonSentences(words, anomaly, streamNow).map((sentence) => (
            <li key={sentence}>{joinReasons([sentence])}</li>
          ))}
        </ul>
        <dl className="facts">
          {severity !== '' && <Fact name={t('console.detail.severity')} value={severity} />}
          <Fact
            name={t('console.detail.slice')}
            value={`${formatSlice(locale, sliceOf(anomaly))} (${t('console.detail.explains')} ${formatNumber(locale, share * 100)}%)`}
          />
          <Fact name={t('console.detail.observed')} value={amount(anomaly.observed)} />
          <Fact name={t('console.detail.band')} value={`${amount(Math.max(0, anomaly.expected_low))}–${amount(anomaly.expected_high)}`} />
          <Fact
            name={t('console.detail.peak')}
            value={t('console.detail.peak_value', {
              at: moment(anomaly.peak.minute),
              observed: amount(anomaly.peak.observed),
              expected: amount(anomaly.peak.expected),
            })}
          />
          {money !== '' && (
            <Fact
              name={t('console.detail.lost')}
              value={t('console.detail.lost_value', { lost: formatNumber(locale, anomaly.lost_transactions), money })}
            />
          )}
          <Fact name={t('console.detail.detected')} value={moment(anomaly.detected_at)} />
          {anomaly.resolved_at !== null && <Fact name={t('console.detail.resolved')} value={moment(anomaly.resolved_at)} />}
          <Fact
            name={t('console.detail.z')}
            value={t('console.detail.z_value', { last: formatZ(locale, anomaly.z_score), peak: formatZ(locale, anomaly.peak.z_score) })}
          />
          <Fact name={t('console.detail.p_value')} value={formatProbability(locale, anomaly.p_value)} />
          <Fact name={t('console.detail.model')} value={`${anomaly.detector_version} · ${anomaly.model_version}`} />
          <Fact name={t('console.detail.id')} value={anomaly.id} />
        </dl>
      </div>
      <NodeChart anomaly={anomaly} api={api} streamNow={streamNow} />
    </div>
  );
}

/** What people do about the alert of an anomaly, while it fires. */
function AlertResponse({
  anomaly,
  api,
  alerts,
  responding,
  now,
}: Pick<AnomalyDetailProps, 'anomaly' | 'api' | 'alerts' | 'responding' | 'now'>) {
  const alert = alerts.find(({ anomaly_id: id }) => id === anomaly.id);
  const silences = useActiveSilences(api, alert !== undefined && alert.silenced_by.length > 0);
  if (alert === undefined) return null;
  return (
    <div className="respond">
      <AlertStateLines alert={alert} alerts={alerts} silences={silences} now={now} />
      <RespondBar alert={alert} responding={responding} hasKeys />
    </div>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** The minutes around the anomaly; loads again as it grows. */
function NodeChart({ anomaly, api, streamNow }: Pick<AnomalyDetailProps, 'anomaly' | 'api' | 'streamNow'>) {
  const { t } = useWords();
  const [points, setPoints] = useState<readonly MinutePoint[] | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const since = Date.parse(anomaly.started_at) - BEFORE_MIN * MINUTE_MS;
  const end =
    anomaly.resolved_at === null
      ? Math.max(streamNow, Date.parse(anomaly.updated_at))
      : Date.parse(anomaly.resolved_at) + AFTER_MIN * MINUTE_MS;
  const until = Math.floor(Math.min(end, since + MAX_MIN * MINUTE_MS) / MINUTE_MS) * MINUTE_MS;
  const node = nodeKeyOf(anomaly.node);
  useEffect(() => {
    let isWanted = true;
    api.seriesOf({ node, since: new Date(since).toISOString(), until: new Date(until).toISOString() }).then(
      ({ items }) => {
        if (isWanted) setPoints(items.map(({ minute, ...point }) => ({ ...point, at: Date.parse(minute) })));
      },
      (error: unknown) => {
        if (isWanted) setFailure(error instanceof ApiError ? error.message : String(error));
      },
    );
    return () => {
      isWanted = false;
    };
  }, [api, node, since, until]);
  const shown = points ?? [];
  return (
    <figure className="detail-chart">
      <figcaption>{t('console.detail.chart')}</figcaption>
      {failure !== null ? (
        <p className="nothing">{t('console.error.load', { message: failure })}</p>
      ) : points !== null && points.length === 0 ? (
        <p className="nothing">{t('console.detail.no_series')}</p>
      ) : (
        <TrafficChart compact points={shown} anomalies={[anomaly]} minutes={(until - since) / MINUTE_MS} endMs={until} />
      )}
      <Legend points={shown} />
    </figure>
  );
}
