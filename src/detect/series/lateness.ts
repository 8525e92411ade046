import { at, atU8, GROUP_ROWS, groupOfRow, LATENESS, MERCHANT, type SeriesStore } from './series-store.ts';

/** Buckets of the part of a minute that came late, besides the one of minutes that came late as a whole. */
const DEPTHS = LATENESS - 2;
/** Counts below this are too small to tell what part of them was late. */
const WATCHED_LEAST = 5;
/** One late minute of any depth in a thousand is believed before anything is known. */
const PRIOR_MINUTES = 1000;
/** Memory of a week. */
const KEEP = 1 - 1 / 10_080;

/** Fades what is known of late rows; once a minute. */
export function fadeLateness(store: SeriesStore): void {
  for (let index = 0; index < store.lateness.length; index++) store.lateness[index] = at(store.lateness, index) * KEEP;
}

/** Counts a minute of a volume row as watched. */
export function watchLateness(store: SeriesStore, row: number, count: number): void {
  if (count < WATCHED_LEAST) return;
  addMinute(store, row, classOf(store, row));
}

/** Takes note that a part of a minute's count came late. */
export function noteLateness(store: SeriesStore, row: number, before: number, after: number): void {
  if (after < WATCHED_LEAST || before >= after) return;
  const bucket = classOf(store, row) + 1 + bucketOf(before, after);
  addMinute(store, row, bucket);
}

function addMinute(store: SeriesStore, row: number, place: number): void {
  const to = atU8(store.kinds, groupOfRow(row)) === MERCHANT ? store.notes.lateness : store.lateness;
  to[place] = at(to, place) + 1;
}

/** Adds what the merchants noted. */
export function takeLateness({ lateness, notes }: SeriesStore): void {
  for (let place = 0; place < lateness.length; place++) lateness[place] = at(lateness, place) + at(notes.lateness, place);
  notes.lateness.fill(0);
}

/** Most evidence (nats) of a fall that a single minute with `count` of `expected` can be: minus the logarithm of how often
 *  late rows alone leave no more than that (a mixture of the usual minute with a late one). */
export function mostOfMinute(store: SeriesStore, row: number, count: number, expected: number): number {
  const first = classOf(store, row);
  let late = 1;
  for (let bucket = bucketOf(count, expected); bucket <= DEPTHS; bucket++) late += at(store.lateness, first + 1 + bucket);
  return -Math.log(late / (PRIOR_MINUTES + at(store.lateness, first)));
}

/** Depth of a shortfall in eighths, rounded down; a minute at zero is a bucket of its own. */
const bucketOf = (count: number, expected: number): number =>
  count <= 0 ? DEPTHS : Math.max(0, Math.min(DEPTHS - 1, Math.floor(DEPTHS * (1 - count / expected) - 0.5)));

const classOf = (store: SeriesStore, row: number): number =>
  (atU8(store.kinds, groupOfRow(row)) * 2 + (row % GROUP_ROWS === 0 ? 0 : 1)) * LATENESS;
