import type { FailureReason } from '@transaction-guardian/contracts/health-reason.ts';
import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import { unacknowledgeAlert } from '../respond/acknowledge.ts';
import type { RespondDeps } from '../respond/act.ts';
import { changeSilence, createSilence, endSilence } from '../respond/silence.ts';
import { unsnoozeAlert } from '../respond/snooze.ts';
import type { WireSilence } from './silence-api.ts';
import { fromAlertmanager } from './translate.ts';
import { isHold, withoutMark } from './wanted-silences.ts';

/** Creates here what somebody made in Alertmanager, once however often it is called: the id that it has here, why it cannot be, or null
 *  for one about the alerts of others. */
export async function takeOverSilence(
  deps: RespondDeps,
  silence: WireSilence,
  now: number,
): Promise<{ readonly key: string } | { readonly why: FailureReason } | null> {
  const meaning = fromAlertmanager(silence.matchers);
  if (meaning.kind === 'elsewhere') return null;
  if (meaning.kind === 'unknown') return { why: { code: 'failure_not_sayable', params: { message: meaning.why } } };
  const outcome = await createSilence(deps, actorThere(silence, 'made'), {
    scope: { matchers: meaning.matchers },
    ...(silence.startsAt > now ? { startsAt: silence.startsAt } : {}),
    endsAt: silence.endsAt,
    reason: withoutMark(silence.comment) || silence.createdBy || '-',
  });
  if (outcome.kind === 'done') return { key: outcome.silence.id };
  const message = outcome.kind === 'invalid' ? outcome.findings.map(({ field, rule }) => `${field} ${rule}`).join(', ') : outcome.kind;
  return { why: { code: 'failure_message', params: { message } } };
}

/** Gives a silence the end that it has been given in Alertmanager. */
export async function moveAsThere(deps: RespondDeps, silence: WireSilence, key: string): Promise<void> {
  await changeSilence(deps, actorThere(silence, 'moved'), { id: key, endsAt: silence.endsAt });
}

/** Ends what somebody ended in Alertmanager: a silence, or what holds back an alert. */
export async function endAsThere(deps: RespondDeps, silence: WireSilence, key: string): Promise<void> {
  const actor = actorThere(silence, 'ended');
  if (!isHold(key)) return void (await endSilence(deps, actor, { id: key }));
  const alertId = key.split(' ')[1] ?? '';
  await unsnoozeAlert(deps, { ...actor, message_id: `${actor.message_id}:snooze` }, { alertId });
  await unacknowledgeAlert(deps, actor, { alertId });
}

/** Whoever acted in Alertmanager, which knows a name and no more. Each change of a silence there is one act. */
export function actorThere({ id, createdBy, updatedAt }: WireSilence, what: 'made' | 'moved' | 'ended'): Actor {
  const name = what === 'made' && createdBy !== '' ? `${createdBy} (Alertmanager)` : 'Alertmanager';
  return {
    ...{ id: 'alertmanager', kind: 'system', name, claimed_name: null, channel: 'guardian', address: null },
    ...{ scopes: ['read'], role: 'operator', message_id: `alertmanager:${id}:${what}:${updatedAt}` },
  };
}
