import { randomUUID } from 'node:crypto';
import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import type { PersonName } from '@transaction-guardian/contracts/alert-state.ts';
import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Silence } from '@transaction-guardian/contracts/silence.ts';
import type { Sql } from '../store/database.ts';
import { listSilences, writeSilence, type SilenceRow } from '../store/verbs/silence/silences.ts';
import { actOnAlerts, personOf, type RespondDeps } from './act.ts';
import { readSilenceView } from './silence-view.ts';

/** A demotion is reviewed so long after it began: it ends, says what it hid, and is proposed again if nothing has changed. */
const DEMOTED_MS = 7 * 86_400_000;

export interface DemoteInput {
  /** Names the cause in the audit. */
  readonly cause: string;
  /** Of the cause and of no other. */
  readonly matchers: readonly string[];
  /** The worst severity that is demoted. */
  readonly maxSeverity: Severity;
  readonly reason: string;
}

/** `already`: somebody demoted it before; ids and times (ISO 8601) of that. */
export type DemoteOutcome =
  | { readonly kind: 'done'; readonly silence: Silence }
  | { readonly kind: 'already'; readonly silence: Silence; readonly by: PersonName };

/** Demotes a cause that pages too often: a silence of that cause for a week. Its alerts keep their place in every list, what is worse
 *  or of another cause notifies as always; it is undone like every silence. */
export function demoteCause(
  deps: RespondDeps,
  actor: Actor,
  { cause, matchers, maxSeverity, reason }: DemoteInput,
): Promise<DemoteOutcome> {
  const id = `si_${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  return actOnAlerts<DemoteOutcome>(
    deps,
    { actor, verb: 'alert.demote', args: { cause, matchers, max_severity: maxSeverity } },
    async (tx, now) => {
      const before = await sameSilence(tx, matchers, now);
      if (before !== undefined) {
        const silence = await viewOf(tx, before.id, now);
        return { value: { kind: 'already', silence, by: before.by }, outcome: { result: 'unchanged', after: { silence: before.id } } };
      }
      const endsAt = now + DEMOTED_MS;
      const times = { startsAt: now, endsAt, createdAt: now, updatedAt: now, beganAt: null, endedAt: null, endedBy: null };
      await writeSilence(tx, { id, matchers, maxSeverity, ...times, reason, by: personOf(actor), maintenanceId: null });
      const after = { silence: id, ends_at: new Date(endsAt).toISOString(), reason };
      return { value: { kind: 'done', silence: await viewOf(tx, id, now) }, outcome: { result: 'done', after } };
    },
    async (tx, _value, now) => ({ kind: 'done', silence: await viewOf(tx, id, now) }),
  );
}

async function sameSilence(tx: Sql, matchers: readonly string[], now: number): Promise<SilenceRow | undefined> {
  const wanted = matchers.join('\n');
  const { items } = await listSilences(tx, { status: 'active', now }, { limit: 1000 });
  return items.find((silence) => silence.matchers.join('\n') === wanted);
}

async function viewOf(tx: Sql, id: string, now: number): Promise<Silence> {
  const silence = await readSilenceView(tx, id, now);
  if (silence === null) throw new Error('a silence that was written is there');
  return silence;
}
