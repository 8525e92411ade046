import type { Reason } from '@transaction-guardian/contracts/anomaly.ts';
import type { Supervisor } from '../runbook/step/action.ts';

const PATIENCE_MS = 3000;

const reason = (code: string, params: Reason['params'] = {}): Reason => ({ code, params });

/** Where nothing starts the server again, and why. */
export function noSupervisor(why: Reason = reason('runbook_no_supervisor')): Supervisor {
  return { obstacle: async () => why, restart: async () => why };
}

/** The launcher of `npm start` or the supervisor of `processes`, which starts this process again when it is asked to, through the channel between the two
 *  (`scripts/bootstrap/restart.mjs`). `check`: why a new process would not start; null when nothing is known to speak against it. */
export function launcherSupervisor(check: () => Reason | null): Supervisor {
  return {
    obstacle: async () => ((await askParent('can_restart')) ? check() : reason('runbook_no_supervisor')),
    restart: async () => ((await askParent('restart')) ? null : reason('runbook_no_supervisor')),
  };
}

/** Says a word to whatever has started this process, if that listens at all. */
export function tellParent(word: 'ready'): void {
  if (process.send !== undefined && process.connected) process.send({ guardian: word }, () => undefined);
}

/** Sends a word to the launcher, or to the supervisor of `processes`; true when it answers with the same. An older launcher does not answer. */
export async function askParent(
  word: 'can_restart' | 'restart' | 'scale',
  params: Readonly<Record<string, unknown>> = {},
): Promise<boolean> {
  if (process.send === undefined || !process.connected) return false;
  const answer = Promise.withResolvers<boolean>();
  const hear = (message: unknown): void => {
    if ((message as { readonly guardian?: unknown } | null)?.guardian === word) answer.resolve(true);
  };
  const timer = setTimeout(() => answer.resolve(false), PATIENCE_MS);
  process.on('message', hear);
  try {
    process.send({ ...params, guardian: word });
    return await answer.promise;
  } finally {
    clearTimeout(timer);
    process.off('message', hear);
    // A listener holds the channel, which would hold the process at its end.
    process.channel?.unref();
  }
}
