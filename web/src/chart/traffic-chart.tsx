import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type uPlot from 'uplot';
import type { Forecast } from '@transaction-guardian/contracts/forecast.ts';
import type { AnomalyView } from '@transaction-guardian/contracts/read.ts';
import type { MinutePoint } from '../live/model.ts';
import { formatAmount, formatDay, formatMoment, formatTime, formatType } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { useWords, type Words } from '../ui/locale.tsx';
import { layOut, type AheadColumn, type Column } from './chart-data.ts';
import { ChartTip } from './chart-tip.tsx';
import { markSpans, spansOf, type ChartMark } from './marks.ts';
import type { Painted } from './paint.ts';
import { createPlot, dataOf } from './plot.ts';

interface TrafficChartProps {
  readonly points: readonly MinutePoint[];
  readonly anomalies: readonly AnomalyView[];
  readonly minutes: number;
  /** What comes after the newest minute; drawn when it goes on from there. */
  readonly forecast?: Forecast | null;
  /** End of the drawn period, epoch milliseconds; default the newest minute. */
  readonly endMs?: number | undefined;
  /** The small chart of one anomaly: no icons above the plot. */
  readonly compact?: boolean;
  readonly onOpen?: (anomalyId: string) => void;
  /** A stretch was drawn with the mouse: epoch milliseconds of whole minutes. */
  readonly onZoom?: (zoom: { readonly from: number; readonly to: number }) => void;
}

const MINUTE_MS = 60_000;
/** A closer look than this shows nothing more. */
const CLOSEST_MS = 5 * MINUTE_MS;

/** Counts by status, minute by minute, with the expected band, holes in the data and anomalies. */
export function TrafficChart({ points, anomalies, minutes, endMs, forecast = null, compact = false, onOpen, onZoom }: TrafficChartProps) {
  const words = useWords();
  const { t, locale, timeZone } = words;
  const labels = useMemo(() => ({ now: t('console.chart.now'), crossing: t('console.chart.crossing') }), [t]);
  const scene = useMemo<Painted>(() => {
    const data = layOut(points, minutes, endMs, forecast);
    return { data, spans: spansOf(anomalies, { from: data.from, to: data.now }), labels };
  }, [points, anomalies, minutes, endMs, forecast, labels]);
  const { columns, ahead } = scene.data;
  const { host, plot, hovered, column, tip, marks } = usePlot(scene, compact, onZoom);
  const moveTo = (index: number) => {
    const self = plot.current;
    const next = columns[index] ?? ahead[index - columns.length];
    if (self !== null && next !== undefined) self.setCursor({ left: self.valToPos(next.x + 30, 'x'), top: 10 });
  };
  const newest = points.at(-1);
  const summary =
    newest === undefined
      ? t('console.chart.empty')
      : t('console.chart.summary', { at: formatTime(locale, timeZone, newest.at), total: newest.total });
  return (
    <div className={compact ? 'plot plot-compact' : 'plot'}>
      <input
        type="range"
        className="plot-keys"
        aria-label={summary}
        aria-valuetext={columnText(words, column ?? columns.at(-1))}
        min={0}
        max={Math.max(0, columns.length + ahead.length - 1)}
        value={hovered ?? Math.max(0, columns.length - 1)}
        onChange={(event) => moveTo(event.target.valueAsNumber)}
      />
      <div ref={host} className="plot-host" aria-hidden="true" />
      {marks.map((mark) => (
        <MarkButton key={mark.id} mark={mark} anomaly={anomalies.find((anomaly) => anomaly.id === mark.id)} onOpen={onOpen} />
      ))}
      {column !== undefined && <ChartTip column={column} left={tip.left} width={tip.width} />}
    </div>
  );
}

/** Draws a scene into the element `host`. `hovered`, `column`: what is under the pointer; `tip`: where it is reported; `marks`: where
 *  anomalies begin. */
