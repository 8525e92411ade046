import type { NodeKind } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Slice } from '@transaction-guardian/contracts/anomaly.ts';
import { STATUSES, type Status } from '@transaction-guardian/contracts/status.ts';
import type { MerchantsElsewhere } from './elsewhere.ts';
import { partsWithout, type Parts } from './parts.ts';
import { SETTINGS } from './settings.ts';

/** Numbers of a class in `SeriesStore.lateness`: minutes watched, then late ones by depth in eighths, and all of it. */
export const LATENESS = 10;

/** Half-hours of a local day, and numbers of a group in `SeriesStore.shapes`: counts and base of every half-hour, then
 *  two waiting entries of (half-hour + 1, count, base). */
export const HALF_HOURS = 48;
/** Quarters of an hour of a local day. */
export const QUARTERS = 96;
/** What `SeriesStore.openFor` counts up to, and what a group has that was never shut. */
export const LONG_OPEN = 255;
export const SHAPE = HALF_HOURS * 2 + 6;

/** Rows of a group: its total, then one for every status. */
export const GROUP_ROWS = 1 + STATUSES.length;
export const RING = SETTINGS.ringMinutes;

/** Columns of a row in `values`. Levels are Gamma: `levelA / levelB` a minute (or per unit of exposure). */
export const LEVEL_A = 0;
export const LEVEL_B = 1;
export const SLOW_A = 2;
export const SLOW_B = 3;
export const SQUARES = 4;
export const VARIANCES = 5;
export const DISPERSION = 6;
/** Sequential sums: three up, three down, then (total rows) decline and failure jointly with the approved. */
export const UP = 7;
export const DOWN = 10;
export const JOINT = 13;
/** Fall against the slow level (volumes). */
export const SLOW_DOWN = 15;
export const SUMS = 9;
/** Highest sum of the running excursion, and the count and sum of past ones: the tail of the statistic. */
export const PEAK = 16;
export const TAIL_COUNT = 17;
export const TAIL_SUM = 18;
/** Results of the last minute. */
export const EXPECTED = 19;
export const SPREAD = 20;
export const MINUTE_Z = 21;
export const OLDER_Z = 22;
export const OLDEST_Z = 23;
export const NATS = 24;
/** Volumes: the lower of the fast and the slow expectation. */
export const LOW = 25;
/** Volumes: logarithm of the random walk of the level, relative to the setting, and the
 *  last standardised error. */
export const PROCESS_NOISE = 26;
export const LAST_ERROR = 27;
/** Totals: healthy transactions of the group so far (memory of a day). */
export const HEALTHY = 28;
/** Minutes since the strongest evidence of the row began. */
export const RUN = 29;
/** Weight with which the last minute was learnt. */
export const WEIGHT = 30;
/** Evidence of the fall against the slow level alone. */
export const SLOW_NATS = 31;
/** Height at which the running excursion first came above the height from which they are noted. */
export const CROSSED = 32;
/** What the minutes of the running excursion taught the level: count and exposure. */
export const TAUGHT_A = 33;
export const TAUGHT_B = 34;
export const STRIDE = 35;

/** Numbers of a sketch of the tail of the evidence, and classes of rows that share one. */
export const SKETCH = 16;
export const CALIBRATION_CLASSES = 15;

export const GROUP_KINDS = ['fleet', 'acquirer', 'merchant', 'auth_code'] as const;
export type GroupKind = (typeof GROUP_KINDS)[number];
/** Place of merchants in `GROUP_KINDS`. */
export const MERCHANT = GROUP_KINDS.indexOf('merchant');

/** Times the room that is needed from which some is given back. */
const SPARE = 4;

/** Count classes that share a tail: kind of group x (volume, adverse status). */
const CLASSES = GROUP_KINDS.length * 2;

const ALL_PARTS = partsWithout();

/** Notes for the classes of merchants. */
export interface ClassNotes {
  /** Excursions that ended, three numbers each: row, place of its class in `tails`, excess. */
  readonly excursions: number[];
  /** Minutes to be added to `lateness`, by place. */
  readonly lateness: Float64Array;
}

/** State of every series, as flat typed arrays that grow by doubling. A group is a fleet, acquirer, merchant or auth code;
 *  it owns `GROUP_ROWS` rows in a block, so row = group * GROUP_ROWS + status ordinal. */
