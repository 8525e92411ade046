import type { MetricPoint } from '../metric/series.ts';
import { createCanvas, textWidth, type Canvas, type Colour, type CanvasPoint } from './canvas.ts';
import { encodePng } from './png.ts';
import { axisOf, type Axis } from './scale.ts';

/** What a chart says in words; all of it already in the language of the reader. */
export interface ChartWords {
  readonly title: string;
  /** The newest value, at the top. */
  readonly now: string;
  readonly value: string;
  readonly expected: string;
  /** A value of the axis. */
  readonly number: (value: number) => string;
  /** Time of day. */
  readonly time: (ms: number) => string;
}

const [WIDTH, HEIGHT] = [900, 500];
const AREA = { left: 110, right: WIDTH - 30, top: 110, bottom: HEIGHT - 90 };
/** For a phone in the dark: a dark ground, no white, nothing that only a colour says. */
const GROUND: Colour = [13, 17, 26];
const TEXT: Colour = [214, 222, 235];
const FAINT: Colour = [134, 146, 166];
const GRID: Colour = [40, 48, 64];
const BAND: Colour = [62, 108, 168];
const LINE: Colour = [122, 200, 255];
const ALARM: Colour = [255, 107, 94];
const STEPS = 4;
/** Heights of capitals that a title may have: a long name is smaller before it is cut. */
const TITLE_SIZES = [26, 22, 19];
const MINUTE_MS = 60_000;

/** Draws a metric over time: the band that was expected, the values, gaps where nobody knows, and a ring on every value outside
 *  of the band. `limits`: what the axis never leaves. */
export async function drawChart(
  points: readonly MetricPoint[],
  words: ChartWords,
  limits: { readonly low: number; readonly high: number },
): Promise<{ readonly data: Buffer; readonly width: number; readonly height: number }> {
  const canvas = createCanvas(WIDTH, HEIGHT, GROUND);
  const axis = axisOf(
    points.flatMap(({ value, low, high }) => [value, low, high].filter((one) => one !== null)),
    STEPS,
    limits,
  );
  const from = points[0]?.minute ?? 0;
  const to = Math.max(from + MINUTE_MS, points.at(-1)?.minute ?? 0);
  const place = (minute: number, value: number): CanvasPoint => [
    AREA.left + ((AREA.right - AREA.left) * (minute - from)) / (to - from),
    AREA.bottom - ((AREA.bottom - AREA.top) * (Math.min(axis.high, Math.max(axis.low, value)) - axis.low)) / (axis.high - axis.low),
  ];
  drawFrame(canvas, axis, words, { from, to, y: (value) => place(from, value)[1] });
  for (const part of runsOf(points, ({ low, high }) => low !== null && high !== null)) {
    const edge = (which: 'low' | 'high') => part.map((point) => place(point.minute, point[which] ?? 0));
    canvas.between(edge('high'), edge('low'), BAND, 0.38);
    canvas.line(edge('high'), 2, BAND, 0.8);
    canvas.line(edge('low'), 2, BAND, 0.8);
  }
  for (const part of runsOf(points, ({ value }) => value !== null))
    canvas.line(
      part.map(({ minute, value }) => place(minute, value ?? 0)),
      4,
      LINE,
    );
  const isOut = ({ value, low, high }: MetricPoint): boolean =>
    value !== null && ((low !== null && value < low) || (high !== null && value > high));
  for (const point of points.filter(isOut)) {
    canvas.dot(place(point.minute, point.value ?? 0), 7, ALARM);
    canvas.dot(place(point.minute, point.value ?? 0), 3, GROUND);
  }
  const last = points.findLast(({ value }) => value !== null);
  if (last !== undefined && !isOut(last)) canvas.dot(place(last.minute, last.value ?? 0), 7, LINE);
  drawLegend(canvas, words);
  return { data: await encodePng(canvas), width: WIDTH, height: HEIGHT };
}

/** Stretches of neighbouring minutes that have something. */
function runsOf(points: readonly MetricPoint[], has: (point: MetricPoint) => boolean): MetricPoint[][] {
  const runs: MetricPoint[][] = [];
  let before: MetricPoint | undefined;
  for (const point of points) {
    if (has(point)) {
      const isNext = before !== undefined && point.minute - before.minute <= MINUTE_MS;
      if (isNext) runs.at(-1)?.push(point);
      else runs.push([point]);
      before = point;
    } else before = undefined;
  }
  return runs;
}

interface Frame {
  readonly from: number;
  readonly to: number;
  readonly y: (value: number) => number;
}

function drawFrame(canvas: Canvas, { ticks }: Axis, words: ChartWords, { from, to, y }: Frame): void {
  for (const tick of ticks) {
    canvas.line(
      [
        [AREA.left, y(tick)],
        [AREA.right, y(tick)],
      ],
      2,
      GRID,
    );
    canvas.text(words.number(tick), [AREA.left - 14, y(tick) - 9], { size: 18, colour: FAINT, anchor: 'end' });
  }
  const times: readonly (readonly [number, 'start' | 'middle' | 'end'])[] = [
    [0, 'start'],
    [0.5, 'middle'],
    [1, 'end'],
  ];
  for (const [share, anchor] of times) {
    const x = AREA.left + (AREA.right - AREA.left) * share;
    canvas.text(words.time(from + (to - from) * share), [x, AREA.bottom + 14], { size: 18, colour: FAINT, anchor });
  }
  const room = WIDTH - 60 - textWidth(words.now, 30);
  const size = TITLE_SIZES.find((one) => textWidth(words.title, one) <= room - 30) ?? TITLE_SIZES.at(-1) ?? 19;
  canvas.text(fitting(words.title, room - 30, size), [30, 38 + (26 - size) / 2], { size, colour: TEXT });
  canvas.text(words.now, [WIDTH - 30, 34], { size: 30, colour: TEXT, anchor: 'end' });
}

/** A title cut to the room that it has. */
function fitting(title: string, room: number, size: number): string {
  const letters = Array.from(title);
  if (textWidth(title, size) <= room) return title;
  while (letters.length > 0 && textWidth(`${letters.join('')}…`, size) > room) letters.pop();
  return `${letters.join('')}…`;
}

function drawLegend(canvas: Canvas, { value, expected }: ChartWords): void {
  const y = HEIGHT - 30;
  canvas.line(
    [
      [AREA.left, y],
      [AREA.left + 36, y],
    ],
    4,
    LINE,
  );
  canvas.text(value, [AREA.left + 48, y - 8], { size: 16, colour: FAINT });
  const x = AREA.left + 48 + textWidth(value, 16) + 50;
  canvas.between(
    [
      [x, y - 9],
      [x + 36, y - 9],
    ],
    [
      [x, y + 9],
      [x + 36, y + 9],
    ],
    BAND,
    0.6,
  );
  canvas.text(expected, [x + 48, y - 8], { size: 16, colour: FAINT });
}
