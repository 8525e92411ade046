import type { AnomalyType } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Incident } from '@transaction-guardian/contracts/incident.ts';
import { MAX_INCIDENT_TITLE, OPEN_STATES, PRIORITIES, type Priority } from '@transaction-guardian/contracts/incident-state.ts';
import { shownName } from '@transaction-guardian/contracts/shown-name.ts';
import { incidentId } from '../../incident/incident-id.ts';
import type { IncidentOutcome } from '../../incident/incident-service.ts';
import { actActor } from '../act-actor.ts';
import type { Turn } from '../turn.ts';
import { whereAllowed } from './allowed.ts';
import { agoText } from './figures.ts';
import { cleanText, foreignText, nameText } from './name-text.ts';
import { button, tree, type Reply } from './reply.ts';

const MOST = 20;
export const PRIORITY_MARKS: Readonly<Record<Priority, string>> = { P1: '🔴', P2: '🟠', P3: '🟡', P4: '🔵' };

/** "incidente API lenta": opens one, with the alert that the conversation is about. */
export async function replyIncident(turn: Turn, text: string): Promise<Reply> {
  const { acts, say, locale } = turn;
  const title = cleanText(text).replaceAll(/\s+/g, ' ').trim().slice(0, MAX_INCIDENT_TITLE).toWellFormed();
  const about = talkedAbout(turn);
  const withAlert = await whereAllowed(say, () =>
    acts.incidents.open(actActor(turn, 'incident'), { title, ...(about === null ? {} : { alerts: [about.fingerprint] }) }),
  );
  if ('denied' in withAlert) return { text: withAlert.denied };
  // What was talked about is of another incident, or no alert any more: the incident is opened all the same.
  const done =
    withAlert.value.kind === 'done' ? withAlert : { value: await acts.incidents.open(actActor(turn, 'incident alone'), { title }) };
  if (done.value.kind !== 'done') return { text: say('chat.incident.refused') };
  const id = incidentId(done.value.number);
  const { items } = await acts.incidents.list({}, { limit: MOST }, locale);
  const priority = items.find((one) => one.id === id)?.priority ?? 'P3';
  return {
    text: tree(`📝 ${say('chat.incident.opened', { id, priority })}`, [
      foreignText(title),
      ...(about === null ? [] : [aboutLine(say, about, withAlert.value)]).filter((line) => line !== ''),
      say('chat.incident.owner_hint', { n: done.value.number }),
    ]),
    buttons: [button(say('chat.button.incident_mine'), say('chat.say.incident_mine', { n: done.value.number }))],
    followUps: [say('chat.say.incidents')],
  };
}

/** Whether the alert that the conversation is about joins, or what it belongs to; '' where it is no alert any more. */
function aboutLine(say: Turn['say'], about: TalkedAbout, outcome: IncidentOutcome): string {
  const what = `${say(`anomaly.type.${about.type}`)} #${about.number}`;
  if (outcome.kind === 'done') return say('chat.incident.joins', { what });
  return outcome.kind === 'taken_alert' ? say('chat.incident.elsewhere', { what, id: outcome.incident }) : '';
}

interface TalkedAbout {
  readonly fingerprint: string;
  readonly type: AnomalyType;
  readonly number: number;
}

/** The alert that the conversation is about. */
function talkedAbout({ talk: { list, focus } }: Turn): TalkedAbout | null {
  const item = focus === null ? undefined : list[focus - 1];
  return focus === null || item === undefined || 'elsewhere' in item || item.fingerprint === null
    ? null
    : { fingerprint: item.fingerprint, type: item.type, number: focus };
}

/** "incidentes": those that are open, the most urgent first. */
export async function replyIncidents(turn: Turn): Promise<Reply> {
  const { acts, say, locale } = turn;
  const { items } = await acts.incidents.list({ state: [...OPEN_STATES] }, { limit: MOST }, locale);
  if (items.length === 0) return { text: `✅ ${say('chat.incidents.none')}` };
  const sorted = items.toSorted((a, b) => PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority));
  const [first] = sorted;
  return {
    text: `${say('chat.incidents.title', { n: items.length })}\n\n${sorted.map((one) => incidentText(turn, one)).join('\n\n')}`,
    followUps: first === undefined ? [] : [say('chat.say.incident_show', { n: first.number })],
  };
}

/** An incident of a list. */
export function incidentText({ say, locale, data }: Turn, { id, priority, title, state, owner, opened_at, firing }: Incident): string {
  return tree(`${PRIORITY_MARKS[priority]} ${priority} ${id}: ${nameText(title)}`, [
    `${say('chat.anomalies.status')}: ${say(`chat.incident.state_${state}`)}`,
    `${say('chat.incidents.opened')}: ${say('chat.at', { at: opened_at })} (${agoText(locale, data.clock.now() - Date.parse(opened_at))})`,
    `${say('chat.incidents.owner')}: ${owner === null ? say('chat.incidents.nobody') : nameText(shownName(owner))}`,
    ...(firing === 0 ? [] : [say('chat.incidents.firing', { n: firing })]),
  ]);
}
