import type { IncomingGroup } from '../payload.ts';
import type { ToldAlert } from './ledger.ts';
import type { StateFile } from './state-file.ts';

/** A message that is about to be sent. */
export interface Intent {
  /** `telegram:777`. */
  readonly chat: string;
  readonly number: number;
  readonly isShared: boolean;
  /** Its title says that it may be a repetition. */
  readonly mayRepeat?: true;
  readonly groups: readonly { readonly groupKey: string; readonly alerts: readonly ToldAlert[]; readonly notification: string }[];
  /** Its first piece, as the gateway takes it. */
  readonly text: string;
  readonly at: number;
  /** The gateway's queue has it, and sends it when the channel is back. */
  readonly isHeld?: true;
  /** What it says, for the case that the queue gives it up: whoever notified was answered that it is taken care of. */
  readonly says?: readonly Said[];
}

interface Said {
  readonly group: IncomingGroup;
  readonly notification: string;
}

/** A group that a chat is still to be notified of, though whoever notified does not come again. */
export interface Owed extends Said {
  readonly chat: string;
  readonly at: number;
}

/** What is being sent, on disk: a gateway that is killed meanwhile finds it when it starts again. */
export interface Intents {
  /** Resolves once it is on disk. */
  begin(intent: Intent): Promise<void>;
  /** What became of it is known, and noted. */
  end(intent: Intent): void;
  /** Its outcome is open: its channel did not answer, or, with what it `says`, the gateway's queue holds it. Gives it as it is on disk. */
  leave(intent: Intent, says?: readonly Said[]): Intent;
  /** Notes a group that is still to be notified, or that this is done. */
  owe(owed: Owed): void;
  pay(owed: Owed): void;
  readonly owed: readonly Owed[];
  /** What nobody knows the outcome of: what was left, and what an earlier run of the gateway began. */
  readonly left: readonly Intent[];
}

const VERSION = 1;
/** Nobody comes again for what is older. */
export const INTENT_KEPT_MS = 6 * 3_600_000;
const MOST_LEFT = 500;

interface StoredIntents {
  readonly version: number;
  readonly intents?: readonly Intent[];
  readonly owed?: readonly Owed[];
}

/** `isKnown`: its alerts are noted as told already, so that it was sent. `onError`: a write failed; messages go out all the same. */
export async function openIntents(
  file: StateFile,
  {
    now,
    isKnown,
    onError,
  }: { readonly now: number; readonly isKnown: (intent: Intent) => boolean; readonly onError: (error: unknown) => void },
): Promise<Intents> {
  const stored = (await file.read()) as StoredIntents | undefined;
  let left = (stored?.version === VERSION ? (stored.intents ?? []) : []).filter(
    (intent) => now - intent.at < INTENT_KEPT_MS && (intent.isHeld === true || !isKnown(intent)),
  );
  let owed = (stored?.version === VERSION ? (stored.owed ?? []) : []).filter(({ at }) => now - at < INTENT_KEPT_MS);
  let open: readonly Intent[] = [];
  const value = (): StoredIntents => ({ version: VERSION, intents: [...left, ...open], owed });
  const write = (): Promise<void> => file.write(value).catch(onError);
  return {
    get left() {
      return left;
    },
    begin(intent) {
      open = [...open, intent];
      return write();
    },
    get owed() {
      return owed;
    },
    owe(one) {
      owed = [...owed.slice(-MOST_LEFT), one];
      void write();
    },
    pay(one) {
      owed = owed.filter((other) => other !== one);
      void write();
    },
    leave(intent, says) {
      const kept: Intent = says === undefined ? intent : { ...intent, isHeld: true, says };
      open = open.filter((one) => one !== intent);
      left = [...left.slice(-MOST_LEFT), kept];
      void write();
      return kept;
    },
    end(intent) {
      left = left.filter((one) => one !== intent);
      open = open.filter((one) => one !== intent);
      void write();
    },
  };
}
