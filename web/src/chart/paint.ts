import type { ChartCanvas, ChartColours } from './palette.ts';
import type uPlot from 'uplot';
import { runsOf, type ChartData, type Column } from './chart-data.ts';
import { flattenSpans, type Span } from './marks.ts';
import { paintAhead, type AheadLabels } from './paint-ahead.ts';
import { OTHER_COLOUR, STACK_ORDER, STATUS_COLOUR } from './status-colour.ts';

/** Reads custom properties of an element as they are now. */
export function paletteOf(element: Element): ChartColours {
  const style = getComputedStyle(element);
  return { of: (property) => style.getPropertyValue(property).trim() || '#888' };
}

const MINUTE_S = 60;

function canvasOf(plot: uPlot): ChartCanvas {
  return {
    context: plot.ctx,
    x: (seconds) => Math.round(plot.valToPos(seconds, 'x', true)),
    y: (value) => plot.valToPos(value, 'y', true),
    top: plot.bbox.top,
    height: plot.bbox.height,
    ratio: window.devicePixelRatio,
  };
}

/** What is painted: the data, the anomalies and the words of the lines of the forecast. */
export interface Painted {
  readonly data: ChartData;
  readonly spans: readonly Span[];
  readonly labels: AheadLabels;
}

/** Paints everything between the grid and the cursor: the stack, holes, the band, the forecast, anomaly spans. */
export function paint(plot: uPlot, { data, spans, labels }: Painted, palette: ChartColours): void {
  const canvas = canvasOf(plot);
  const { context } = canvas;
  context.save();
  context.beginPath();
  context.rect(plot.bbox.left, plot.bbox.top, plot.bbox.width, plot.bbox.height);
  context.clip();
  paintStack(canvas, data.columns, palette);
  paintUnjudged(canvas, data.columns, palette);
  paintBand(canvas, data.columns, palette);
  paintAhead(canvas, data, palette, labels);
  paintSpans(canvas, spans, palette);
  context.restore();
}

function paintStack({ context, x, y }: ChartCanvas, columns: readonly Column[], palette: ChartColours): void {
  const base = y(0);
  for (let status = STACK_ORDER.length; status >= 0; status -= 1) {
    const name = STACK_ORDER[status];
    context.fillStyle = palette.of(name === undefined ? OTHER_COLOUR : STATUS_COLOUR[name]);
    context.beginPath();
    for (const column of columns) {
      const edge = column.stack?.[status] ?? 0;
      const lower = status === 0 ? 0 : (column.stack?.[status - 1] ?? 0);
      if (edge <= lower) continue;
      const left = x(column.x);
      const top = y(edge);
      context.rect(left, top, x(column.x + MINUTE_S) - left, base - top);
    }
    context.fill();
  }
}

/** Hatches what was not judged: minutes without data to one side, incomplete ones to the other, over their counts. */
function paintUnjudged(canvas: ChartCanvas, columns: readonly Column[], palette: ChartColours): void {
  hatch(canvas, palette, { runs: runsOf(columns, (column) => column.stack === null), isFalling: false });
  hatch(canvas, palette, { runs: runsOf(columns, (column) => column.point?.state === 'incomplete'), isFalling: true });
}

function hatch(
  canvas: ChartCanvas,
  palette: ChartColours,
  { runs, isFalling }: { readonly runs: ReturnType<typeof runsOf>; readonly isFalling: boolean },
): void {
  const { context, x, top, height, ratio } = canvas;
  context.strokeStyle = palette.of('--hatch');
  context.lineWidth = ratio;
  for (const [from, to] of runs) {
    const left = x(from);
    const width = x(to) - left;
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    context.beginPath();
    for (let offset = -height; offset < width; offset += 7 * ratio) {
      context.moveTo(left + offset, isFalling ? top : top + height);
      context.lineTo(left + offset + height, isFalling ? top + height : top);
    }
    context.stroke();
    context.restore();
  }
}

const isBanded = (column: Column) => column.point !== null && column.point.expected_low !== null && column.point.expected_high !== null;

function paintBand({ context, x, y, ratio }: ChartCanvas, columns: readonly Column[], palette: ChartColours): void {
  const edge = (from: number, to: number, value: (column: Column) => number) => {
    const part = columns.filter((column) => column.x >= from && column.x < to);
    return part.flatMap((column) => [[x(column.x), y(value(column))] as const, [x(column.x + MINUTE_S), y(value(column))] as const]);
  };
  const trace = (points: readonly (readonly [number, number])[]) => {
    for (const [left, top] of points) context.lineTo(left, top);
  };
  for (const [from, to] of runsOf(columns, isBanded)) {
    const high = edge(from, to, (column) => column.point?.expected_high ?? 0);
    const low = edge(from, to, (column) => Math.max(0, column.point?.expected_low ?? 0));
    context.fillStyle = palette.of('--band-fill');
    context.beginPath();
    trace(high);
    trace(low.toReversed());
    context.fill();
    context.strokeStyle = palette.of('--band-edge');
    context.lineWidth = ratio;
    for (const line of [high, low]) {
      context.beginPath();
      trace(line);
      context.stroke();
    }
    context.strokeStyle = palette.of('--band-line');
    context.lineWidth = 1.5 * ratio;
    context.setLineDash([5 * ratio, 4 * ratio]);
    context.beginPath();
    trace(edge(from, to, (column) => column.point?.expected ?? 0));
    context.stroke();
    context.setLineDash([]);
  }
}

function paintSpans({ context, x, top, height, ratio }: ChartCanvas, spans: readonly Span[], palette: ChartColours): void {
  for (const span of flattenSpans(spans)) {
    const left = x(span.from);
    const width = Math.max(2 * ratio, x(span.to) - left);
    context.fillStyle = palette.of(`--${span.severity}`);
    context.globalAlpha = 0.13;
    context.fillRect(left, top, width, height);
    context.globalAlpha = 1;
    context.fillRect(left, top, width, 3 * ratio);
  }
}
