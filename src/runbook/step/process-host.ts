/** The operating system below the steps. */
export interface ProcessHost {
  /** Environment of the server. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Sends a signal to a process, or to the group of one with a negative id. False when there is none, or it is not ours. `0` only asks. */
  signal(pid: number, name: 'SIGTERM' | 'SIGKILL' | 0): boolean;
  /** Processes whose environment has `RUNBOOK_STEP` beginning with this text. Empty where the system does not tell. */
  marked(prefix: string): Promise<readonly number[]>;
}

/** Variable that marks every process of a step. */
export const MARK_VARIABLE = 'RUNBOOK_STEP';

const GRACE_MS = 2000;
const LOOK_MS = 50;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Ends a group of processes and everything else with the mark, which is how those are found that have left the group: first kindly,
 *  then by force. `leader`: undefined after a restart, when only marks are known. Returns how many marked ones were there, and how many
 *  still are. */
export async function endProcesses(
  host: ProcessHost,
  mark: string,
  leader: number | undefined,
): Promise<{ readonly found: number; readonly left: number }> {
  const found = new Set(await host.marked(mark));
  const everybody = (name: 'SIGTERM' | 'SIGKILL' | 0): boolean => {
    const group = leader !== undefined && host.signal(-leader, name);
    return [...found].map((pid) => host.signal(pid, name)).some(Boolean) || group;
  };
  let isThere = everybody('SIGTERM');
  for (let waited = 0; isThere && waited < GRACE_MS; waited += LOOK_MS) {
    await pause(LOOK_MS);
    isThere = everybody(0);
  }
  // What it started meanwhile is found now.
  for (const pid of await host.marked(mark)) found.add(pid);
  if (everybody('SIGKILL')) await pause(LOOK_MS);
  let left = await host.marked(mark);
  // A machine that is busy takes its time to end what was killed.
  for (let waited = 0; left.length > 0 && waited < GRACE_MS; waited += LOOK_MS) {
    await pause(LOOK_MS);
    left = await host.marked(mark);
  }
  return { found: found.size, left: left.length };
}
