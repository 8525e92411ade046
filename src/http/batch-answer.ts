import type { TakenStream } from '../ingest/stream/take-stream.ts';

const MAX_LISTED = 1000;

/** What the answer says of one item. */
export interface ItemAnswer {
  readonly index?: number;
  readonly line?: number;
  readonly status: 'accepted' | 'duplicate' | 'refused' | 'failed';
  readonly id?: string | undefined;
  /** The database did not say in time whether it has the id with other content; it looks when it counts the record. */
  readonly checked?: false;
  readonly code?: string;
  readonly errors?: readonly { readonly field: string; readonly rule: string; readonly message: string }[];
  readonly raw?: string | undefined;
}

export interface BatchSummary {
  readonly accepted: number;
  readonly duplicate: number;
  readonly refused: number;
  /** Not confirmed by the disk: send these again. */
  readonly failed: number;
  /** Taken, but whether the id was used with other content is found out when it is counted; absent when it is 0. */
  readonly unchecked?: number;
}

/** The answer for one item. */
export function answerItem({ at, outcome, raw }: TakenStream, position: 'index' | 'line'): ItemAnswer {
  const base = { [position]: at, status: outcome.kind };
  if (outcome.kind === 'failed') return { ...base, status: 'failed', code: outcome.code };
  if (outcome.kind !== 'refused')
    return { ...base, status: outcome.kind, id: outcome.id, ...(outcome.checked === false ? { checked: false } : {}) };
  return { ...base, status: 'refused', id: outcome.id, code: outcome.code, errors: outcome.errors, ...(raw === undefined ? {} : { raw }) };
}

/** Counts outcomes, and keeps what the summary lists: all items of a small batch, of a large one up to 1,000 refused or
 *  failed ones (the rest is counted only). */
export interface BatchTally {
  add(taken: TakenStream, position: 'index' | 'line'): void;
  summary(): BatchSummary;
  items(): { readonly items: readonly ItemAnswer[]; readonly items_omitted: number };
}

/** Makes an empty tally. */
export function createBatchTally(): BatchTally {
  const counts = { accepted: 0, duplicate: 0, refused: 0, failed: 0 };
  let unchecked = 0;
  let good: { readonly order: number; readonly item: ItemAnswer }[] = [];
  const bad: { readonly order: number; readonly item: ItemAnswer }[] = [];
  let seen = 0;
  return {
    add(taken, position) {
      const { kind } = taken.outcome;
      counts[kind]++;
      if ('checked' in taken.outcome) unchecked++;
      const order = seen++;
      if (kind === 'refused' || kind === 'failed') {
        if (bad.length < MAX_LISTED) bad.push({ order, item: answerItem(taken, position) });
      } else if (seen <= MAX_LISTED) good.push({ order, item: answerItem(taken, position) });
      if (seen > MAX_LISTED && good.length > 0) good = [];
    },
    summary: () => (unchecked === 0 ? { ...counts } : { ...counts, unchecked }),
    items() {
      const items = [...good, ...bad].toSorted((a, b) => a.order - b.order).map(({ item }) => item);
      return { items, items_omitted: seen - items.length };
    },
  };
}
