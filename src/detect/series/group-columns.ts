import { atU8, COLUMN_NAMES, COLUMNS, GROUP_ROWS, isKeptForAll, type Numbers, type SeriesStore } from './series-store.ts';

/** The columns of some groups, one after the other, each with all of these groups; without those that a store keeps for all of its
 *  groups wherever they are. */
export type PackedGroups = readonly Numbers[];

const PACKED_NAMES = COLUMN_NAMES.filter((name) => !isKeptForAll(name));

/** Copies the columns of groups. */
export function packGroups(store: SeriesStore, groups: ArrayLike<number>): PackedGroups {
  return PACKED_NAMES.map((name) => {
    const { of, width } = COLUMNS[name];
    const packed = new of(groups.length * width);
    const column = store[name];
    for (let place = 0; place < groups.length; place++) {
      const group = groups[place] as number;
      packed.set(column.subarray(group * width, (group + 1) * width), place * width);
    }
    return packed;
  });
}

/** Puts packed columns in the places of groups, and counts their series. */
export function unpackGroups(store: SeriesStore, groups: ArrayLike<number>, packed: PackedGroups): void {
  for (let place = 0; place < groups.length; place++) store.series -= seriesOf(store, groups[place] as number);
  for (const [index, name] of PACKED_NAMES.entries()) {
    const { width } = COLUMNS[name];
    const column = store[name];
    const from = packed[index] as Numbers;
    for (let place = 0; place < groups.length; place++)
      column.set(from.subarray(place * width, (place + 1) * width), (groups[place] as number) * width);
  }
  for (let place = 0; place < groups.length; place++) store.series += seriesOf(store, groups[place] as number);
}

/** Rows of a group that were ever above zero. */
export function seriesOf({ seen }: SeriesStore, group: number): number {
  let series = 0;
  for (let row = group * GROUP_ROWS; row < (group + 1) * GROUP_ROWS; row++) series += atU8(seen, row);
  return series;
}
