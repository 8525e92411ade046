import { scopeOf } from '../anomaly/episode.ts';
import { at, atU8, GROUP_ROWS, NATS, type SeriesStore, STRIDE, valueOf } from '../series/series-store.ts';
import { SETTINGS } from '../series/settings.ts';
import { emptyRun, familyOfRow } from '../series/signal.ts';
import { sizeOf } from './suppressed-rows.ts';
import { keepCandidates, type JudgedMinute } from './recalibrate.ts';
import type { SuppressedCause, VerdictEntry } from './verdict-entry.ts';

/** Part of the threshold at which a quietened row is shown, below all that acts on rows which are about to tell. */
const SUPPRESSED_SHARE = 0.25;
/** Part of the threshold from which a row counts as unusual. */
const UNUSUAL_SHARE = 0.4;
/** Ordinary minutes that end a spell of noise. */
const CALM_MINUTES = 5;
const { suppressMinutes, suppressMost, suppressRatio, suppressSpell } = SETTINGS.feedback;

/** Takes rows out that a person called noise: what comes again at the same size and for as long as then, and the fall of a
 *  volume that goes along with it. What is clearly worse, or lasts clearly longer, is reported; nothing at all is never
 *  quietened. `noiseOf`: (faded) verdicts `noise` on the same rows. */
export function suppress(
  store: SeriesStore,
  entries: readonly VerdictEntry[],
  minute: JudgedMinute,
  noiseOf: (entry: VerdictEntry) => number,
): void {
  const active = entries.filter(({ quiet }) => quiet !== null);
  if (active.length === 0) return;
  const sizes = new Map<number, number>();
  for (const entry of active) {
    const { quiet } = entry;
    if (quiet === null || minute.number - entry.minute >= suppressedFor(noiseOf(entry))) continue;
    const goesOn = quiet.rows.some(({ row, z }) => isUnusual(store, row, minute) && sizeOf(store, row) < z * suppressRatio);
    if (goesOn) followSpell(quiet, minute.number);
    if (isLonger(quiet)) continue;
    for (const { row, z } of quiet.rows) note(sizes, row, z);
    const [first] = quiet.rows;
    if (first === undefined || !goesOn || entry.family === 'volume') continue;
    const total = scopeOf(store, first.row) * GROUP_ROWS;
    for (const row of [total, total + 1]) note(sizes, row, first.z);
  }
  const candidateRows = new Set(minute.candidates);
  for (const [row, size] of sizes) suppressRow(store, row, size * suppressRatio, minute, candidateRows);
  keepCandidates(minute, candidateRows);
}

/** Minutes that a cause stays quiet: half a day, twice as long with every further verdict, a week at most. */
function suppressedFor(noise: number): number {
  return Math.min(suppressMost, suppressMinutes * 2 ** Math.max(0, noise - 1));
}

/** Follows one spell after the other. The one that was judged may last as long as it likes: that is how long noise lasts. */
function followSpell(quiet: SuppressedCause, minute: number): void {
  if (minute - quiet.last > CALM_MINUTES) {
    quiet.since = minute;
    quiet.isJudged = false;
  }
  quiet.last = minute;
  if (quiet.isJudged) quiet.minutes = Math.max(quiet.minutes, minute - quiet.since + 1);
}

const isLonger = ({ isJudged, since, last, minutes }: SuppressedCause): boolean =>
  !isJudged && last - since + 1 > Math.max(suppressSpell, suppressRatio * minutes);

const note = (sizes: Map<number, number>, row: number, z: number) => void sizes.set(row, Math.max(sizes.get(row) ?? 0, z));

const thresholdOf = (store: SeriesStore, row: number, { thresholds }: JudgedMinute): number =>
  at(thresholds, atU8(store.kinds, scopeOf(store, row)));

const isUnusual = (store: SeriesStore, row: number, minute: JudgedMinute): boolean =>
  valueOf(store, row, NATS) >= UNUSUAL_SHARE * thresholdOf(store, row, minute);

function suppressRow(store: SeriesStore, row: number, size: number, minute: JudgedMinute, candidateRows: Set<number>): void {
  const isAbsent = familyOfRow(store, row) === 'volume' && emptyRun(store, row, minute.number) > 0;
  if (isAbsent || sizeOf(store, row) >= size) return;
  const o = row * STRIDE + NATS;
  store.values[o] = Math.min(at(store.values, o), SUPPRESSED_SHARE * thresholdOf(store, row, minute));
  candidateRows.delete(row);
}
