/** An argument of an action. `merchant`, `text`: texts; `duration` as in the files. */
interface Argument {
  readonly required: boolean;
}

interface ActionEntry {
  readonly arguments: Readonly<Record<string, Argument>>;
  /** False: it only looks. */
  readonly changes: boolean;
}

const look: ActionEntry = { arguments: {}, changes: false };

/** The built-in actions, and what they take. */
export const ACTIONS = {
  /** Asks every part of the program, and fails when one is down. `needs`: only when one of these is, e.g. `log disk`. */
  'check-dependencies': { arguments: { needs: { required: false } }, changes: false },
  /** Waits until everything accepted before is counted, judged and made into alerts. */
  drain: look,
  /** Has the supervisor start the server again; ends in the new process. */
  'restart-server': { arguments: {}, changes: true },
  /** Empties the caches of the server. */
  'clear-caches': { arguments: {}, changes: true },
  /** Counts the workers that count transactions. */
  'count-workers': look,
  /** Changes how many there are. */
  'scale-workers': { arguments: { workers: { required: true } }, changes: true },
  /** Counts dead letters. */
  'count-dead-letters': { arguments: { since: { required: false } }, changes: false },
  /** Publishes the original records of dead letters again. */
  'replay-dead-letters': { arguments: { since: { required: false } }, changes: true },
  /** Silences the alerts of a merchant for a time. */
  'silence-merchant': {
    arguments: { merchant: { required: true }, for: { required: true }, max_severity: { required: true }, reason: { required: true } },
    changes: true,
  },
  /** Gives the model file that was used before its place back. */
  'rollback-model': { arguments: {}, changes: true },
  /** Writes a file with what a developer asks for first, without secrets. */
  'collect-diagnostics': { arguments: {}, changes: false },
} as const satisfies Readonly<Record<string, ActionEntry>>;

export type ActionName = keyof typeof ACTIONS;

export const ACTION_NAMES = Object.keys(ACTIONS) as readonly ActionName[];

/** The entry of an action by its name. */
export function actionEntry(name: string): ActionEntry | undefined {
  return Object.hasOwn(ACTIONS, name) ? ACTIONS[name as ActionName] : undefined;
}
