import type { PartsMinute } from '../evidence/judge-group.ts';
import type { MinuteCorrection } from '../engine/correct.ts';
import type { PassedTime } from '../engine/pass-groups.ts';
import type { LoadedModel } from '../forest/model.ts';
import type { MerchantAct, MerchantAnswer, MerchantQuestion } from '../series/elsewhere.ts';
import type { PackedGroups } from '../series/group-columns.ts';
import type { Parts } from '../series/parts.ts';

/** Some merchants by their groups in the store of the detector. */
export type GroupList = Int32Array;

/** The counts of a minute, as far as a shard has to know. */
export interface ShardCounts {
  /** Merchants that are new, in the order of their groups. */
  readonly news: readonly (readonly [group: number, id: string])[];
  /** Merchants with counts, and the counts of their rows one after the other. */
  readonly groups: GroupList;
  readonly counts: Float64Array;
  /** What merchants are judged against: the columns of the fleet, and what the classes know. */
  readonly fleet: PackedGroups;
  readonly tails: Float64Array;
  readonly lateness: Float64Array;
}

/** What a detector asks of a shard. Plain data, so that it may go to another thread or process. Each has one reply, in order. */
export type ShardRequest =
  /** Takes these merchants in place of all it had. */
  | {
      readonly kind: 'load';
      readonly model: LoadedModel;
      readonly parts: Parts;
      readonly ids: readonly string[];
      readonly groups: GroupList;
      readonly columns: PackedGroups;
    }
  | { readonly kind: 'pass'; readonly time: PassedTime }
  | { readonly kind: 'drop'; readonly places: Int32Array }
  | { readonly kind: 'judge'; readonly minute: PartsMinute; readonly factor: number; readonly with: ShardCounts }
  /** `keepsOthers`: the counts of merchants that are not named stay. */
  | { readonly kind: 'correct'; readonly correction: MinuteCorrection; readonly keepsOthers: boolean; readonly with: ShardCounts }
  | { readonly kind: 'act'; readonly act: MerchantAct }
  | { readonly kind: 'ask'; readonly question: MerchantQuestion }
  /** Columns of merchants; of all with their groups. */
  | { readonly kind: 'read'; readonly groups: GroupList }
  | { readonly kind: 'write'; readonly groups: GroupList; readonly columns: PackedGroups }
  | { readonly kind: 'read_all' };

/** What merchants teach their classes. Rows are those of the detector's store. */
export interface ShardNotes {
  readonly excursions: readonly number[];
  readonly lateness: Float64Array;
}

export type ShardReply =
  | { readonly kind: 'done'; readonly series: number }
  | {
      readonly kind: 'judged';
      readonly series: number;
      readonly candidates: readonly number[];
      readonly scores: readonly (readonly [group: number, score: number])[];
      readonly notes: ShardNotes;
    }
  /** `changes`: row and change, one after the other. `counts`: of all merchants, where the others were kept. */
  | {
      readonly kind: 'corrected';
      readonly changes: readonly number[];
      readonly notes: ShardNotes;
      readonly groups: GroupList;
      readonly counts: Float64Array;
    }
  | { readonly kind: 'answers'; readonly answers: readonly MerchantAnswer[] }
  | { readonly kind: 'columns'; readonly groups: GroupList; readonly columns: PackedGroups };

/** The way to a shard. Both throw DETECT_SHARD_LOST when it is gone. */
export interface ShardLink {
  /** Sends a request and returns at once, where the shard is in another thread. */
  readonly send: (request: ShardRequest) => void;
  /** Waits for the reply to the first request that has none yet. */
  readonly receive: () => ShardReply;
}

/** What the detector says to the thread between it and a shard: a request, or that the process is to end. */
export type ToShard = ShardRequest | typeof END;
export const END = 'end';

/** Cells of what the thread between a detector and a shard shares with the detector. `messages` grows with every message at its port; `pid`: the process, while nobody has taken note of its end; `over`: 1
 *  once that thread is gone, so that no message comes any more. */
export const SIGNAL = { messages: 0, pid: 1, over: 2 } as const;