export interface SeriesStore {
  values: Float64Array;
  /** Minutes since each sequential sum was last zero (saturating), `SUMS` a row. */
  runs: Uint16Array;
  /** Counts that were expected while each sequential sum ran, as far as it took them into account; `SUMS` a row. */
  masses: Float32Array;
  /** Counts of the last minutes by minute number modulo `RING`, -1 where no minute was. */
  ring: Float32Array;
  /** How rare evidence is in clean minutes, `SKETCH` numbers a row (`tail-sketch.ts`); a group has one of its pattern. */
  sketches: Uint16Array;
  patternSketches: Uint16Array;
  seen: Uint8Array;
  /** Counts of the minute in hand. */
  counts: Float64Array;
  /** Per group. */
  shapes: Float32Array;
  kinds: Uint8Array;
  ages: Int32Array;
  /** Time of the last transaction by `clock`, and transactions so far (saturating): see `forgetting.ts`. */
  heardAt: Int32Array;
  heard: Uint8Array;
  healthy: Uint8Array;
  frozen: Uint8Array;
  /** Opening hours: see `opening-hours.ts`. `openFor`: minutes with transactions since the part was shut, 0 while it is. */
  quietDays: Uint16Array;
  stirred: Uint8Array;
  openFor: Uint8Array;
  ids: string[];
  groups: number;
  /** Rows that were ever above zero. */
  series: number;
  /** Minutes that the stream has run, and the minute (since the epoch) of its last transactions, null before the first. */
  clock: number;
  clockAt: number | null;
  /** Cells of the minute in hand whose merchant, acquirer or code there is no room for; no state. */
  unwatched: number;
  /** Count and sum of excursions by class. */
  readonly tails: Float64Array;
  /** Sketches by class of calibration. */
  readonly classSketches: Float64Array;
  /** What is known of late rows by kind of group (total, approved): see `lateness.ts`. */
  readonly lateness: Float64Array;
  /** What merchants teach `tails` and `lateness` in the minute in hand: it counts from the next one on, in the order of the rows, so that
   *  no merchant is judged by what another one shows in the same minute. No state. */
  readonly notes: ClassNotes;
  readonly index: Readonly<Record<GroupKind, Map<string, number>>>;
  /** Parts of the method in use; an option, no state. */
  parts: Parts;
  /** Most groups of each kind. */
  most: Readonly<Record<GroupKind, number>>;
  /** Where the columns of the merchants are; null: here. No state. */
  elsewhere: MerchantsElsewhere | null;
}

export type Numbers = Float64Array | Float32Array | Int32Array | Uint16Array | Uint8Array;

/** An array of the store that grows with the groups. */
interface Column {
  readonly of: new (length: number) => Numbers;
  /** Numbers of one group. */
  readonly width: number;
  /** What they are in a group that is new. */
  readonly empty: number;
}

type ColumnName = Exclude<
  { [Name in keyof SeriesStore]: SeriesStore[Name] extends Numbers ? Name : never }[keyof SeriesStore],
  'tails' | 'classSketches' | 'lateness'
>;

/** Every array that grows with the groups, in the order of snapshots: what makes room, stores, restores and measures goes by
 *  this list, so that a new array cannot be left out. */
export const COLUMNS: Readonly<Record<ColumnName, Column>> = {
  values: { of: Float64Array, width: GROUP_ROWS * STRIDE, empty: 0 },
  runs: { of: Uint16Array, width: GROUP_ROWS * SUMS, empty: 0 },
  masses: { of: Float32Array, width: GROUP_ROWS * SUMS, empty: 0 },
  ring: { of: Float32Array, width: GROUP_ROWS * RING, empty: -1 },
  sketches: { of: Uint16Array, width: GROUP_ROWS * SKETCH, empty: 0 },
  patternSketches: { of: Uint16Array, width: SKETCH, empty: 0 },
  seen: { of: Uint8Array, width: GROUP_ROWS, empty: 0 },
  counts: { of: Float64Array, width: GROUP_ROWS, empty: 0 },
  shapes: { of: Float32Array, width: SHAPE, empty: 0 },
  kinds: { of: Uint8Array, width: 1, empty: 0 },
  ages: { of: Int32Array, width: 1, empty: 0 },
  heardAt: { of: Int32Array, width: 1, empty: 0 },
  heard: { of: Uint8Array, width: 1, empty: 0 },
  healthy: { of: Uint8Array, width: 1, empty: 0 },
  frozen: { of: Uint8Array, width: 1, empty: 0 },
  quietDays: { of: Uint16Array, width: QUARTERS, empty: 0 },
  stirred: { of: Uint8Array, width: 1, empty: 0 },
  openFor: { of: Uint8Array, width: 1, empty: LONG_OPEN },
};
export const COLUMN_NAMES = Object.keys(COLUMNS) as ColumnName[];

/** Bytes of one group. */
export const GROUP_BYTES = COLUMN_NAMES.reduce((sum, name) => sum + COLUMNS[name].width * new COLUMNS[name].of(1).byteLength, 0);

