import type { ReactNode } from 'react';
import type { Freshness } from '../state/freshness.ts';
import type { State } from '../state/model.ts';
import { formatAge, formatNumber, formatUptime } from './format.ts';
import { Icon, type IconName } from './icon.tsx';
import { useWords } from './locale.tsx';

interface TilesProps {
  readonly state: Pick<State, 'stats' | 'health' | 'alerts' | 'anomalies'>;
  readonly freshness: Freshness;
  readonly now: number;
}

type Tone = 'plain' | 'good' | 'warning' | 'critical';

/** The five numbers. They turn grey, with their age, as soon as they are old: an old number is never shown as good. */
export function Tiles({ state, freshness, now }: TilesProps) {
  const { t, locale } = useWords();
  const { stats, health, alerts } = state;
  const hasData = stats !== null && stats.stream !== 'empty';
  const dash = '–';
  const open = stats?.open_anomalies ?? 0;
  const firing = stats?.active_alerts ?? 0;
  const age = freshness.isStale ? formatAge(locale, freshness.ageMs) : null;
  const tile = (props: Omit<TileProps, 'age'>) => <Tile {...props} age={age} />;
  const worst: Tone = alerts[0]?.severity === 'critical' ? 'critical' : 'warning';
  const worstOpen: Tone = state.anomalies.some((anomaly) => anomaly.status === 'open' && anomaly.severity === 'critical')
    ? 'critical'
    : 'warning';
  return (
    <section className="tiles" aria-label={t('console.product')}>
      {tile({
        label: t('console.tile.tpm'),
        value: hasData ? formatNumber(locale, Math.round(stats.transactions_per_minute)) : dash,
        note: hasData ? t('console.tile.hour_total', { n: stats.transactions_last_hour }) : ' ',
        tone: 'plain',
      })}
      {tile({
        label: t('console.tile.approval'),
        value: hasData && stats.approval_rate !== null ? `${formatNumber(locale, stats.approval_rate, 1)}%` : dash,
        note: t('console.tile.approval_scope'),
        tone: 'plain',
      })}
      {tile({
        label: t('console.tile.anomalies'),
        value: stats === null ? dash : formatNumber(locale, stats.anomalies_last_hour),
        note: open > 0 ? t('console.tile.anomalies_open', { n: open }) : t('console.tile.calm_anomalies'),
        tone: open > 0 ? worstOpen : hasData ? 'good' : 'plain',
      })}
      {tile({
        label: t('console.tile.active_alerts'),
        value: stats === null ? dash : formatNumber(locale, firing),
        note: firing > 0 ? t('console.tile.firing', { n: firing }) : t('console.tile.calm'),
        tone: firing > 0 ? worst : hasData ? 'good' : 'plain',
      })}
      {tile({
        label: t('console.tile.uptime'),
        value: health === null ? dash : formatUptime(health.value.uptime_seconds + (freshness.isStale ? 0 : (now - health.at) / 1000)),
        note: health === null ? ' ' : t(`console.tile.health.${health.value.status}`),
        tone:
          health === null
            ? 'plain'
            : health.value.status === 'healthy'
              ? 'good'
              : health.value.status === 'degraded'
                ? 'warning'
                : 'critical',
      })}
    </section>
  );
}

interface TileProps {
  readonly label: string;
  readonly value: string;
  readonly note: string;
  readonly tone: Tone;
  readonly age: string | null;
}

const TONE_ICON: Readonly<Record<Tone, IconName | null>> = { plain: null, good: 'resolved', warning: 'warning', critical: 'critical' };

function Tile({ label, value, note, tone, age }: TileProps) {
  const { t } = useWords();
  const icon = TONE_ICON[tone];
  const line: ReactNode =
    age === null ? (
      <>
        {icon !== null && <Icon name={icon} size={13} />}
        {note}
      </>
    ) : (
      t('console.stale', { age })
    );
  return (
    <div className={`tile tone-${age === null ? tone : 'stale'}`}>
      <h2>{label}</h2>
      <p className="tile-value">{value}</p>
      <p className="tile-note">{line}</p>
    </div>
  );
}
