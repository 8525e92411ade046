import type { AheadColumn, ChartData } from './chart-data.ts';
import type { ChartCanvas, ChartColours } from './palette.ts';

const MINUTE_S = 60;

/** Height of a line of text. Lines that are near each other have their words below each other. */
const LINE_PX = 16;

interface Label {
  readonly text: string;
  readonly line: number;
}

/** Words of the two lines. */
export interface AheadLabels {
  readonly now: string;
  readonly crossing: string;
}

/** Paints what is still to come: both bands, lighter than those of the past, the expected counts dashed, the line that parts
 *  past and future, and a dashed one where a drift will cross its threshold, with their words. */
export function paintAhead(canvas: ChartCanvas, { ahead, crossings, now }: ChartData, palette: ChartColours, labels: AheadLabels): void {
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
  paintLine(canvas, now, palette.of('--muted'), { text: labels.now, line: 0 });
  context.setLineDash([4 * ratio, 3 * ratio]);
  for (const crossing of crossings) paintLine(canvas, crossing, palette.of('--info'), { text: labels.crossing, line: 1 });
  context.setLineDash([]);
}

function edge({ x, y }: ChartCanvas, ahead: readonly AheadColumn[], value: (column: AheadColumn) => number): (readonly [number, number])[] {
  return ahead.map((column) => [x(column.x + MINUTE_S / 2), y(value(column))] as const);
}

function fillBand(canvas: ChartCanvas, ahead: readonly AheadColumn[], bounds: (column: AheadColumn) => readonly [number, number]): void {
  const { context } = canvas;
  const high = edge(canvas, ahead, (column) => bounds(column)[1]);
  const low = edge(canvas, ahead, (column) => bounds(column)[0]);
  context.beginPath();
  for (const [left, top] of [...high, ...low.toReversed()]) context.lineTo(left, top);
  context.fill();
}

function paintLine({ context, x, top, height, ratio }: ChartCanvas, seconds: number, colour: string, label: Label): void {
  const left = x(seconds);
  context.strokeStyle = colour;
  context.lineWidth = ratio;
  context.beginPath();
  context.moveTo(left, top);
  context.lineTo(left, top + height);
  context.stroke();
  context.fillStyle = colour;
  context.font = `${12 * ratio}px system-ui, sans-serif`;
  context.textAlign = 'left';
  context.textBaseline = 'top';
  context.fillText(label.text, left + 5 * ratio, top + (5 + LINE_PX * label.line) * ratio);
}
