import { useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import uPlot from 'uplot';
import type { AnomalyView } from '@transaction-guardian/contracts/read.ts';
import type { Point } from '../state/model.ts';
import { formatAmount, formatDay, formatMoment, formatTime, formatType } from '../view/format.ts';
import { Icon } from '../view/icon.tsx';
import { useWords } from '../view/locale.tsx';
import { layOut } from './chart-data.ts';
import { ChartTip } from './chart-tip.tsx';
import { markSpans, spansOf, type Mark } from './marks.ts';
import { createPlot, dataOf, type Scene } from './plot.ts';

interface TrafficChartProps {
  readonly points: readonly Point[];
  readonly anomalies: readonly AnomalyView[];
  readonly minutes: number;
  /** End of the drawn period, epoch milliseconds; default the newest minute. */
  readonly endMs?: number | undefined;
  /** The small chart of one anomaly: no icons above the plot. */
  readonly compact?: boolean;
  readonly onOpen?: (anomalyId: string) => void;
}

/** Counts by status, minute by minute, with the expected band, holes in the data and anomalies. */
export function TrafficChart({ points, anomalies, minutes, endMs, compact = false, onOpen }: TrafficChartProps) {
  const { t, locale, timeZone } = useWords();
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [hovered, setHovered] = useState<number | null>(null);
  const [tipLeft, setTipLeft] = useState(0);
  const [marks, setMarks] = useState<readonly Mark[]>([]);
  const scene = useMemo<Scene>(() => {
    const data = layOut(points, minutes, endMs);
    return { data, spans: spansOf(anomalies, data) };
  }, [points, anomalies, minutes, endMs]);
  const sceneRef = useRef(scene);
  sceneRef.current = scene;

  useLayoutEffect(() => {
    const element = host.current;
    if (element === null) return;
    const created = createPlot(element, { width: element.clientWidth, height: element.clientHeight }, {
      timeZone,
      compact,
      formatTime: (ms) => formatTime(locale, timeZone, ms),
      formatDay: (ms) => formatDay(locale, timeZone, ms),
      formatNumber: (value) => formatAmount(locale, value),
      scene: () => sceneRef.current,
      onHover: setHovered,
      onDrawn: (self) => {
        const left = self.over.offsetLeft;
        if (!compact) setMarks(markSpans(sceneRef.current.spans, (seconds) => left + self.valToPos(seconds, 'x')));
      },
    });
    plot.current = created;
    const stopWatching = watchSurroundings(element, created);
    return () => {
      stopWatching();
      created.destroy();
      plot.current = null;
    };
  }, [locale, timeZone, compact]);

  useEffect(() => {
    plot.current?.setData(dataOf(scene.data));
  }, [scene]);

  const column = hovered === null ? undefined : scene.data.columns[hovered];
  useLayoutEffect(() => {
    const self = plot.current;
    if (self !== null && column !== undefined) setTipLeft(self.over.offsetLeft + self.valToPos(column.x + 30, 'x'));
  }, [column]);

  const move = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    const last = scene.data.columns.length - 1;
    const self = plot.current;
    const next = scene.data.columns[Math.min(last, Math.max(0, (hovered ?? last + 1) + step))];
    if (step === 0 || self === null || next === undefined) return;
    event.preventDefault();
    self.setCursor({ left: self.valToPos(next.x + 30, 'x'), top: 10 });
  };
  const newest = points.at(-1);
  const summary =
    newest === undefined
      ? t('console.chart.empty')
      : t('console.chart.summary', { at: formatTime(locale, timeZone, newest.at), total: newest.total });
  return (
    <div className={compact ? 'plot plot-compact' : 'plot'}>
      <div ref={host} className="plot-host" tabIndex={0} role="img" aria-label={summary} onKeyDown={move} />
      {marks.map((mark) => (
        <MarkButton key={mark.id} mark={mark} anomaly={anomalies.find((anomaly) => anomaly.id === mark.id)} onOpen={onOpen} />
      ))}
      {column !== undefined && <ChartTip column={column} left={tipLeft} width={host.current?.clientWidth ?? 0} />}
    </div>
  );
}

function MarkButton({ mark, anomaly, onOpen }: { readonly mark: Mark; readonly anomaly: AnomalyView | undefined; readonly onOpen: TrafficChartProps['onOpen'] }) {
  const { t, locale, timeZone } = useWords();
  if (anomaly === undefined) return null;
  const started = Date.parse(anomaly.started_at);
  const label = t('console.chart.mark', { type: formatType(locale, anomaly.type), at: formatMoment(locale, timeZone, started, started) });
  return (
    <button type="button" className={`mark severity-${mark.severity}`} style={{ left: mark.x }} title={label} aria-label={label} onClick={() => onOpen?.(mark.id)}>
      <Icon name={mark.severity} size={18} />
      {mark.count > 1 && <span className="mark-count">{mark.count}</span>}
    </button>
  );
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
