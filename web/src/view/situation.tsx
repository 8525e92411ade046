import type { Alert } from '@transaction-guardian/contracts/alert.ts';
import type { Freshness } from '../state/freshness.ts';
import type { State } from '../state/model.ts';
import { sliceOf } from './anomaly-text.ts';
import { formatAge, formatMoment, formatSliceOf, formatType } from './format.ts';
import { Icon } from './icon.tsx';
import { useWords } from './locale.tsx';

interface SituationProps {
  readonly state: Pick<State, 'stats' | 'alerts' | 'anomalies'>;
  readonly freshness: Freshness;
  /** Time of the stream, epoch milliseconds. */
  readonly streamNow: number;
  readonly onOpen: (anomalyId: string) => void;
}

/** One line that answers "what is wrong and what do I do?". Its height is reserved, so that nothing jumps when it changes. */
export function Situation({ state, freshness, streamNow, onOpen }: SituationProps) {
  const { t, locale, timeZone } = useWords();
  const [worst, ...others] = state.alerts;
  if (freshness.isStale) {
    const icon = freshness.badge === 'lost' ? 'lost' : 'stalled';
    const key = freshness.badge === 'lost' ? 'console.situation.lost' : 'console.situation.stalled';
    return <Line tone="stale" icon={icon} title={t(key, { age: formatAge(locale, freshness.ageMs) })} detail={t(`${key}_action`)} />;
  }
  if (worst !== undefined) {
    // The same words as in the row of its anomaly; the labels of the alert may be coarser.
    const anomaly = state.anomalies.find(({ id }) => id === worst.anomaly_id);
    const slice = anomaly === undefined ? worst.slice : sliceOf(anomaly);
    const title = `${t(`anomaly.severity.${worst.severity}`)}: ${formatType(locale, worst.type)} · ${formatSliceOf(locale, worst.type, slice)}`;
    const since = t('console.situation.since', { at: formatMoment(locale, timeZone, Date.parse(worst.starts_at), streamNow) });
    const more = others.length > 0 ? ` · ${t('console.situation.more', { n: others.length })}` : '';
    return (
      <Line
        tone={worst.severity}
        icon={worst.severity}
        title={title}
        detail={worst.action}
        aside={`${since}${more}`}
        onOpen={() => onOpen(worst.anomaly_id)}
      />
    );
  }
  if (state.stats === null || state.stats.stream === 'empty')
    return <Line tone="plain" icon="empty" title={t('console.situation.waiting')} />;
  if (state.stats.learning) return <Line tone="plain" icon="learning" title={t('console.situation.learning')} />;
  const { open_anomalies: open } = state.stats;
  if (open > 0) return <Line tone="plain" icon="info" title={t('console.situation.open_quiet', { n: open })} />;
  return <Line tone="good" icon="resolved" title={t('console.situation.calm')} />;
}

interface LineProps {
  readonly tone: 'plain' | 'good' | 'stale' | Alert['severity'];
  readonly icon: Parameters<typeof Icon>[0]['name'];
  readonly title: string;
  readonly detail?: string;
  readonly aside?: string;
  readonly onOpen?: () => void;
}

function Line({ tone, icon, title, detail, aside, onOpen }: LineProps) {
  const { t } = useWords();
  return (
    <section className={`situation tone-${tone}`} aria-live="polite">
      <Icon name={icon} size={20} />
      <div className="situation-text">
        <p className="situation-title">{title}</p>
        {detail !== undefined && <p className="situation-detail">{detail}</p>}
      </div>
      {aside !== undefined && <p className="situation-aside">{aside}</p>}
      {onOpen !== undefined && (
        <button type="button" className="tool" onClick={onOpen}>
          {t('console.situation.open')}
        </button>
      )}
    </section>
  );
}
