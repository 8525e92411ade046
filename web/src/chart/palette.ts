export interface ChartCanvas {
  readonly context: CanvasRenderingContext2D;
  readonly x: (seconds: number) => number;
  readonly y: (value: number) => number;
  readonly top: number;
  readonly height: number;
  readonly ratio: number;
}

/** Colours of the chart, read from the stylesheet so that both themes share one source. */
export interface ChartColours {
  readonly of: (property: string) => string;
}
