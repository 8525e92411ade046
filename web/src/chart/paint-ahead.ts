import type { AheadColumn, ChartData } from './chart-data.ts';
import type { Canvas, Palette } from './paint.ts';

const MINUTE_S = 60;

/** Paints what is still to come: both bands, lighter than those of the past, the expected counts dashed, and the line that
 *  parts past and future, with its word. */
export function paintAhead(canvas: Canvas, { ahead, now }: ChartData, palette: Palette, nowLabel: string): void {
  if (ahead.length === 0) return;
  const { context, ratio } = canvas;
  context.fillStyle = palette.of('--ahead-outer');
  fillBand(canvas, ahead, ({ step }) => [step.low99, step.high99]);
  context.fillStyle = palette.of('--ahead-inner');
  fillBand(canvas, ahead, ({ step }) => [step.low80, step.high80]);
  context.strokeStyle = palette.of('--band-line');
  context.lineWidth = 1.5 * ratio;
  context.setLineDash([2 * ratio, 4 * ratio]);
  context.beginPath();
  for (const [left, top] of edge(canvas, ahead, ({ step }) => step.expected)) context.lineTo(left, top);
  context.stroke();
  context.setLineDash([]);
  paintNow(canvas, now, palette, nowLabel);
}

function edge({ x, y }: Canvas, ahead: readonly AheadColumn[], value: (column: AheadColumn) => number): (readonly [number, number])[] {
  return ahead.map((column) => [x(column.x + MINUTE_S / 2), y(value(column))] as const);
}

function fillBand(canvas: Canvas, ahead: readonly AheadColumn[], bounds: (column: AheadColumn) => readonly [number, number]): void {
  const { context } = canvas;
  const high = edge(canvas, ahead, (column) => bounds(column)[1]);
  const low = edge(canvas, ahead, (column) => bounds(column)[0]);
  context.beginPath();
  for (const [left, top] of [...high, ...low.toReversed()]) context.lineTo(left, top);
  context.fill();
}

function paintNow({ context, x, top, height, ratio }: Canvas, now: number, palette: Palette, label: string): void {
  const left = x(now);
  context.strokeStyle = palette.of('--muted');
  context.lineWidth = ratio;
  context.beginPath();
  context.moveTo(left, top);
  context.lineTo(left, top + height);
  context.stroke();
  context.fillStyle = palette.of('--muted');
  context.font = `${12 * ratio}px system-ui, sans-serif`;
  context.textAlign = 'left';
  context.textBaseline = 'top';
  context.fillText(label, left + 5 * ratio, top + 5 * ratio);
}
