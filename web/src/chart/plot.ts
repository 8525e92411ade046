import uPlot from 'uplot';
import type { ChartData } from './chart-data.ts';
import { paint, paletteOf, type Painted } from './paint.ts';

export interface PlotOptions {
  readonly timeZone: string;
  readonly formatTime: (ms: number) => string;
  readonly formatDay: (ms: number) => string;
  readonly formatNumber: (value: number) => string;
  /** What the plot draws next, read at every redraw. */
  readonly scene: () => Painted;
  /** Column under the pointer, null when it left. */
  readonly onHover: (column: number | null) => void;
  /** A stretch was drawn with the mouse, epoch seconds; undefined: none can be. */
  readonly onSelect: ((from: number, to: number) => void) | undefined;
  /** After every redraw: positions may have changed. */
  readonly onDrawn: (plot: uPlot) => void;
  readonly compact: boolean;
}

/** A uPlot that owns axes, scales and cursor; the stack, the band and the marks are painted by `paint`. */
export function createPlot(element: HTMLElement, size: { readonly width: number; readonly height: number }, options: PlotOptions): uPlot {
  const { scene } = options;
  const colour = (property: string) => () => paletteOf(element).of(property);
  const axis = {
    stroke: colour('--muted'),
    font: '12px system-ui, sans-serif',
    grid: { stroke: colour('--grid'), width: 1 },
    ticks: { show: false },
  } as const;
  const plot = new uPlot(
    {
      ...size,
      padding: [options.compact ? 6 : 30, 18, 0, 0],
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), options.timeZone),
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: options.onSelect !== undefined, y: false, setScale: false, dist: 8 } },
      scales: {
        x: { time: true, range: () => [scene().data.from, scene().data.to] },
        y: { range: () => [0, scene().data.yMax] },
      },
      axes: [
        { ...axis, size: 30, space: 64, values: (_plot, splits) => splits.map((seconds) => timeLabel(options, seconds)) },
        { ...axis, size: 46, space: 42, values: (_plot, splits) => splits.map((value) => options.formatNumber(value)) },
      ],
      series: [{}, { show: true, paths: () => null, points: { show: false } }],
      hooks: {
        drawAxes: [(self) => paint(self, scene(), paletteOf(element))],
        draw: [(self) => options.onDrawn(self)],
        setSelect: [(self) => takeSelection(self, options)],
        setCursor: [(self) => options.onHover(self.cursor.left == null || self.cursor.left < 0 ? null : (self.cursor.idx ?? null))],
      },
    },
    dataOf(scene().data),
    element,
  );
  followTouch(plot);
  return plot;
}

/** The same columns for uPlot's own use: cursor and scales. */
export function dataOf({ columns, ahead }: ChartData): uPlot.AlignedData {
  return [
    [...columns, ...ahead].map((column) => column.x + 30),
    [...columns.map((column) => column.point?.total ?? null), ...ahead.map(() => null)],
  ];
}

/** Hands on a stretch that was drawn, and takes its shade away: the chart then shows that stretch. */
function takeSelection(plot: uPlot, { onSelect }: PlotOptions): void {
  const { left, width } = plot.select;
  if (width <= 0) return;
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  onSelect?.(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'));
}

function timeLabel(options: PlotOptions, seconds: number): string {
  const time = options.formatTime(seconds * 1000);
  return time === '00:00' ? options.formatDay(seconds * 1000) : time;
}

/** uPlot follows mice only; a finger moves the cursor the same way, and scrolls the page when it goes up or down. */
function followTouch(plot: uPlot): void {
  plot.over.style.touchAction = 'pan-y';
  const follow = (event: PointerEvent) => {
    if (event.pointerType === 'mouse') return;
    const box = plot.over.getBoundingClientRect();
    plot.setCursor({ left: event.clientX - box.left, top: event.clientY - box.top });
  };
  plot.over.addEventListener('pointerdown', follow);
  plot.over.addEventListener('pointermove', follow);
}
