import type { ToldAlert } from './ledger.ts';
import type { StateFile } from './state-file.ts';

/** A message that is about to be sent. */
export interface Intent {
  /** `telegram:777`. */
  readonly chat: string;
  readonly number: number;
  readonly isShared: boolean;
  readonly groups: readonly { readonly groupKey: string; readonly alerts: readonly ToldAlert[]; readonly notification: string }[];
  /** Its first piece, as the gateway takes it. */
  readonly text: string;
  readonly at: number;
  /** The gateway's queue has it, and sends it when the channel is back. */
  readonly isHeld?: true;
}

/** What is being sent, on disk: a gateway that is killed meanwhile finds it when it starts again. */
export interface Intents {
  /** Resolves once it is on disk. */
  begin(intent: Intent): Promise<void>;
  /** What became of it is known, and noted. */
  end(intent: Intent): void;
  /** Its outcome is open: its channel did not answer, or the gateway's queue holds it. Gives it as it is on disk. */
  leave(intent: Intent, isHeld: boolean): Intent;
  /** What nobody knows the outcome of: what was left, and what an earlier run of the gateway began. */
  readonly left: readonly Intent[];
}

const VERSION = 1;
/** Nobody comes again for what is older. */
const KEPT_MS = 6 * 3_600_000;
const MOST_LEFT = 500;

/** `isKnown`: its alerts are noted as told already, so that it was sent. `onError`: a write failed; messages go out all the same. */
export async function openIntents(
  file: StateFile,
  {
    now,
    isKnown,
    onError,
  }: { readonly now: number; readonly isKnown: (intent: Intent) => boolean; readonly onError: (error: unknown) => void },
): Promise<Intents> {
  const stored = (await file.read()) as { readonly version?: number; readonly intents?: readonly Intent[] } | undefined;
  let left = (stored?.version === VERSION ? (stored.intents ?? []) : []).filter(
    (intent) => now - intent.at < KEPT_MS && (intent.isHeld === true || !isKnown(intent)),
  );
  let open: readonly Intent[] = [];
  const write = (): Promise<void> => file.write(() => ({ version: VERSION, intents: [...left, ...open] })).catch(onError);
  return {
    get left() {
      return left;
    },
    begin(intent) {
      open = [...open, intent];
      return write();
    },
    leave(intent, isHeld) {
      const kept: Intent = isHeld ? { ...intent, isHeld } : intent;
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
