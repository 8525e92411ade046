import type { Reason } from '@transaction-guardian/contracts/anomaly.ts';
import { missingReason, type Actions, type Supervisor } from './step/action.ts';
import type { ActionName } from './action-table.ts';
import type { Runbook } from './read-runbook.ts';

/** What this server can do for runbooks. */
export interface ServerForm {
  readonly actions: Actions;
  readonly supervisor: Supervisor;
}

/** Why a runbook cannot work on this server, such as an action that this form of the program does not have; null when it can. Asks the
 *  supervisor: call it outside of a transaction. */
export async function unavailableReason(runbook: Runbook | undefined, { actions, supervisor }: ServerForm): Promise<Reason | null> {
  for (const { action } of runbook?.content.steps ?? []) {
    if (action === undefined) continue;
    const reason = action === 'restart-server' ? await supervisor.obstacle() : missingReason(actions, action as ActionName);
    if (reason !== null) return reason;
  }
  return null;
}
