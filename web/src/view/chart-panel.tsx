import type { Forecast } from '@transaction-guardian/contracts/forecast.ts';
import type { AnomalyView } from '@transaction-guardian/contracts/read.ts';
import { presentStatuses, STATUS_COLOUR } from '../chart/status-colour.ts';
import { TrafficChart } from '../chart/traffic-chart.tsx';
import { RANGES_H, type Point, type RangeHours } from '../state/model.ts';
import { useWords } from './locale.tsx';

interface ChartPanelProps {
  readonly points: readonly Point[];
  readonly anomalies: readonly AnomalyView[];
  readonly forecast: Forecast | null;
  readonly range: RangeHours;
  readonly learning: boolean;
  readonly onRange: (range: RangeHours) => void;
  readonly onOpen: (anomalyId: string) => void;
}

/** The live chart with its legend and choice of period. */
export function ChartPanel({ points, anomalies, forecast, range, learning, onRange, onOpen }: ChartPanelProps) {
  const { t } = useWords();
  const hasBand = points.some((point) => point.expected !== null);
  const hasForecast = hasBand && (forecast?.items.length ?? 0) > 0;
  const hasHole = points.some((point) => point.state === 'silent');
  return (
    <section className="panel" aria-labelledby="chart-title">
      <div className="panel-head">
        <h2 id="chart-title">{t('console.chart.title')}</h2>
        <div className="segments" role="group" aria-label={t('console.chart.range')}>
          {RANGES_H.map((hours) => (
            <button key={hours} type="button" aria-pressed={hours === range} onClick={() => onRange(hours)}>
              {t('console.chart.range_hours', { n: hours })}
            </button>
          ))}
        </div>
      </div>
      <TrafficChart points={points} anomalies={anomalies} minutes={range * 60} forecast={hasForecast ? forecast : null} onOpen={onOpen} />
      <ul className="legend">
        {presentStatuses(points)
          .toReversed()
          .map((status) => (
            <li key={status}>
              <i className="swatch" style={{ background: `var(${STATUS_COLOUR[status]})` }} /> {t(`transaction.status.${status}`)}
            </li>
          ))}
        {hasBand && (
          <li>
            <i className="swatch swatch-band" /> {t('console.chart.band')}
          </li>
        )}
        {hasForecast && (
          <li>
            <i className="swatch swatch-ahead" />{' '}
            {t(forecast?.learning === true ? 'console.chart.forecast_learning' : 'console.chart.forecast')}
          </li>
        )}
        {hasHole && (
          <li>
            <i className="swatch swatch-hatch" /> {t('console.chart.no_data')}
          </li>
        )}
        {(learning || points.length === 0) && (
          <li className="legend-note">{t(points.length === 0 ? 'console.chart.empty' : 'console.chart.learning')}</li>
        )}
      </ul>
    </section>
  );
}
