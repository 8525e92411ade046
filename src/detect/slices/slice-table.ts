import { STATUSES, type Status } from '@transaction-guardian/contracts/status.ts';
import type { SliceCount } from '@transaction-guardian/contracts/window.ts';
import { cutKinds, kindBit } from '../../topic/slice-counts.ts';
import { at, atF32, atU16, RING, ringSlot } from '../series/series-store.ts';
import { SLICE_OUTCOMES, STATUS_TABLE } from '../series/status-table.ts';
import { dimensionsOf } from './slice-key.ts';
import { learnTickets, type AverageValue } from './ticket.ts';

/** Columns of an entry: one for each outcome. */
export const CLASSES = SLICE_OUTCOMES.length;
/** The statuses of each outcome. */
export const CLASS_STATUSES: readonly (readonly Status[])[] = SLICE_OUTCOMES.map((outcome) =>
  STATUSES.filter((status) => STATUS_TABLE[status].outcome === outcome),
);
export const classOf = (status: Status): number => SLICE_OUTCOMES.indexOf(STATUS_TABLE[status].outcome);
/** By the place of a status in `STATUSES`, in which slices are counted. */
const CLASS_OF_PLACE: readonly number[] = STATUSES.map(classOf);

/** Slices that are remembered; of more the smallest are forgotten. */
const MOST_SLICES = 4096;
const KEPT_SLICES = 3584;
/** Part of what was learnt that a minute keeps: memory of a day. */
const KEEP = 1 - 1 / 1440;

/** What is known of every slice, as flat arrays: entry 0 is everything. */
export interface SliceTable {
  keys: string[];
  /** Dimensions of each key. */
  dimensions: (readonly string[])[];
  index: Map<string, number>;
  /** Transactions learnt, `CLASSES` an entry, and those of everything in the same minutes. */
  counts: Float64Array;
  base: Float64Array;
  /** Minutes learnt, fading. */
  ages: Float64Array;
  /** Counts of the last minutes, `RING * CLASSES` an entry. */
  ring: Float32Array;
  /** 1 where a minute of the ring came with slices. */
  covered: Uint8Array;
  /** Kinds of slices (`kindBit`) of which a minute of the ring may have more than is here. */
  cut: Uint16Array;
  /** Approved amounts learnt by currency. */
  tickets: AverageValue[][];
}

/** An empty table. */
export function createSliceTable(): SliceTable {
  return {
    keys: [],
    dimensions: [],
    index: new Map(),
    counts: new Float64Array(0),
    base: new Float64Array(0),
    ages: new Float64Array(0),
    ring: new Float32Array(0),
    covered: new Uint8Array(RING),
    cut: new Uint16Array(RING),
    tickets: [],
  };
}

/** Puts a closed minute into the ring, to be explained by; nothing is learnt yet. `minute`: minutes since the epoch, `gap`: minutes
 *  before it that never came. */
export function noteSlices(table: SliceTable, minute: number, gap: number, rows: readonly SliceCount[] | undefined): void {
  // Nothing is learnt, and so nothing forgotten, while the fleet has an open anomaly.
  if (table.keys.length > MOST_SLICES) evictSmallest(table);
  for (let back = Math.min(gap, RING - 1); back >= 0; back--) clearSlot(table, ringSlot(minute - back));
  if (rows === undefined) return;
  table.covered[ringSlot(minute)] = 1;
  table.cut[ringSlot(minute)] = cutKinds(rows);
  for (const row of rows) addToRing(table, sliceIndexOf(table, row[0]), ringSlot(minute), row);
}

/** Learns the minute that was noted last. Slices of which `isFrozen` says so wait; with everything frozen do not call it. O(1) for
 *  each slice. */
export function learnSlices(
  table: SliceTable,
  minute: number,
  rows: readonly SliceCount[] | undefined,
  isFrozen: (dimensions: readonly string[]) => boolean,
): void {
  if (rows === undefined || table.keys.length === 0) return;
  const cell = ringSlot(minute) * CLASSES;
  for (let entry = 0; entry < table.keys.length; entry++) {
    if (isFrozen(table.dimensions[entry] ?? [])) continue;
    table.ages[entry] = at(table.ages, entry) * KEEP + 1;
    for (let outcome = 0; outcome < CLASSES; outcome++) {
      const place = entry * CLASSES + outcome;
      table.counts[place] = at(table.counts, place) * KEEP + atF32(table.ring, entry * RING * CLASSES + cell + outcome);
      table.base[place] = at(table.base, place) * KEEP + atF32(table.ring, cell + outcome);
    }
  }
  for (const [key, counts, amounts] of rows) {
    const entry = table.index.get(key);
    if (entry === undefined || isFrozen(table.dimensions[entry] ?? [])) continue;
    table.tickets[entry] = learnTickets(table.tickets[entry] ?? [], counts[0] ?? 0, amounts ?? [], KEEP);
  }
  if (table.keys.length > MOST_SLICES) evictSmallest(table);
}

