/** Labelled incident windows of one stream; minutes count from the first minute of the stream, ends are inclusive. */
export interface LabelledWindow {
  readonly id: string;
  readonly start: number;
  readonly end: number;
  readonly required: boolean;
  readonly statuses: readonly string[];
}

/** One judged row: minute since the start of the stream; several rows of a minute count as their worst. */
export interface JudgedRow {
  readonly minute: number;
  readonly score: number;
  readonly decision: number;
  readonly status: string;
}

/** Delays are minutes from the start of the window, by window; null where nothing was decided. */
export type Delays = Readonly<Record<string, number | null>>;

export interface WindowScore {
  readonly required: number;
  readonly hit: number;
  readonly delays: Delays;
  readonly medianDelay: number | null;
  readonly maxDelay: number | null;
  readonly falseEpisodes: number;
  readonly falseMinutes: number;
  readonly falsePerDay: number;
  readonly freeMinutes: number;
  /** At the lowest threshold of the score that has no false alarm. */
  readonly zeroFalse: { readonly hit: number; readonly threshold: number; readonly delays: Delays; readonly medianDelay: number | null };
  /** Windows inside others: the delay of their own statuses, null when those were open before or never. */
  readonly nested: Delays;
}

export interface WindowScoreOptions {
  /** Length of the stream in minutes (default 4320). */
  readonly minutes?: number;
  /** Minutes after a window that are nobody's fault (default 15). */
  readonly post?: number;
}

const EPISODE_GAP = 5;
const NESTED_BEFORE = 5;

/** Scores decisions against labelled windows: windows hit, delay, false alarm episodes (runs of decided minutes, merged over
 *  gaps of five minutes, outside every window and the minutes after it) and hits at the threshold without false alarms. */
export function scoreWindows(
  windows: readonly LabelledWindow[],
  rows: readonly JudgedRow[],
  options: WindowScoreOptions = {},
): WindowScore {
  const minutes = options.minutes ?? 4320;
  const scores = new Float64Array(minutes);
  const decided = new Uint8Array(minutes);
  for (const { minute, score, decision } of rows) {
    if (minute < 0 || minute >= minutes) continue;
    scores[minute] = Math.max(scores[minute] ?? 0, score);
    if (decision > 0) decided[minute] = 1;
  }
  const free = freeMinutes(windows, minutes, options.post ?? 15);
  const nested = nestedIn(windows);
  const required = windows.filter(({ id, required }) => required && !nested.has(id));
  const own = evaluate(windows, decided, free);
  const threshold = scores.reduce((most, score, minute) => (free[minute] === 1 ? Math.max(most, score) : most), 0);
  const swept = evaluate(
    windows,
    Uint8Array.from(scores, (score) => (score > threshold + 1e-12 ? 1 : 0)),
    free,
  );
  const freeCount = free.reduce((sum, flag) => sum + flag, 0);
  const of = (hits: ReadonlyMap<string, number | null>) => Object.fromEntries(required.map(({ id }) => [id, hits.get(id) ?? null]));
  const delays = of(own.hits);
  const zeroDelays = of(swept.hits);
  const known = found(delays);
  return {
    required: required.length,
    hit: known.length,
    delays,
    medianDelay: median(known),
    maxDelay: known.length === 0 ? null : Math.max(...known),
    falseEpisodes: own.episodes,
    falseMinutes: own.falseMinutes,
    falsePerDay: own.episodes / Math.max(freeCount / 1440, 1e-9),
    freeMinutes: freeCount,
    zeroFalse: { hit: found(zeroDelays).length, threshold, delays: zeroDelays, medianDelay: median(found(zeroDelays)) },
    nested: nestedDelays(windows, nested, rows),
  };
}

/** Middle of the numbers, the mean of the two middle ones for an even count; null for none. */
export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  return upper === undefined || lower === undefined ? null : (upper + lower) / 2;
}

const found = (delays: Delays): number[] => Object.values(delays).filter((delay) => delay !== null);

function freeMinutes(windows: readonly LabelledWindow[], minutes: number, post: number): Uint8Array {
  const free = new Uint8Array(minutes).fill(1);
  for (const { start, end } of windows) free.fill(0, Math.max(0, start - 1), end + 1 + post);
  return free;
}

/** Required windows that lie wholly within another required one: the outer alarm hides them. */
function nestedIn(windows: readonly LabelledWindow[]): Set<string> {
  const required = windows.filter((window) => window.required);
  const inside = required.filter((x) => required.some((y) => x.id !== y.id && y.start <= x.start && x.end <= y.end));
  return new Set(inside.map(({ id }) => id));
}

function evaluate(windows: readonly LabelledWindow[], decided: Uint8Array, free: Uint8Array) {
  const hits = new Map<string, number | null>();
  for (const { id, start, end } of windows) {
    const at = decided.subarray(start, end + 1).indexOf(1);
    hits.set(id, at < 0 ? null : at);
  }
  let episodes = 0;
  let falseMinutes = 0;
  let last = Number.NEGATIVE_INFINITY;
  for (let minute = 0; minute < decided.length; minute++) {
    if (decided[minute] === 0 || free[minute] === 0) continue;
    if (minute - last > EPISODE_GAP) episodes++;
    falseMinutes++;
    last = minute;
  }
  return { hits, episodes, falseMinutes };
}

function nestedDelays(windows: readonly LabelledWindow[], nested: ReadonlySet<string>, rows: readonly JudgedRow[]): Delays {
  const delays: Record<string, number | null> = {};
  for (const { id, start, end, statuses } of windows) {
    if (!nested.has(id)) continue;
    const at = rows.filter(({ status, decision }) => decision > 0 && statuses.includes(status)).map(({ minute }) => minute);
    const within = at.filter((minute) => minute >= start && minute <= end);
    const isOld = at.some((minute) => minute >= start - NESTED_BEFORE && minute < start);
    delays[id] = within.length === 0 || isOld ? null : Math.min(...within) - start;
  }
  return delays;
}
