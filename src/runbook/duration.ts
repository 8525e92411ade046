/** Written form of a duration: `500ms`, `30s`, `5m`, `2h`. */
export const DURATION = '^[1-9][0-9]{0,6}(ms|s|m|h)$';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a duration; undefined for an invalid text. Pure. */
export function durationMs(text: string): number | undefined {
  const [, amount, unit = ''] = /^([1-9][0-9]{0,6})(ms|s|m|h)$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  return amount === undefined || unitMs === undefined ? undefined : Number(amount) * unitMs;
}

/** Longest timeout or wait of a file. A timer of Node ends at once above 24.8 days. */
export const LONGEST_MS = 24 * 3_600_000;

/** Milliseconds of a duration of a checked file; `fallback` where the file has none. */
export function msOf(text: string | undefined, fallback: number): number {
  return text === undefined ? fallback : (durationMs(text) ?? fallback);
}
