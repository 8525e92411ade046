import type { TransactionRecord } from '@transaction-guardian/contracts/transaction.ts';
import { createEntry, offsetAt, partitionAt, STATE, stateAt, writeContent, writeKey, writePlace } from './entry.ts';
import type { Horizon, IdIndex } from './id-index.ts';
import type { IndexWriter } from './index-writer.ts';

export type IdOutcome = 'new' | 'duplicate' | 'conflict';

/** Where a record is. */
export interface LogPlace {
  readonly partition: number;
  readonly offset: number;
}

/** Says what a transaction at a place is, and notes it when it is new. */
export type JudgePlace = (record: Pick<TransactionRecord, 'id' | 'content_hash'>, place: LogPlace, horizon: Horizon) => IdOutcome;

/** Makes the judgement: a record is new when its id is not known, or known from this very place. A delivery that is repeated, because
 *  its counts did not commit, so gives the same answer without one transaction over index and database. */
export function createJudge(index: IdIndex, writer: IndexWriter): JudgePlace {
  const asked = createEntry();
  const known = createEntry();

  function compare(place: LogPlace): IdOutcome {
    const state = stateAt(known);
    if (state === STATE.forgotten) return 'new';
    const isSamePartition = state !== STATE.detached && partitionAt(known) === place.partition;
    // Never above this place, unless the database starts empty: then the lowest one is the first again.
    if (state === STATE.first && isSamePartition && offsetAt(known) >= place.offset) return 'new';
    if (known[2] !== asked[2] || known[3] !== asked[3]) return 'conflict';
    if (state === STATE.detached) {
      writePlace(asked, { ...place, state: STATE.repeat });
      writer.put(asked);
    }
    return 'duplicate';
  }

  return ({ id, content_hash: content }, place, horizon) => {
    writeKey(asked, id);
    writeContent(asked, content);
    writePlace(asked, { partition: place.partition, offset: place.offset, state: STATE.first });
    const verdict = index.find(asked, horizon, known) ? compare(place) : 'new';
    if (verdict === 'new') writer.put(asked);
    return verdict;
  };
}
