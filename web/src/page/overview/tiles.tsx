import type { ReactNode } from 'react';
import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import { readTraffic } from '@transaction-guardian/contracts/standing.ts';
import { countsOf } from '../../live/counts.ts';
import { healthAt, type Freshness } from '../../live/freshness.ts';
import type { LiveState } from '../../live/model.ts';
import { formatAge, formatNumber, formatUptime } from '../../ui/format.ts';
import { Icon, type IconName } from '../../ui/icon.tsx';
import { useWords } from '../../ui/locale.tsx';
import { judgedUntilText } from './progress-text.ts';

interface TilesProps {
  readonly state: Pick<LiveState, 'stats' | 'health' | 'alerts' | 'anomalies' | 'loaded'>;
  readonly freshness: Freshness;
  readonly now: number;
  /** Time of the stream, epoch milliseconds. */
  readonly streamNow: number;
}

type Tone = 'plain' | 'good' | 'warning' | 'critical';

const DASH = '–';

/** The five numbers. Each names its state: connecting, loading, old (grey, with its age), not judged. Green is only what has
 *  been judged. */
export function Tiles({ state, freshness, now, streamNow }: TilesProps) {
  const words = useWords();
  const { t, locale } = words;
  const { stats } = state;
  const isEmpty = stats?.stream === 'empty';
  const perMinute = stats === null ? null : readTraffic(stats).transactionsPerMinute;
  const age = freshness.isStale ? formatAge(locale, freshness.ageMs) : null;
  const wait = state.loaded ? null : t(freshness.badge === 'connecting' ? 'console.tile.connecting' : 'console.loading');
  const tile = (props: Omit<TileProps, 'age' | 'wait'>) => <Tile {...props} age={age} wait={wait} />;
  const counts = countsOf(state, streamNow);
  const isUnjudged = freshness.badge === 'behind' || freshness.badge === 'catching_up';
  const unjudged = isUnjudged ? judgedUntilText(words, freshness.progress, now) : null;
  const judgedTile = (label: string, [count, severity]: readonly [number, Severity | null], note: string, calm: string, isCalm = true) =>
    tile({
      label,
      value: isEmpty ? DASH : formatNumber(locale, count),
      isOpen: severity !== null,
      note: unjudged ?? (severity === null ? (isEmpty ? t('console.tile.no_data') : calm) : note),
      tone:
        severity !== null
          ? severity === 'critical'
            ? 'critical'
            : 'warning'
          : unjudged !== null
            ? 'warning'
            : freshness.isJudged && isCalm
              ? 'good'
              : 'plain',
    });
  const calmAlerts =
    counts.held > 0
      ? t('console.tile.held', { n: counts.held })
      : counts.warnings > 0
        ? t('console.tile.warnings', { n: counts.warnings })
        : t('console.tile.calm');
  return (
    <section className="tiles" aria-label={t('console.product')}>
      {tile({
        label: t('console.tile.tpm'),
        value: isEmpty || perMinute === null ? DASH : formatNumber(locale, Math.round(perMinute)),
        note: stats === null || isEmpty ? t('console.tile.no_data') : t('console.tile.hour_total', { n: stats.transactions_last_hour }),
        tone: 'plain',
      })}
      {tile({
        label: t('console.tile.approval'),
        value: stats === null || isEmpty || stats.approval_rate === null ? DASH : `${formatNumber(locale, stats.approval_rate, 1)}%`,
        note: t('console.tile.approval_scope'),
        tone: 'plain',
      })}
      {judgedTile(
        t('console.tile.anomalies'),
        [counts.lastHour, counts.worstOpen],
        t('console.tile.anomalies_open', { n: counts.open }),
        t('console.tile.calm_anomalies'),
      )}
      {judgedTile(
        t('console.tile.active_alerts'),
        [counts.firing, counts.worstFiring],
        counts.held > 0
          ? `${t('console.tile.firing', { n: counts.firing })}, ${t('console.tile.held', { n: counts.held })}`
          : t('console.tile.firing', { n: counts.firing }),
        calmAlerts,
        counts.held === 0,
      )}
      {tile(healthTile(words, state.health, freshness, now))}
    </section>
  );
}

const HEALTH_TONE = { healthy: 'good', starting: 'plain', degraded: 'warning', unhealthy: 'critical', unknown: 'plain' } as const;

function healthTile({ t }: ReturnType<typeof useWords>, health: LiveState['health'], freshness: Freshness, now: number) {
  const status = healthAt(health, now);
  const runsFor = health === null ? null : health.value.uptime_seconds + (freshness.isStale ? 0 : (now - health.at) / 1000);
  return {
    label: t('console.tile.uptime'),
    value: runsFor === null ? DASH : formatUptime(runsFor),
    note: t(`console.tile.health.${status}`),
    tone: HEALTH_TONE[status],
  };
}

interface TileProps {
  readonly label: string;
  readonly value: string;
  readonly note: string;
  readonly tone: Tone;
  /** Something is open, which old data do not end. */
  readonly isOpen?: boolean;
  /** How old the number is, when it is old. */
  readonly age: string | null;
  /** What the page waits for, before it has a number. */
  readonly wait: string | null;
}

const TONE_ICON: Readonly<Record<Tone, IconName | null>> = { plain: null, good: 'resolved', warning: 'warning', critical: 'critical' };

function Tile({ label, value, note, tone, isOpen = false, age, wait }: TileProps) {
  const { t } = useWords();
  const icon = TONE_ICON[tone];
  // Old data turn grey, but not what was wrong in them: that stays in sight with its age.
  const isFault = isOpen && (tone === 'warning' || tone === 'critical');
  const line: ReactNode =
    wait ??
    (age === null ? (
      <>
        {icon !== null && <Icon name={icon} size={13} />}
        {note}
      </>
    ) : (
      `${isFault ? `${note} · ` : ''}${t('console.stale', { age })}`
    ));
  return (
    <div className={`tile tone-${wait !== null ? 'plain' : age === null || isFault ? tone : 'stale'}`}>
      <h2>{label}</h2>
      <p className="tile-value">{wait === null ? value : DASH}</p>
      <p className="tile-note">{line}</p>
    </div>
  );
}
