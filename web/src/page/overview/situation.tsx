import type { Alert } from '@transaction-guardian/contracts/alert.ts';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import type { Health } from '@transaction-guardian/contracts/stats.ts';
import type { ReactNode } from 'react';
import { countsOf } from '../../live/counts.ts';
import { healthAt, type Freshness } from '../../live/freshness.ts';
import type { LiveState } from '../../live/model.ts';
import { sliceOf } from '../anomaly/anomaly-text.ts';
import { formatAge, formatAlert, formatMoment } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { useWords, type Words } from '../../ui/locale.tsx';
import { judgedUntilText } from './progress-text.ts';
import { UnwellParts } from './unwell-parts.tsx';

interface SituationProps {
  readonly state: Pick<LiveState, 'stats' | 'alerts' | 'anomalies' | 'health'>;
  readonly freshness: Freshness;
  /** Time of the stream, epoch milliseconds. */
  readonly streamNow: number;
  /** The page's clock, epoch milliseconds. */
  readonly now: number;
  readonly onOpen: (anomalyId: string) => void;
}

/** One line that answers "what is wrong and what do I do?". Its height is reserved, so that nothing jumps when it changes. It is
 *  green only when the detector has judged everything, nothing is open and the program itself is well. */
export function CurrentSituation({ state, freshness, streamNow, now, onOpen }: SituationProps) {
  const words = useWords();
  const { t, locale } = words;
  const [worst, ...others] = state.alerts;
  if (freshness.badge === 'starting') return <Starting tone={freshness.isStale ? 'stale' : 'plain'} />;
  if (freshness.isStale) {
    const icon = freshness.badge === 'lost' ? 'lost' : 'stalled';
    const key = freshness.badge === 'lost' ? 'console.situation.lost' : 'console.situation.stalled';
    const stale = <Line tone="stale" icon={icon} title={t(key, { age: formatAge(locale, freshness.ageMs) })} detail={t(`${key}_action`)} />;
    // A stream that stops ends no outage: what was open before stays in sight.
    return worst === undefined ? (
      stale
    ) : (
      <>
        {stale}
        <AlertLine {...{ worst, state, streamNow, onOpen }} others={others.length} progress={null} />
      </>
    );
  }
  const isBehind = freshness.badge === 'behind' || freshness.badge === 'catching_up';
  const progress = isBehind ? judgedUntilText(words, freshness.progress, now) : null;
  if (worst !== undefined && (!isBehind || worst.type !== 'drift_warning'))
    return <AlertLine {...{ worst, state, streamNow, onOpen, progress }} others={others.length} />;
  if (progress !== null)
    return (
      <Line
        tone={freshness.badge === 'behind' ? 'warning' : 'plain'}
        icon={freshness.badge === 'behind' ? 'behind' : 'catching_up'}
        title={progress}
        detail={t(freshness.badge === 'behind' ? 'console.situation.behind_action' : 'console.situation.catching_up_action')}
      />
    );
  if (freshness.badge === 'connecting' || freshness.badge === 'lost')
    return <Line tone="plain" icon="connecting" title={t('console.situation.connecting')} />;
  if (freshness.badge === 'empty') return <Line tone="plain" icon="empty" title={t('console.situation.waiting')} />;
  const health = healthAt(state.health, now);
  if (health !== 'healthy') return <SelfTrouble {...{ health, now }} checks={state.health?.value.checks ?? {}} />;
  if (freshness.badge === 'learning') return <Line tone="plain" icon="learning" title={t('console.situation.learning')} />;
  const { open } = countsOf(state, streamNow);
  if (open > 0) return <Line tone="plain" icon="info" title={t('console.situation.open_quiet', { n: open })} />;
  const incidents = state.stats?.open_incidents ?? 0;
  if (incidents > 0) return <Line tone="plain" icon="info" title={t('console.situation.open_incidents', { n: incidents })} />;
  return <Line tone="good" icon="resolved" title={t('console.situation.calm')} />;
}

interface AlertLineProps extends Pick<SituationProps, 'state' | 'streamNow' | 'onOpen'> {
  readonly worst: AlertView;
  /** How many more fire. */
  readonly others: number;
  /** Up to when the detector has judged, where it is behind. */
  readonly progress: string | null;
}

/** The worst alert, since when, and what to do. */
function AlertLine({ worst, others, state, streamNow, progress, onOpen }: AlertLineProps) {
  const words = useWords();
  const { t, locale, timeZone } = words;
  // The same words as in the row of its anomaly; the labels of the alert may be coarser.
  const anomaly = state.anomalies.find(({ id }) => id === worst.anomaly_id);
  const slice = anomaly === undefined ? worst.slice : sliceOf(anomaly);
  const title = `${t(`anomaly.severity.${worst.severity}`)}: ${formatAlert(locale, { type: worst.type, slice })}`;
  const since = t('console.situation.since', { at: formatMoment(locale, timeZone, Date.parse(worst.starts_at), streamNow) });
  const more = others > 0 ? ` · ${t('console.situation.more', { n: others })}` : '';
  return (
    <Line
      tone={worst.severity}
      icon={worst.severity}
      title={title}
      detail={t(`alert.action.${worst.type}`)}
      aside={`${heldWord(words, worst)}${since}${more}${progress === null ? '' : ` · ${progress}`}`}
      onOpen={() => onOpen(worst.anomaly_id)}
    />
  );
}

/** What keeps the worst alert from notifying, in a word; '' where it notifies. Others would stand above it. */
function heldWord({ t }: Words, alert: AlertView): string {
  if (alert.acknowledged_by !== null) return `${t('console.state.tag_acknowledged')}: ${alert.acknowledged_by.name} · `;
  if (alert.snoozed_until !== null) return `${t('console.state.tag_snoozed')} · `;
  if (alert.silenced_by.length > 0) return `${t('console.state.tag_silenced')} · `;
  return alert.inhibited_by.length > 0 ? `${t('console.state.tag_inhibited')} · ` : '';
}

/** The server takes transactions and can show nothing yet. */
function Starting({ tone }: { readonly tone: 'plain' | 'stale' }) {
  const { t } = useWords();
  return <Line tone={tone} icon="starting" title={t('console.situation.starting')} detail={t('console.situation.starting_action')} />;
}

/** The program itself is not well, or does not say: then a calm page proves nothing. */
function SelfTrouble({
  health,
  checks,
  now,
}: {
  readonly health: 'starting' | 'degraded' | 'unhealthy' | 'unknown';
  readonly checks: Health['checks'];
  readonly now: number;
}) {
  const { t } = useWords();
  if (health === 'starting') return <Starting tone="plain" />;
  if (health === 'unknown') return <Line tone="plain" icon="connecting" title={t('console.situation.health_unknown')} />;
  const tone = health === 'unhealthy' ? 'critical' : 'warning';
  return <Line tone={tone} icon={tone} title={t(`console.situation.${health}`)} detail={<UnwellParts {...{ checks, now }} />} />;
}

interface LineProps {
  readonly tone: 'plain' | 'good' | 'stale' | Alert['severity'];
  readonly icon: Parameters<typeof Icon>[0]['name'];
  readonly title: string;
  readonly detail?: ReactNode;
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
