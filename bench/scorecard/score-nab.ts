/** One file of the corpus with what a detector said of it, row by row. Times and the ends of windows (inclusive) are epoch
 *  milliseconds of rows of the file. `decisions`: null when the detector has none. */
export interface NabFile {
  readonly name: string;
  readonly times: readonly number[];
  readonly windows: readonly (readonly [start: number, end: number])[];
  readonly scores: readonly number[];
  readonly decisions: readonly number[] | null;
}

/** What a hit, a miss and a false alarm weigh. */
export const NAB_PROFILES = {
  standard: { missed: 1, false: 0.11 },
  lowFalsePositive: { missed: 1, false: 0.22 },
  lowFalseNegative: { missed: 2, false: 0.11 },
} as const;
export type NabProfile = keyof typeof NAB_PROFILES;
const NAMES = Object.keys(NAB_PROFILES) as NabProfile[];

type PerProfile = Readonly<Record<NabProfile, number>>;

/** Scores from 0 (a detector that is silent) to 100 (perfect); they may be negative. */
export interface NabScore {
  /** With the best threshold of each profile over all files, which is how NAB's own scoreboard works. */
  readonly swept: PerProfile;
  readonly thresholds: PerProfile;
  readonly windows: number;
  /** At the standard threshold. */
  readonly windowsHit: number;
  readonly falsePoints: number;
  /** With the decisions of the detector, without any search; null when there are none. */
  readonly fixed: (PerProfile & { readonly windowsHit: number; readonly falsePoints: number }) | null;
}

/** Version 1.1 of the Numenta Anomaly Benchmark's scoring: early in a window counts most, false alarms cost more the farther
 *  they are from a window, the first part of every file is for learning. Throws when a window does not start and end at rows. */
export function scoreNab(files: readonly NabFile[]): NabScore {
  const prepared = files.map(prepare);
  const swept: Partial<Record<NabProfile, number>> = {};
  const thresholds: Partial<Record<NabProfile, number>> = {};
  let windows = 0;
  for (const profile of NAMES) {
    const best = sweep(prepared, profile);
    windows = best.windows;
    swept[profile] = normalised(best.raw, best.windows, profile);
    thresholds[profile] = best.threshold;
  }
  const standard = thresholds.standard ?? Number.POSITIVE_INFINITY;
  const atStandard = decide(prepared, 'standard', (file, index) => (file.scores[index] ?? 0) >= standard);
  return {
    swept: swept as PerProfile,
    thresholds: thresholds as PerProfile,
    windows,
    windowsHit: atStandard.hits,
    falsePoints: atStandard.falsePoints,
    fixed: files[0]?.decisions == null ? null : fixedScore(prepared),
  };
}

const sigmoid = (x: number): number => (x > 3 ? -1 : 2 / (1 + Math.exp(Math.min(5 * x, 700))) - 1);
const MOST = sigmoid(-1);
const PROBATION_SHARE = 0.15;
const PROBATION_ROWS = 5000;

interface Prepared {
  readonly scores: readonly number[];
  readonly decisions: readonly number[] | null;
  /** Window of each row or -1, and what a detection there is worth before weights. */
  readonly window: Int32Array;
  readonly worth: Float64Array;
  readonly windows: number;
  /** First row after the learning part. */
  readonly from: number;
}

