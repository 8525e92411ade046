import { SCOPES, type Actor } from '@transaction-guardian/contracts/actor.ts';
import { createAct } from '../auth/act.ts';
import { createInhibit } from '../alert/inhibit/inhibit.ts';
import { DEFAULT_INHIBIT_RULES } from '../alert/inhibit/rules.ts';
import type { AlertHarness } from '../alert/test-harness.ts';
import type { RespondDeps } from './act.ts';

/** A person of tests. */
export const personNamed = (name: string): Actor => ({
  ...{ id: `person:${name.toLowerCase()}`, kind: 'person', name, claimed_name: null, channel: 'console', address: null, scopes: SCOPES },
  ...{ role: 'operator', message_id: null },
});

/** What verbs of tests need: the clock of the harness, the rules that ship, half an hour until an acknowledgement is over. */
export function respondDeps(harness: AlertHarness): RespondDeps {
  const clock = { now: () => harness.now, monotonic: () => harness.now };
  return {
    act: createAct({ database: harness.database, clock }),
    clock,
    holds: { inhibit: createInhibit(DEFAULT_INHIBIT_RULES), groupIntervalMs: 60_000 },
    ackTimeoutMs: 1_800_000,
    timeZone: 'America/Sao_Paulo',
  };
}
