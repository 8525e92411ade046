import type { Database } from '../store/database.ts';
import { countMerchants } from '../store/verbs/minute/count-merchants.ts';
import { readMinutes, type MinuteRange } from '../store/verbs/minute/read-minutes.ts';

/** What is counted of a merchant, in this order. */
export const MERCHANT_COUNTS = ['transactions', 'approved', 'failed', 'denied', 'reversed'] as const;
const COLUMNS = MERCHANT_COUNTS.length;
/** Places that are not worth looking through. */
const FEW = 1000;

/** Sums over a range: `sums` has `MERCHANT_COUNTS` for each of `ids`; a merchant that has none now may still be there. */
export interface MerchantSums {
  readonly ids: readonly string[];
  readonly sums: Float64Array;
}

/** One minute as it was added: places of its merchants, and their counts. */
interface Part {
  readonly revision: number;
  readonly places: Int32Array;
  readonly counts: Float64Array;
}

/** Sums of the merchants over a range that moves. A minute is read once for each of its revisions, so that an hour of ten
 *  thousand merchants, which takes seconds to add up, costs a minute of them a minute. About 44 bytes a merchant and minute. */
export interface MerchantHour {
  /** Sums over the closed minutes of the range. One call at a time. */
  read(range: MinuteRange): Promise<MerchantSums>;
  /** Minutes that it holds. */
  size(): number;
}

export function createMerchantHour(database: Database): MerchantHour {
  const parts = new Map<number, Part>();
  let places = new Map<string, number>();
  let ids: string[] = [];
  let sums = new Float64Array(0);
  /** Places to give out before those of merchants that are gone are looked for. */
  let most = FEW;

  const add = ({ places: at, counts }: Part, sign: 1 | -1): void => {
    for (const [index, place] of at.entries()) {
      for (let column = 0; column < COLUMNS; column++) {
        const to = place * COLUMNS + column;
        sums[to] = (sums[to] ?? 0) + sign * (counts[index * COLUMNS + column] ?? 0);
      }
    }
  };
  const placeOf = (id: string): number => {
    const known = places.get(id);
    if (known !== undefined) return known;
    const place = ids.push(id) - 1;
    places.set(id, place);
    if (ids.length * COLUMNS > sums.length) {
      const grown = new Float64Array(Math.max(64, ids.length * 2) * COLUMNS);
      grown.set(sums);
      sums = grown;
    }
    return place;
  };
  /** Merchants come and go over the years: leaves the places of those that no minute has to others. */
  const compact = (): void => {
    const [before, summed] = [ids, sums];
    [places, ids, sums] = [new Map(), [], new Float64Array(0)];
    for (const part of parts.values()) {
      for (const [index, place] of part.places.entries()) part.places[index] = placeOf(before[place] ?? '');
    }
    for (const [place, id] of before.entries()) {
      const to = places.get(id);
      if (to !== undefined) sums.set(summed.subarray(place * COLUMNS, (place + 1) * COLUMNS), to * COLUMNS);
    }
    most = 2 * ids.length + FEW;
  };
  const drop = (minute: number): void => {
    const part = parts.get(minute);
    if (part === undefined) return;
    parts.delete(minute);
    add(part, -1);
  };
  const load = async (minute: number, revision: number): Promise<void> => {
    const counted = await countMerchants(database, minute);
    drop(minute);
    const counts = new Float64Array(counted.merchants.length * COLUMNS);
    for (const [column, name] of MERCHANT_COUNTS.entries()) {
      for (const [index, count] of counted[name].entries()) counts[index * COLUMNS + column] = count;
    }
    const part: Part = { revision, places: Int32Array.from(counted.merchants, placeOf), counts };
    parts.set(minute, part);
    add(part, 1);
  };

  return {
    size: () => parts.size,
    async read(range) {
      const rows = await readMinutes(database, range);
      const wanted = new Set(rows.map(({ minute }) => minute));
      for (const minute of parts.keys()) if (!wanted.has(minute)) drop(minute);
      if (ids.length > most) compact();
      for (const { minute, revision, total } of rows) {
        if (total > 0 && parts.get(minute)?.revision !== revision) await load(minute, revision);
      }
      return { ids, sums };
    },
  };
}