function usePlot(scene: Painted, compact: boolean, onZoom: TrafficChartProps['onZoom']) {
  const { locale, timeZone } = useWords();
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [hovered, setHovered] = useState<number | null>(null);
  const [tip, setTip] = useState({ left: 0, width: 0 });
  const [marks, setMarks] = useState<readonly ChartMark[]>([]);
  const sceneRef = useRef(scene);
  const zoomRef = useRef(onZoom);
  const canZoom = onZoom !== undefined;
  useLayoutEffect(() => {
    sceneRef.current = scene;
    zoomRef.current = onZoom;
  }, [scene, onZoom]);

  useLayoutEffect(() => {
    const element = host.current;
    if (element === null) return;
    const created = createPlot(
      element,
      { width: element.clientWidth, height: element.clientHeight },
      {
        timeZone,
        compact,
        formatTime: (ms) => formatTime(locale, timeZone, ms),
        formatDay: (ms) => formatDay(locale, timeZone, ms),
        formatNumber: (value) => formatAmount(locale, value),
        scene: () => sceneRef.current,
        onHover: setHovered,
        onSelect: canZoom ? (from, to) => zoomRef.current?.(zoomOf(from, to)) : undefined,
        onDrawn: (self) => {
          const left = self.over.offsetLeft;
          if (!compact) setMarks(markSpans(sceneRef.current.spans, (seconds) => left + self.valToPos(seconds, 'x'), { left }));
        },
      },
    );
    plot.current = created;
    const stopWatching = watchSurroundings(element, created);
    return () => {
      stopWatching();
      created.destroy();
      plot.current = null;
    };
  }, [locale, timeZone, compact, canZoom]);

  useEffect(() => {
    plot.current?.setData(dataOf(scene.data));
  }, [scene]);
  const { columns, ahead } = scene.data;
  const column = hovered === null ? undefined : (columns[hovered] ?? ahead[hovered - columns.length]);
  useLayoutEffect(() => {
    const self = plot.current;
    if (self !== null && column !== undefined)
      setTip({ left: self.over.offsetLeft + self.valToPos(column.x + 30, 'x'), width: self.width });
  }, [column]);
  return { host, plot, hovered, column, tip, marks };
}

/** Whole minutes around a drawn stretch (epoch seconds), at least five. */
function zoomOf(from: number, to: number): { readonly from: number; readonly to: number } {
  const begin = Math.floor((from * 1000) / MINUTE_MS) * MINUTE_MS;
  return { from: begin, to: Math.max(Math.ceil((to * 1000) / MINUTE_MS) * MINUTE_MS, begin + CLOSEST_MS) };
}

function MarkButton({
  mark,
  anomaly,
  onOpen,
}: {
  readonly mark: ChartMark;
  readonly anomaly: AnomalyView | undefined;
  readonly onOpen: TrafficChartProps['onOpen'];
}) {
  const { t, locale, timeZone } = useWords();
  if (anomaly === undefined) return null;
  const started = Date.parse(anomaly.started_at);
  const words = { type: formatType(locale, anomaly.type), at: formatMoment(locale, timeZone, started, started) };
  const label = mark.count > 1 ? t('console.chart.marks', { ...words, n: mark.count }) : t('console.chart.mark', words);
  return (
    <button
      type="button"
      className={`mark severity-${mark.severity}`}
      style={{ left: mark.x }}
      title={label}
      aria-label={label}
      onClick={() => onOpen?.(mark.id)}
    >
      <Icon name={mark.severity} size={18} />
      {mark.count > 1 && <span className="mark-count">{mark.count}</span>}
    </button>
  );
}

/** A minute in words, for those who do not see the picture. */
function columnText({ t, locale, timeZone }: Words, column: Column | AheadColumn | undefined): string {
  if (column === undefined) return '';
  const time = formatTime(locale, timeZone, column.x * 1000);
  if ('step' in column) return t('console.chart.ahead', { at: time, expected: column.step.expected });
  const total = column.stack === null || column.point === null ? t('console.chart.no_data') : formatAmount(locale, column.point.total);
  return `${time}: ${total}${column.point?.state === 'incomplete' ? `. ${t('console.chart.incomplete')}` : ''}`;
}

/** Follows the size of the element and the theme of the system. */
function watchSurroundings(element: HTMLElement, plot: uPlot): () => void {
  const resize = new ResizeObserver(() => {
    if (element.clientWidth !== plot.width || element.clientHeight !== plot.height) {
      plot.setSize({ width: element.clientWidth, height: element.clientHeight });
    }
  });
  resize.observe(element);
  const theme = matchMedia('(prefers-color-scheme: light)');
  const redraw = () => plot.redraw(false);
  theme.addEventListener('change', redraw);
  return () => {
    resize.disconnect();
    theme.removeEventListener('change', redraw);
  };
}