/** Adds what late rows bring to a minute of the ring that came with slices; what was learnt stays as it is, since it forgets
 *  slowly. `total`: transactions of the whole minute by now. With rows that would make more of it, the ring has
 *  them already: after a power cut a correction may come again. */
export function correctSlices(table: SliceTable, minute: number, rows: readonly SliceCount[] | undefined, total: number): void {
  const slot = ringSlot(minute);
  if (rows === undefined || table.covered[slot] !== 1) return;
  const added = rows.find(([key]) => key === '')?.[1].reduce((sum, count) => sum + count, 0) ?? 0;
  if (totalOf(table, slot) + added > total) return;
  for (const row of rows) addToRing(table, sliceIndexOf(table, row[0]), slot, row);
}

/** Transactions of a minute of the ring. */
function totalOf(table: SliceTable, slot: number): number {
  let total = 0;
  if (table.keys.length > 0) for (let outcome = 0; outcome < CLASSES; outcome++) total += atF32(table.ring, slot * CLASSES + outcome);
  return total;
}

/** Makes room for so many entries. */
export function reserveSlices(table: SliceTable, entries: number): void {
  if (entries <= table.ages.length) return;
  const room = Math.max(64, entries, table.ages.length * 2);
  table.counts = grown(new Float64Array(room * CLASSES), table.counts);
  table.base = grown(new Float64Array(room * CLASSES), table.base);
  table.ages = grown(new Float64Array(room), table.ages);
  table.ring = grown(new Float32Array(room * CLASSES * RING), table.ring);
}

/** Entry of a key, made when it is new. */
export function sliceIndexOf(table: SliceTable, key: string): number {
  const known = table.index.get(key);
  if (known !== undefined) return known;
  // Everything is always the first entry: shares are relative to it.
  if (table.keys.length === 0 && key !== '') sliceIndexOf(table, '');
  const entry = table.keys.length;
  reserveSlices(table, entry + 1);
  table.keys.push(key);
  table.dimensions.push(dimensionsOf(key));
  table.tickets.push([]);
  table.index.set(key, entry);
  return entry;
}

function addToRing(table: SliceTable, entry: number, slot: number, [, counts]: SliceCount): void {
  for (let place = 0; place < counts.length; place++) {
    const outcome = CLASS_OF_PLACE[place];
    if (outcome === undefined) continue;
    const cell = (entry * RING + slot) * CLASSES + outcome;
    table.ring[cell] = atF32(table.ring, cell) + (counts[place] ?? 0);
  }
}

function clearSlot(table: SliceTable, slot: number): void {
  table.covered[slot] = 0;
  table.cut[slot] = 0;
  for (let entry = 0; entry < table.keys.length; entry++) {
    const cell = (entry * RING + slot) * CLASSES;
    table.ring.fill(0, cell, cell + CLASSES);
  }
}

/** Expires the smallest slices, so that there is room for some time. */
function evictSmallest(table: SliceTable): void {
  const size = (entry: number): number =>
    table.counts.subarray(entry * CLASSES, (entry + 1) * CLASSES).reduce((sum, count) => sum + count, 0) +
    table.ring.subarray(entry * RING * CLASSES, (entry + 1) * RING * CLASSES).reduce((sum, count) => sum + count, 0);
  const sized = table.keys.map((key, entry) => ({ key, entry, size: entry === 0 ? Number.POSITIVE_INFINITY : size(entry) }));
  sized.sort((a, b) => b.size - a.size || (a.key < b.key ? -1 : 1));
  for (const { entry } of sized.slice(KEPT_SLICES)) noteCut(table, entry);
  const kept = sized
    .slice(0, KEPT_SLICES)
    .map(({ entry }) => entry)
    .sort((a, b) => a - b);
  const before = { ...table };
  Object.assign(table, createSliceTable(), { covered: before.covered, cut: before.cut });
  for (const old of kept) {
    const entry = sliceIndexOf(table, before.keys[old] ?? '');
    table.counts.set(before.counts.subarray(old * CLASSES, (old + 1) * CLASSES), entry * CLASSES);
    table.base.set(before.base.subarray(old * CLASSES, (old + 1) * CLASSES), entry * CLASSES);
    table.ring.set(before.ring.subarray(old * RING * CLASSES, (old + 1) * RING * CLASSES), entry * RING * CLASSES);
    table.ages[entry] = at(before.ages, old);
    table.tickets[entry] = before.tickets[old] ?? [];
  }
}

/** An entry that is forgotten is missing in the minutes in which it had counts. */
function noteCut(table: SliceTable, entry: number): void {
  const bit = kindBit(table.dimensions[entry] ?? []);
  for (let slot = 0; slot < RING; slot++) {
    const first = (entry * RING + slot) * CLASSES;
    for (let cell = first; cell < first + CLASSES; cell++) if (atF32(table.ring, cell) > 0) table.cut[slot] = atU16(table.cut, slot) | bit;
  }
}

function grown<T extends Float64Array | Float32Array>(next: T, old: T): T {
  next.set(old);
  return next;
}