/** An empty store with the fleet as group 0. */
export function createSeriesStore(): SeriesStore {
  const store: SeriesStore = {
    values: new Float64Array(0),
    runs: new Uint16Array(0),
    masses: new Float32Array(0),
    ring: new Float32Array(0),
    sketches: new Uint16Array(0),
    patternSketches: new Uint16Array(0),
    seen: new Uint8Array(0),
    counts: new Float64Array(0),
    shapes: new Float32Array(0),
    kinds: new Uint8Array(0),
    ages: new Int32Array(0),
    heardAt: new Int32Array(0),
    heard: new Uint8Array(0),
    healthy: new Uint8Array(0),
    frozen: new Uint8Array(0),
    quietDays: new Uint16Array(0),
    stirred: new Uint8Array(0),
    openFor: new Uint8Array(0),
    ids: [],
    groups: 0,
    series: 0,
    clock: 0,
    clockAt: null,
    unwatched: 0,
    tails: new Float64Array(CLASSES * 2),
    classSketches: new Float64Array(CALIBRATION_CLASSES * SKETCH),
    lateness: new Float64Array(CLASSES * LATENESS),
    notes: { excursions: [], lateness: new Float64Array(CLASSES * LATENESS) },
    index: { fleet: new Map(), acquirer: new Map(), merchant: new Map(), auth_code: new Map() },
    parts: ALL_PARTS,
    most: SETTINGS.expiry.most,
    elsewhere: null,
  };
  addGroup(store, 'fleet', '');
  return store;
}

/** Whether the columns of a group are in this store: of all but merchants that a shard holds. */
export const isHere = ({ elsewhere, kinds }: SeriesStore, group: number): boolean =>
  elsewhere === null || atU8(kinds, group) !== MERCHANT || elsewhere.has(group);

/** The group of a name, with its columns; undefined for a name that is not watched. */
export function groupNamed({ index, elsewhere }: SeriesStore, kind: GroupKind, id: string | undefined): number | undefined {
  const group = id === undefined ? undefined : index[kind].get(id);
  if (group !== undefined) elsewhere?.borrow([group]);
  return group;
}

/** Index of a group, made when it is new; -1 when there is no room for one more of its kind. */
export function groupOf(store: SeriesStore, kind: GroupKind, id: string): number {
  const known = store.index[kind].get(id);
  if (known !== undefined) return known;
  return store.index[kind].size < store.most[kind] ? addGroup(store, kind, id) : -1;
}

/** Makes room for at least `groups` groups; contents are kept. */
export function reserveGroups(store: SeriesStore, groups: number): void {
  const room = store.kinds.length;
  if (groups > room) resize(store, Math.max(16, groups, room * 2));
}

/** Makes all columns again with room for so many groups: those of merchants that are elsewhere take no memory. */
export function resize(store: SeriesStore, room: number): void {
  const arrays: Record<ColumnName, Numbers> = store;
  for (const name of COLUMN_NAMES) {
    const { of, width, empty } = COLUMNS[name];
    const next = new of(room * width);
    if (store.elsewhere !== null && !isKeptForAll(name)) copyHere(store, arrays[name], next, width);
    else {
      if (empty !== 0) next.fill(empty);
      next.set(arrays[name].subarray(0, room * width));
    }
    arrays[name] = next;
  }
}

/** Columns that a store has of merchants that are elsewhere, too. */
export const isKeptForAll = (name: ColumnName): boolean => name === 'counts' || name === 'kinds' || name === 'heardAt' || name === 'heard';

/** The same store with columns of its own that have room for everybody; those of merchants that are elsewhere are empty. */
export function copyOfColumns(store: SeriesStore): SeriesStore {
  const copy = { ...store };
  resize(copy, store.groups);
  copy.elsewhere = null;
  return copy;
}

/** Copies the groups that are here. The memory of the others is never touched, so that the system gives none for them. */
function copyHere(store: SeriesStore, from: Numbers, to: Numbers, width: number): void {
  for (let group = 0; group < store.groups; group++)
    if (isHere(store, group)) to.set(from.subarray(group * width, (group + 1) * width), group * width);
}

/** The part of every array that is state, in the order of snapshots. */
export function stateArrays(store: SeriesStore, groups: number): Numbers[] {
  return COLUMN_NAMES.filter((name) => name !== 'counts').map((name) => store[name].subarray(0, groups * COLUMNS[name].width));
}

function addGroup(store: SeriesStore, kind: GroupKind, id: string): number {
  const group = store.groups;
  reserveGroups(store, group + 1);
  store.kinds[group] = GROUP_KINDS.indexOf(kind);
  // What is left in the place of a group that is gone; nothing is written in that of a merchant which is elsewhere.
  if (store.elsewhere !== null && kind === 'merchant') store.seen.fill(0, group * GROUP_ROWS, (group + 1) * GROUP_ROWS);
  else if (store.elsewhere !== null) emptyGroup(store, group);
  store.heardAt[group] = store.clock;
  store.ids.push(id);
  store.index[kind].set(id, group);
  store.groups = group + 1;
  return group;
}

