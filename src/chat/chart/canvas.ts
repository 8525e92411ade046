import { strokesOf } from './stroke-font.ts';

/** Red, green, blue, 0..255. */
export type Colour = readonly [number, number, number];
export type CanvasPoint = readonly [x: number, y: number];

/** A picture in memory, three bytes a pixel, row by row from the top. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
  /** Draws lines through points, smooth at the edges. `width`: pixels. */
  line(points: readonly CanvasPoint[], width: number, colour: Colour, alpha?: number): void;
  dot(at: CanvasPoint, radius: number, colour: Colour): void;
  /** Fills what lies between two lines over the same x, which grow. */
  between(upper: readonly CanvasPoint[], lower: readonly CanvasPoint[], colour: Colour, alpha: number): void;
  /** Writes a text whose capitals are `size` pixels high. `anchor`: which end of it is at x. */
  text(
    text: string,
    at: CanvasPoint,
    style: { readonly size: number; readonly colour: Colour; readonly anchor?: 'start' | 'middle' | 'end' },
  ): void;
}

/** Steps of the font's grid from the top of a capital to its base line. */
const CAPITAL = 6;
/** Width of a stroke as a share of the height of capitals. */
const WEIGHT = 0.14;

/** Makes a canvas of one colour. */
export function createCanvas(width: number, height: number, background: Colour): Canvas {
  const pixels = new Uint8Array(width * height * 3);
  pixels.set(background);
  for (let filled = 3; filled < pixels.length; filled *= 2) pixels.copyWithin(filled, 0, filled);

  const blend = (x: number, y: number, colour: Colour, alpha: number): void => {
    if (x < 0 || y < 0 || x >= width || y >= height || alpha <= 0) return;
    const at = (y * width + x) * 3;
    for (let part = 0; part < 3; part++) {
      const before = pixels[at + part] ?? 0;
      pixels[at + part] = Math.round(before + ((colour[part] ?? 0) - before) * Math.min(1, alpha));
    }
  };
  const segment = ([ax, ay]: CanvasPoint, [bx, by]: CanvasPoint, radius: number, colour: Colour, alpha: number): void => {
    const [left, right] = [Math.floor(Math.min(ax, bx) - radius - 1), Math.ceil(Math.max(ax, bx) + radius + 1)];
    const [top, bottom] = [Math.floor(Math.min(ay, by) - radius - 1), Math.ceil(Math.max(ay, by) + radius + 1)];
    const [dx, dy] = [bx - ax, by - ay];
    const squared = dx * dx + dy * dy;
    for (let y = Math.max(0, top); y <= Math.min(height - 1, bottom); y++) {
      for (let x = Math.max(0, left); x <= Math.min(width - 1, right); x++) {
        const share = squared === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / squared));
        const distance = Math.hypot(x - ax - share * dx, y - ay - share * dy);
        blend(x, y, colour, alpha * Math.min(1, Math.max(0, radius + 0.5 - distance)));
      }
    }
  };
  const line: Canvas['line'] = (points, lineWidth, colour, alpha = 1) => {
    for (let at = 0; at < points.length; at++) {
      const [from, to] = [points[at], points[at + 1] ?? points[at]];
      if (from !== undefined && to !== undefined && (at + 1 < points.length || points.length === 1))
        segment(from, to, lineWidth / 2, colour, alpha);
    }
  };

  return {
    width,
    height,
    pixels,
    line,
    dot: (at, radius, colour) => segment(at, at, radius, colour, 1),
    between(upper, lower, colour, alpha) {
      const first = upper[0]?.[0] ?? 0;
      const last = upper.at(-1)?.[0] ?? -1;
      for (let x = Math.ceil(first); x <= last; x++) {
        const [top, bottom] = [valueAt(upper, x), valueAt(lower, x)];
        for (let y = Math.floor(top); y <= Math.ceil(bottom); y++) {
          const inside = Math.min(1, Math.max(0, Math.min(y + 0.5, bottom) - Math.max(y - 0.5, top)));
          blend(x, y, colour, alpha * inside);
        }
      }
    },
    text(text, [x, y], { size, colour, anchor = 'start' }) {
      const scale = size / CAPITAL;
      const { strokes, width: columns } = strokesOf(text);
      const shift = anchor === 'start' ? 0 : anchor === 'end' ? columns * scale : (columns * scale) / 2;
      for (const stroke of strokes)
        line(
          stroke.map(([column, row]) => [x - shift + column * scale, y + row * scale] as const),
          size * WEIGHT,
          colour,
        );
    },
  };
}

/** Height of a line at x, between its points. */
function valueAt(points: readonly CanvasPoint[], x: number): number {
  let before = points[0] ?? [0, 0];
  for (const point of points) {
    if (point[0] >= x) {
      const span = point[0] - before[0];
      return span <= 0 ? point[1] : before[1] + ((point[1] - before[1]) * (x - before[0])) / span;
    }
    before = point;
  }
  return before[1];
}

/** Width of a text whose capitals are `size` pixels high. */
export const textWidth = (text: string, size: number): number => (strokesOf(text).width * size) / CAPITAL;
