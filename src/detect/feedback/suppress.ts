import { scopeOf } from '../anomaly/episode.ts';
import { countZ } from '../evidence/evidence.ts';
import { at, atU8, GROUP_ROWS, NATS, RING, type SeriesStore, SPREAD, STRIDE, valueOf } from '../series/series-store.ts';
import { tailNats } from '../series/normal.ts';
import { SETTINGS } from '../series/settings.ts';
import { directionOf, emptyRun, familyOfRow, recent, runOf } from '../series/signal.ts';
import { sizeOf } from './suppressed-rows.ts';
import { keepCandidates, type JudgedMinute } from './recalibrate.ts';
import type { SuppressedCause, VerdictEntry } from './verdict-entry.ts';

/** Part of the threshold at which a quietened row is shown, below all that acts on rows which are about to tell. */
const SUPPRESSED_SHARE = 0.25;
/** Part of the threshold from which a row counts as unusual. */
const UNUSUAL_SHARE = 0.4;
/** Ordinary minutes that end a spell of noise. */
const CALM_MINUTES = 5;
/** Minutes that say whether a spell goes on, standard deviations that they must have, and part of the most that they had. */
const SHORT_MINUTES = 3;
const LEAST_STRENGTH = 2;
const LASTING_SHARE = 0.5;
const { suppressMinutes, suppressMost, suppressRatio, suppressSpell } = SETTINGS.feedback;

/** Takes rows out that a person called noise: what comes again at the same size and for as long as then, and the approved ones
 *  that go missing with it. What is clearly worse, or lasts clearly longer, is reported, and so is a volume that falls by itself; nothing
 *  at all is never suppressed. What the same cause shows in wider rows is explained by `minute.suppressed`, as by an open
 *  anomaly. `noiseOf`: (faded) verdicts `noise` on the same rows. */
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
    const unusual = quiet.rows.filter(({ row, z }) => isUnusual(store, row, minute) && sizeOf(store, row) < z * suppressRatio);
    if (unusual.length > 0) followSpell(quiet, minute.number, Math.max(...unusual.map(({ row }) => strengthOf(store, row, minute.number))));
    if (isLonger(quiet)) continue;
    for (const { row, z } of quiet.rows) note(sizes, row, z);
    const [first] = quiet.rows;
    if (first === undefined || unusual.length === 0 || entry.family === 'volume') continue;
    if (!explainsFall(store, first.row, minute)) continue;
    const total = scopeOf(store, first.row) * GROUP_ROWS;
    for (const row of [total, total + 1]) note(sizes, row, first.z);
  }
  const candidateRows = new Set(minute.candidates);
  for (const [row, size] of sizes) suppressRow(store, row, size * suppressRatio, minute, candidateRows);
  keepCandidates(minute, candidateRows);
}

/** Minutes that a cause is suppressed: half a day, doubled by every further verdict, a week at most. */
function suppressedFor(noise: number): number {
  return Math.min(suppressMost, suppressMinutes * 2 ** Math.max(0, noise - 1));
}

/** Follows one spell after the other; `strength`: of its last minutes. What is twice as strong begins again. The one that was judged may last as long as it likes: that is
 *  how long noise lasts. */
function followSpell(quiet: SuppressedCause, minute: number, strength: number): void {
  const before = minute - quiet.last > CALM_MINUTES ? 0 : (quiet.peak ?? strength);
  if (strength < Math.max(LEAST_STRENGTH, LASTING_SHARE * before)) return;
  const isNew = before < LASTING_SHARE * strength;
  if (isNew) {
    quiet.since = minute;
    quiet.isJudged = false;
  }
  quiet.peak = Math.max(before, strength);
  quiet.last = minute;
  if (quiet.isJudged) quiet.minutes = Math.max(quiet.minutes, minute - quiet.since + 1);
}

const isLonger = ({ isJudged, since, last, minutes }: SuppressedCause): boolean =>
  !isJudged && last - since + 1 > Math.max(suppressSpell, suppressRatio * minutes);

const note = (sizes: Map<number, number>, row: number, z: number) => void sizes.set(row, Math.max(sizes.get(row) ?? 0, z));

const thresholdOf = (store: SeriesStore, row: number, { thresholds }: JudgedMinute): number =>
  at(thresholds, atU8(store.kinds, scopeOf(store, row)));

/** True when nothing over the threshold is left of the approved transactions that are missing in a row's scope once what the row has
 *  too many of is taken away: they ended otherwise, and the traffic itself did not fall. */
function explainsFall(store: SeriesStore, row: number, minute: JudgedMinute): boolean {
  const total = scopeOf(store, row) * GROUP_ROWS;
  const approved = total + 1;
  const longest = Math.max(runOf(store, total, 'volume'), runOf(store, approved, 'volume'));
  return [SHORT_MINUTES, RING].every((most) => {
    const own = recent(store, row, minute.number, Math.min(longest, most));
    const { observed, expected } = recent(store, approved, minute.number, Math.min(longest, most));
    const seen = observed + Math.max(0, own.observed - own.expected);
    const z = countZ(seen, expected, Math.max(1, valueOf(store, approved, SPREAD)));
    return z >= 0 || tailNats(-z) < thresholdOf(store, total, minute);
  });
}

/** How far the last minutes of a row deviate by themselves, in standard deviations: what was gathered outlives its cause. */
function strengthOf(store: SeriesStore, row: number, minute: number): number {
  const family = familyOfRow(store, row);
  const { observed, expected } = recent(store, row, minute, Math.min(runOf(store, row, family), SHORT_MINUTES));
  return directionOf(family) * countZ(observed, expected, Math.max(1, valueOf(store, row, SPREAD)));
}

const isUnusual = (store: SeriesStore, row: number, minute: JudgedMinute): boolean =>
  valueOf(store, row, NATS) >= UNUSUAL_SHARE * thresholdOf(store, row, minute);

function suppressRow(store: SeriesStore, row: number, size: number, minute: JudgedMinute, candidateRows: Set<number>): void {
  const isAbsent = familyOfRow(store, row) === 'volume' && emptyRun(store, row, minute.number) > 0;
  if (isAbsent || sizeOf(store, row) >= size) return;
  if (isUnusual(store, row, minute)) minute.suppressed.push(row);
  const o = row * STRIDE + NATS;
  store.values[o] = Math.min(at(store.values, o), SUPPRESSED_SHARE * thresholdOf(store, row, minute));
  candidateRows.delete(row);
}
