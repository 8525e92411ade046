import { useEffect, useRef, useState, type RefObject } from 'react';
import { SELF_TYPES } from '@transaction-guardian/contracts/self-types.ts';
import { measureOf } from '@transaction-guardian/contracts/measure.ts';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import type { AnomalyView } from '@transaction-guardian/contracts/read.ts';
import { joinReasons } from '@transaction-guardian/contracts/text/render-text.ts';
import type { Api } from '../../live/api.ts';
import { AnomalyDetail } from './anomaly-detail.tsx';
import { filterAnomalies } from './anomaly-filter.ts';
import { lostMoney, reasonSentences, sliceOf } from './anomaly-text.ts';
import { formatMeasure, formatMinutes, formatMoment, formatNumber, formatSliceOf, formatType, formatZ } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import type { Judging } from './judging.ts';
import { useWords } from '../../ui/locale.tsx';
import { AlertStateTags } from '../respond/alert-state.tsx';
import type { Responding } from '../respond/responding.ts';
import { VerdictTags } from './verdict-bar.tsx';

const FEW = 25;
const DASH = '–';

/** Why a linked anomaly is not shown; `message` null: there is none of this id. */
export interface LinkFailure {
  readonly id: string;
  readonly message: string | null;
}

interface AnomalyListProps {
  readonly anomalies: readonly AnomalyView[];
  readonly loaded: boolean;
  readonly query: string;
  readonly onQuery: (query: string) => void;
  readonly filterRef: RefObject<HTMLInputElement | null>;
  readonly openId: string | null;
  readonly linkFailure: LinkFailure | null;
  readonly onToggle: (id: string) => void;
  readonly api: Pick<Api, 'seriesOf' | 'silences'>;
  /** Stream time, epoch milliseconds: days are left out for today. */
  readonly streamNow: number;
  readonly judging: Judging;
  /** What fires: an open anomaly has its alert there. */
  readonly alerts: readonly AlertView[];
  readonly responding: Responding;
  /** The page's clock, epoch milliseconds. */
  readonly now: number;
}

/** Anomalies, the open ones first. A row opens to its detail. */
export function AnomalyList(props: AnomalyListProps) {
  const { anomalies, query, onQuery, filterRef, loaded } = props;
  const words = useWords();
  const { t, locale } = words;
  const shown = filterAnomalies(locale, anomalies, query, (anomaly) => reasonSentences(words, anomaly, props.streamNow).join(' '));
  const [isAll, setAll] = useState(false);
  const open = anomalies.filter(({ status, type }) => status === 'open' && type !== 'drift_warning').length;
  // What is open, or asked for by a link, is never behind the button.
  const listed = isAll ? shown : shown.filter((anomaly, index) => index < FEW || anomaly.status === 'open' || anomaly.id === props.openId);
  return (
    <section className="panel" id="anomalies" aria-labelledby="anomalies-title" tabIndex={-1}>
      <div className="panel-head">
        <h2 id="anomalies-title">
          {t('console.anomalies.title')}
          {open > 0 && <span className="count">{t('console.anomalies.open_count', { n: open })}</span>}
        </h2>
        <label className="filter">
          <span className="visually-hidden">{t('console.anomalies.filter')}</span>
          <input
            ref={filterRef}
            type="search"
            value={query}
            placeholder={t('console.anomalies.filter_hint')}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => onQuery(event.target.value)}
          />
          <kbd aria-hidden="true">/</kbd>
        </label>
      </div>
      {props.linkFailure !== null && (
        <p className="nothing link-failure" role="alert">
          {props.linkFailure.message === null
            ? t('console.anomalies.unknown', { id: props.linkFailure.id })
            : t('console.error.load', { message: props.linkFailure.message })}
        </p>
      )}
      {shown.length === 0 ? (
        <p className="nothing">
          {!loaded ? t('console.loading') : query === '' ? t('console.anomalies.empty') : t('console.anomalies.nothing_matches', { query })}
        </p>
      ) : (
        <>
          <ColumnTitles />
          <ul className="rows">
            {listed.map((anomaly) => (
              <AnomalyRow key={anomaly.id} anomaly={anomaly} {...props} isOpen={props.openId === anomaly.id} />
            ))}
          </ul>
          {(isAll || listed.length < shown.length) && (
            <button type="button" className="more" onClick={() => setAll(!isAll)}>
              {isAll ? t('console.list.less') : t('console.list.more', { n: shown.length })}
            </button>
          )}
        </>
      )}
    </section>
  );
}

