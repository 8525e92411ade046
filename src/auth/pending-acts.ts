import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import type { ActVerb } from '@transaction-guardian/contracts/audited-verb.ts';

/** An act that was done while the database could not be asked. Its audit row follows, with the time at which it was done. */
export interface PendingAct {
  /** Unique: its row is written once. */
  readonly id: string;
  /** When it was done, epoch milliseconds. */
  readonly at: number;
  readonly actor: Actor;
  readonly verb: ActVerb;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** Notes acts on the disk. */
export interface PendingActs {
  /** Returns when the act is on the disk. Throws what the file system throws. */
  note(act: Omit<PendingAct, 'id' | 'at'>): void;
}
