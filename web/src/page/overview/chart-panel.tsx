import { useState } from 'react';
import type { Forecast } from '@transaction-guardian/contracts/forecast.ts';
import type { AnomalyView } from '@transaction-guardian/contracts/read.ts';
import { TrafficChart } from '../../chart/traffic-chart.tsx';
import { visiblePoints, type Layer } from '../../chart/visible-points.ts';
import type { Api } from '../../live/api.ts';
import { RANGES_H, type MinutePoint, type RangeHours } from '../../live/model.ts';
import { Legend } from '../../chart/legend.tsx';
import { useWords } from '../../ui/locale.tsx';
import { useMerchantSeries } from './merchant-series.ts';

/** A stretch of the chart, epoch milliseconds. */
export interface Zoom {
  readonly from: number;
  readonly to: number;
}

interface ChartPanelProps {
  readonly points: readonly MinutePoint[];
  readonly anomalies: readonly AnomalyView[];
  readonly forecast: Forecast | null;
  readonly range: RangeHours;
  readonly learning: boolean;
  readonly loaded: boolean;
  /** Time of the stream, epoch milliseconds. */
  readonly streamNow: number;
  readonly onRange: (range: RangeHours) => void;
  readonly onOpen: (anomalyId: string) => void;
  readonly api: Pick<Api, 'seriesOf' | 'forecast'>;
  /** The merchant that the chart is about; null: everything. */
  readonly merchant: string | null;
  readonly onMerchant: (merchant: string | null) => void;
  readonly zoom: Zoom | null;
  readonly onZoom: (zoom: Zoom | null) => void;
}

const MINUTE_MS = 60_000;

/** The live chart of everything or of one merchant, with its legend, its period and a closer look at a part of it. */
export function ChartPanel(props: ChartPanelProps) {
  const { range, merchant, onMerchant, zoom, onZoom, loaded, streamNow } = props;
  const { t } = useWords();
  const [hidden, setHidden] = useState<ReadonlySet<Layer>>(new Set());
  const newest = props.points.at(-1);
  const endMs = newest === undefined ? streamNow : newest.at + MINUTE_MS;
  const own = useMerchantSeries(props.api, merchant, range * 60, endMs);
  const all = merchant === null ? props.points : (own.points ?? []);
  const points = visiblePoints(all, hidden);
  const shown = zoom === null ? points : points.filter(({ at }) => at >= zoom.from && at < zoom.to);
  const anomalies =
    merchant === null ? props.anomalies : props.anomalies.filter(({ node, slice }) => (node.merchant_id ?? slice.merchant_id) === merchant);
  const hasBand = all.some((point) => point.expected !== null);
  const forecast = merchant === null ? props.forecast : own.forecast;
  // What is expected of everything is drawn once its past band is; of a merchant the past one is kept only while something is open.
  const isAhead = zoom === null && (hasBand || merchant !== null) && (forecast?.items.length ?? 0) > 0;
  const isWhole = [...hidden].every((layer) => layer === 'band');
  const toggle = (layer: Layer) => setHidden((before) => (before.has(layer) ? without(before, layer) : new Set([...before, layer])));
  return (
    <section className="panel" id="chart" aria-labelledby="chart-title">
      <div className="panel-head">
        <h2 id="chart-title">
          {t('console.chart.title')} {merchant !== null && <small>{t('anomaly.slice.merchant_id', { value: merchant })}</small>}
        </h2>
        <div className="panel-tools">
          {merchant !== null && (
            <button type="button" className="tool" onClick={() => onMerchant(null)}>
              {t('console.chart.all')}
            </button>
          )}
          {zoom !== null && (
            <button type="button" className="tool" onClick={() => onZoom(null)}>
              {t('console.chart.zoom_out')}
            </button>
          )}
          <RangeChoice range={range} onRange={props.onRange} />
        </div>
      </div>
      <TrafficChart
        points={shown}
        anomalies={anomalies}
        minutes={zoom === null ? range * 60 : (zoom.to - zoom.from) / MINUTE_MS}
        endMs={zoom?.to ?? endMs}
        forecast={isAhead && isWhole ? forecast : null}
        onOpen={props.onOpen}
        onZoom={onZoom}
      />
      <Legend
        points={all}
        hidden={hidden}
        onToggle={toggle}
        hasBand={hasBand}
        forecast={isAhead ? t(forecast?.learning === true ? 'console.chart.forecast_learning' : 'console.chart.forecast') : null}
        note={noteOf(t, {
          loaded: loaded && (merchant === null || own.points !== null),
          failure: own.failure,
          isEmpty: all.length === 0,
          learning: props.learning,
          band: merchant === null || hasBand ? 'whole' : forecast === null ? 'none' : 'ahead',
        })}
      />
    </section>
  );
}

const without = (layers: ReadonlySet<Layer>, layer: Layer): ReadonlySet<Layer> => new Set([...layers].filter((one) => one !== layer));

function noteOf(
  t: ReturnType<typeof useWords>['t'],
  state: {
    readonly loaded: boolean;
    readonly failure: string | null;
    readonly isEmpty: boolean;
    readonly learning: boolean;
    readonly band: 'whole' | 'ahead' | 'none';
  },
): string | null {
  if (state.failure !== null) return t('console.error.load', { message: state.failure });
  if (!state.loaded) return t('console.loading');
  if (state.isEmpty) return t('console.chart.empty');
  if (state.learning) return t('console.chart.learning');
  return state.band === 'whole' ? null : t(`console.chart.band_${state.band}`);
}

function RangeChoice({ range, onRange }: Pick<ChartPanelProps, 'range' | 'onRange'>) {
  const { t } = useWords();
  return (
    <div className="segments" role="group" aria-label={t('console.chart.range')}>
      {RANGES_H.map((hours) => (
        <button key={hours} type="button" aria-pressed={hours === range} onClick={() => onRange(hours)}>
          {t('console.chart.range_hours', { n: hours })}
        </button>
      ))}
    </div>
  );
}