function ColumnTitles() {
  const { t } = useWords();
  return (
    <div className="row-grid row-titles" aria-hidden="true">
      <span />
      <span />
      <span>{t('console.row.started')}</span>
      <span>{t('console.row.duration')}</span>
      <span title={t('console.row.peak_hint')}>{t('console.row.ml')}</span>
      <span title={t('console.row.peak_hint')}>{t('console.row.z')}</span>
      <span title={t('console.row.peak_hint')}>{t('console.row.observed')}</span>
      <span title={t('console.row.lost_hint')}>{t('console.row.lost')}</span>
    </div>
  );
}

function AnomalyRow({
  anomaly,
  isOpen,
  onToggle,
  api,
  streamNow,
  judging,
  ...respond
}: AnomalyListProps & { readonly anomaly: AnomalyView; readonly isOpen: boolean }) {
  const words = useWords();
  const { t, locale, timeZone } = words;
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    const opened = row.current;
    // A detail that does not fit shows its beginning, not its end.
    if (isOpen && opened !== null) opened.scrollIntoView({ block: opened.offsetHeight > innerHeight / 2 ? 'start' : 'nearest' });
  }, [isOpen]);
  const state = anomaly.status === 'open' ? anomaly.severity : 'resolved';
  const measure = anomaly.peak;
  const shown = measureOf(anomaly, measure);
  // What the program says of itself has no counts: its sentence says how bad it is.
  const isSelf = SELF_TYPES.includes(anomaly.type);
  const detailId = `detail-${anomaly.id}`;
  return (
    <li ref={row} className={`row severity-${anomaly.severity} is-${anomaly.status}`} id={anomaly.id}>
      <button
        type="button"
        className="row-grid row-head"
        aria-expanded={isOpen}
        aria-controls={detailId}
        onClick={() => onToggle(anomaly.id)}
      >
        <span className={`chip chip-${state}`}>
          <Icon name={state} size={15} />
          <span>
            {t(anomaly.status === 'open' ? `anomaly.severity.${anomaly.severity}` : 'anomaly.status.resolved')}
            {anomaly.status === 'resolved' && <small> {t(`anomaly.severity.${anomaly.severity}`)}</small>}
          </span>
        </span>
        <span className="row-what">
          <strong>{formatType(locale, anomaly.type)}</strong>{' '}
          {!isSelf && <span className="row-slice">{formatSliceOf(locale, anomaly.type, sliceOf(anomaly))}</span>}
          <VerdictTags anomaly={anomaly} judging={judging} />
          <AlertStateTags alert={respond.alerts.find(({ anomaly_id: id }) => id === anomaly.id)} />
          <span className="row-reason">{joinReasons(reasonSentences(words, anomaly, streamNow))}</span>
        </span>
        <Cell label={t('console.row.started')} value={formatMoment(locale, timeZone, Date.parse(anomaly.started_at), streamNow)} />
        <Cell label={t('console.row.duration')} value={formatMinutes(locale, anomaly.duration_minutes)} />
        <Cell label={t('console.row.ml')} value={isSelf ? DASH : formatNumber(locale, measure.ml_score, 2)} />
        <Cell label={t('console.row.z')} value={isSelf ? DASH : formatZ(locale, measure.z_score)} />
        <Cell
          label={t('console.row.observed')}
          value={
            isSelf
              ? DASH
              : shown.of === 'period'
                ? t('console.row.mean_value', {
                    observed: formatNumber(locale, shown.observed),
                    expected: formatNumber(locale, shown.expected),
                  })
                : t('console.row.observed_value', {
                    observed: formatMeasure(locale, anomaly.type, measure.observed),
                    expected: formatMeasure(locale, anomaly.type, measure.expected),
                  })
          }
        />
        <Cell
          label={t('console.row.lost')}
          value={anomaly.lost_transactions >= 1 ? formatNumber(locale, anomaly.lost_transactions) : DASH}
          title={lostMoney(locale, anomaly)}
        />
        <span className="row-chevron">
          <Icon name="chevron" size={14} />
        </span>
      </button>
      {isOpen && <AnomalyDetail id={detailId} {...{ anomaly, api, streamNow, judging }} {...respond} />}
    </li>
  );
}

function Cell({ label, value, title = '' }: { readonly label: string; readonly value: string; readonly title?: string }) {
  return (
    <span className="cell" title={title === '' ? undefined : title}>
      <small>{label}</small> {value}
    </span>
  );
}