/** Sets the columns of a group to those of a new one; its kind stays. */
function emptyGroup(store: SeriesStore, group: number): void {
  for (const name of COLUMN_NAMES) {
    const { width, empty } = COLUMNS[name];
    if (!isKeptForAll(name)) store[name].fill(empty, group * width, (group + 1) * width);
  }
}

/** Takes groups out. The last ones move into their places, so that there are no holes, and arrays that are far too large
 *  shrink. `gone`: ascending, without the fleet. Returns the new place of every group, -1 for those that are gone. */
export function dropGroups(store: SeriesStore, gone: readonly number[]): Int32Array {
  const before = store.groups;
  const kept = before - gone.length;
  const places = Int32Array.from({ length: before }, (_, group) => group);
  for (const group of gone) {
    places[group] = -1;
    if (!isHere(store, group)) continue;
    for (let row = group * GROUP_ROWS; row < (group + 1) * GROUP_ROWS; row++) store.series -= atU8(store.seen, row);
  }
  let last = before - 1;
  for (const hole of gone) {
    if (hole >= kept) break;
    while (places[last] === -1) last--;
    const isMovedHere = isHere(store, last);
    for (const name of COLUMN_NAMES) {
      const { width } = COLUMNS[name];
      if (isMovedHere || isKeptForAll(name)) store[name].copyWithin(hole * width, last * width, (last + 1) * width);
    }
    if (!isMovedHere) store.seen.fill(0, hole * GROUP_ROWS, (hole + 1) * GROUP_ROWS);
    store.ids[hole] = store.ids[last] ?? '';
    places[last--] = hole;
  }
  for (const name of COLUMN_NAMES)
    if (store.elsewhere === null || isKeptForAll(name))
      store[name].fill(COLUMNS[name].empty, kept * COLUMNS[name].width, before * COLUMNS[name].width);
  store.groups = store.ids.length = kept;
  nameGroups(store);
  if (store.kinds.length > SPARE * kept) resize(store, 2 * kept);
  return places;
}

/** Makes the index again from the names and kinds, in the order of the groups: in what order it is read must not depend on the past. */
export function nameGroups(store: SeriesStore): void {
  for (const names of Object.values(store.index)) names.clear();
  for (const [group, id] of store.ids.entries()) store.index[kindOfGroup(store, group)].set(id, group);
}

/** Cell of a minute (minutes since the epoch, also before 1970) in the ring of a row. */
export const ringSlot = (minute: number): number => ((minute % RING) + RING) % RING;

export const groupOfRow = (row: number): number => Math.floor(row / GROUP_ROWS);
export const kindOfGroup = (store: SeriesStore, group: number): GroupKind => GROUP_KINDS[store.kinds[group] ?? 0] ?? 'fleet';

/** Reads of typed arrays at an index that is known to be there. One function a type keeps each of them monomorphic. */
export const at = (array: Float64Array, index: number): number => array[index] as number;
export const atF32 = (array: Float32Array, index: number): number => array[index] as number;
export const atI32 = (array: Int32Array, index: number): number => array[index] as number;
export const atU16 = (array: Uint16Array, index: number): number => array[index] as number;
export const atU8 = (array: Uint8Array, index: number): number => array[index] as number;

/** One value of a row. */
export const valueOf = (store: SeriesStore, row: number, column: number): number => at(store.values, row * STRIDE + column);

/** Status of a row; '' for the total of a group. */
export function statusOfRow(row: number): Status | '' {
  return STATUSES[(row % GROUP_ROWS) - 1] ?? '';
}

/** Row of a status in a group. */
export const rowOf = (group: number, status: Status | ''): number =>
  group * GROUP_ROWS + (status === '' ? 0 : STATUSES.indexOf(status) + 1);

/** What a row stands for: kind of node and slice. */
export function nodeOfRow(store: SeriesStore, row: number): { readonly kind: NodeKind } & Slice {
  const group = groupOfRow(row);
  const kind = kindOfGroup(store, group);
  const id = store.ids[group] ?? '';
  const status = statusOfRow(row);
  const withStatus = status === '' ? {} : { status };
  if (kind === 'fleet') return { kind: status === '' ? 'fleet' : 'status', ...withStatus };
  if (kind === 'merchant') return { kind: status === '' ? 'merchant' : 'merchant_status', ...withStatus, merchant_id: id };
  if (kind === 'acquirer') return { kind: 'acquirer', ...withStatus, acquirer: id };
  return { kind: 'auth_code', auth_code: id };
}

/** Canonical key of a node, e.g. `fleet`, `status:denied`, `merchant_status:m-1:denied`. */
export function nodeKey(store: SeriesStore, row: number): string {
  const node = nodeOfRow(store, row);
  const parts = [node.kind, node.acquirer, node.merchant_id, node.auth_code, node.status];
  return parts.filter((part) => part !== undefined).join(':');
}