function prepare({ name, times, windows, scores, decisions }: NabFile): Prepared {
  const rows = times.length;
  const window = new Int32Array(rows).fill(-1);
  const worth = new Float64Array(rows).fill(-1);
  let previous: { right: number; width: number } | null = null;
  const fall = (from: number, to: number): void => {
    if (previous === null) return;
    for (let row = from; row < to; row++) worth[row] = sigmoid(Math.abs(previous.right - row) / (previous.width - 1));
  };
  windows.forEach(([start, end], index) => {
    const left = times.indexOf(start);
    const right = times.indexOf(end);
    if (left < 0 || right < 0) throw new Error(`${name}: window ${index + 1} does not start and end at rows of the file.`);
    if (previous !== null) fall(previous.right + 1, left);
    const width = right - left + 1;
    for (let row = left; row <= right; row++) {
      worth[row] = sigmoid(-(right - row + 1) / width) / MOST;
      window[row] = index;
    }
    previous = { right, width };
  });
  if (previous !== null) fall((previous as { right: number }).right + 1, rows);
  const from = Math.ceil(Math.min(Math.floor(PROBATION_SHARE * rows), PROBATION_SHARE * PROBATION_ROWS));
  return { scores: scores.map((score) => (Number.isNaN(score) ? 0 : score)), decisions, window, worth, windows: windows.length, from };
}

/** Best raw score over all thresholds; a threshold takes every row that scores at least as much. */
function sweep(files: readonly Prepared[], profile: NabProfile): { raw: number; threshold: number; windows: number } {
  const { missed, false: wrong } = NAB_PROFILES[profile];
  const rows: { score: number; worth: number; window: number }[] = [];
  let offset = 0;
  for (const file of files) {
    for (let row = file.from; row < file.scores.length; row++) {
      const window = file.window[row] ?? -1;
      rows.push({ score: file.scores[row] ?? 0, worth: file.worth[row] ?? 0, window: window < 0 ? -1 : window + offset });
    }
    offset += file.windows;
  }
  rows.sort((a, b) => b.score - a.score);
  const windows = new Set(rows.filter(({ window }) => window >= 0).map(({ window }) => window)).size;
  const gained = new Map<number, number>();
  let raw = -missed * windows;
  let best = { raw, threshold: (rows[0]?.score ?? 0.1) + 1, windows };
  rows.forEach(({ score, worth, window }, index) => {
    if (window < 0) raw += worth * wrong;
    else {
      const before = gained.get(window) ?? -missed;
      const after = Math.max(before, worth);
      gained.set(window, after);
      raw += after - before;
    }
    if (rows[index + 1]?.score !== score && raw > best.raw) best = { raw, threshold: score, windows };
  });
  return best;
}

function decide(files: readonly Prepared[], profile: NabProfile, isDecided: (file: Prepared, row: number) => boolean) {
  const { missed, false: wrong } = NAB_PROFILES[profile];
  let raw = 0;
  let hits = 0;
  let windows = 0;
  let falsePoints = 0;
  for (const file of files) {
    const gained = new Map<number, number | null>();
    for (let row = file.from; row < file.scores.length; row++) {
      const window = file.window[row] ?? -1;
      const worth = file.worth[row] ?? 0;
      const flag = isDecided(file, row);
      if (window >= 0) {
        const before = gained.get(window) ?? null;
        gained.set(window, flag ? Math.max(before ?? -missed, worth) : before);
      } else if (flag) {
        raw += worth * wrong;
        falsePoints++;
      }
    }
    for (const gain of gained.values()) {
      windows++;
      raw += gain ?? -missed;
      if (gain !== null) hits++;
    }
  }
  return { raw, hits, windows, falsePoints };
}

function fixedScore(files: readonly Prepared[]): NonNullable<NabScore['fixed']> {
  const isDecided = (file: Prepared, row: number): boolean => (file.decisions?.[row] ?? 0) > 0;
  const results = NAMES.map((profile) => [profile, decide(files, profile, isDecided)] as const);
  const scores = Object.fromEntries(results.map(([profile, { raw, windows }]) => [profile, normalised(raw, windows, profile)]));
  const last = results[0]?.[1] ?? { hits: 0, falsePoints: 0 };
  return { ...(scores as PerProfile), windowsHit: last.hits, falsePoints: last.falsePoints };
}

function normalised(raw: number, windows: number, profile: NabProfile): number {
  const { missed } = NAB_PROFILES[profile];
  return (100 * (raw + missed * windows)) / (windows + missed * windows);
}
