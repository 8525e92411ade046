import type { Database } from '../store/database.ts';
import { countMerchants, type MerchantCounts } from '../store/verbs/minute/count-merchants.ts';
import { readMerchantMinutes } from '../store/verbs/minute/merchant-minutes.ts';
import { readMinutes, type MinuteRange } from '../store/verbs/minute/read-minutes.ts';

/** What is counted of a merchant, in this order. */
export const MERCHANT_COUNTS = ['transactions', 'approved', 'failed', 'denied', 'reversed'] as const;
const COLUMNS = MERCHANT_COUNTS.length;
/** Places that are not worth looking through. */
const FEW = 1000;
/** Minutes that one statement adds up. */
const AT_ONCE = 10;
const NOBODY: MerchantCounts = { merchants: [], transactions: [], approved: [], failed: [], denied: [], reversed: [] };

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
 *  thousand merchants costs a minute of them a minute. About 44 bytes a merchant and minute. */
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
    // An hour of a company is a million additions: an iterator costs twice as much.
    for (let index = 0; index < at.length; index++) {
      const place = (at[index] ?? 0) * COLUMNS;
      const from = index * COLUMNS;
      for (let column = 0; column < COLUMNS; column++)
        sums[place + column] = (sums[place + column] ?? 0) + sign * (counts[from + column] ?? 0);
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
  const put = (minute: number, revision: number, counted: MerchantCounts): void => {
    drop(minute);
    const counts = new Float64Array(counted.merchants.length * COLUMNS);
    for (const [column, name] of MERCHANT_COUNTS.entries()) {
      const values = counted[name];
      for (let index = 0; index < values.length; index++) counts[index * COLUMNS + column] = values[index] ?? 0;
    }
    const own = new Int32Array(counted.merchants.length);
    for (let index = 0; index < own.length; index++) own[index] = placeOf(counted.merchants[index] ?? '');
    const part: Part = { revision, places: own, counts };
    parts.set(minute, part);
    add(part, 1);
  };
  /** Minutes as they closed are kept ready; corrected ones, and those of before a restart of an earlier version, are added up. */
  const load = async (wanted: ReadonlyMap<number, number>): Promise<void> => {
    const missing = new Set(wanted.keys());
    for (const { minute, revision, counts } of await readMerchantMinutes(database, [...missing])) {
      if (wanted.get(minute) === revision && missing.delete(minute)) put(minute, revision, counts);
    }
    const left = [...missing];
    for (let at = 0; at < left.length; at += AT_ONCE) {
      const minutes = left.slice(at, at + AT_ONCE);
      const counted = await countMerchants(database, minutes);
      for (const minute of minutes) put(minute, wanted.get(minute) ?? 0, counted.get(minute) ?? NOBODY);
    }
  };

  return {
    size: () => parts.size,
    async read(range) {
      const rows = await readMinutes(database, range);
      const wanted = new Set(rows.map(({ minute }) => minute));
      for (const minute of parts.keys()) if (!wanted.has(minute)) drop(minute);
      if (ids.length > most) compact();
      const unknown = rows.filter(({ minute, revision, total }) => total > 0 && parts.get(minute)?.revision !== revision);
      await load(new Map(unknown.map(({ minute, revision }) => [minute, revision])));
      return { ids, sums };
    },
  };
}
