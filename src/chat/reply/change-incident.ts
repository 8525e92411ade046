import type { Incident, IncidentChange, IncidentEntry } from '@transaction-guardian/contracts/incident.ts';
import { MAX_INCIDENT_NOTE, MAX_INCIDENT_TITLE } from '@transaction-guardian/contracts/incident-state.ts';
import { incidentId } from '../../incident/incident-id.ts';
import type { IncidentOutcome } from '../../incident/incident-service.ts';
import { actActor } from '../act-actor.ts';
import type { Turn } from '../turn.ts';
import { whereAllowed } from './allowed.ts';
import { incidentText } from './incident.ts';
import { cleanText, foreignText } from './name-text.ts';
import { button, tree, type Reply } from './reply.ts';

/** Lines of the timeline that are shown: the newest. */
const MOST = 8;

/** "incidente 3": what it is and the end of its timeline. */
export async function replyIncidentDetails(turn: Turn, number: number): Promise<Reply> {
  const { acts, say, locale } = turn;
  const found = await acts.incidents.read(number, locale);
  if (found === null) return { text: say('chat.incident.unknown', { id: incidentId(number) }) };
  const { incident, timeline } = found;
  const lines = timeline.slice(-MOST).map((entry) => entryLine(turn, entry));
  return {
    text: `${incidentText(turn, incident)}\n\n${tree(`🕒 ${say('chat.incident.timeline')}`, lines)}`,
    ...nextSteps(turn, incident),
  };
}

/** An entry on one line; a mark keeps its own lines apart, or the code of a summary runs into the figure behind it. */
const entryLine = ({ say }: Turn, { at, text }: IncidentEntry): string =>
  `${say('chat.at', { at })} ${foreignText(oneLine(text.trim().replaceAll(/\s*\n\s*/g, ' · ')))}`;

/** "incidente 3 P1", "incidente 3 resolvido", "incidente 3 meu". */
export async function replyIncidentChange(turn: Turn, number: number, wanted: IncidentChange): Promise<Reply> {
  const { acts, say } = turn;
  const change =
    wanted.title === undefined ? wanted : { ...wanted, title: oneLine(wanted.title).slice(0, MAX_INCIDENT_TITLE).toWellFormed() };
  const done = await whereAllowed(say, () => acts.incidents.change(actActor(turn, 'incident'), number, change));
  return 'denied' in done ? { text: done.denied } : outcomeReply(turn, number, done.value);
}

/** "incidente 3 nota …": adds a note to the timeline. */
export async function replyIncidentNote(turn: Turn, number: number, text: string): Promise<Reply> {
  const { acts, say } = turn;
  const note = cleanText(text).trim().slice(0, MAX_INCIDENT_NOTE).toWellFormed();
  if (note === '') return { text: say('chat.incident.unclear', { n: number }) };
  const done = await whereAllowed(say, () => acts.incidents.note(actActor(turn, 'incident'), number, note));
  if ('denied' in done) return { text: done.denied };
  return done.value.kind === 'done'
    ? { text: `🗒️ ${say('chat.incident.noted', { id: incidentId(number) })}`, followUps: [say('chat.say.incident_show', { n: number })] }
    : outcomeReply(turn, number, done.value);
}

async function outcomeReply(turn: Turn, number: number, outcome: IncidentOutcome): Promise<Reply> {
  const { acts, say, locale } = turn;
  const id = incidentId(number);
  if (outcome.kind === 'transition') {
    const { from, to } = outcome;
    return {
      text: say('chat.incident.transition', { id, from: say(`chat.incident.state_${from}`), to: say(`chat.incident.state_${to}`) }),
    };
  }
  const found = outcome.kind === 'done' ? await acts.incidents.read(number, locale) : null;
  if (found === null) return { text: say('chat.incident.unknown', { id }) };
  return { text: `✅ ${say('chat.incident.changed')}\n\n${incidentText(turn, found.incident)}`, ...nextSteps(turn, found.incident) };
}

/** What people do next with an incident that is open. */
function nextSteps({ say }: Turn, { number, state, owner }: Incident): Pick<Reply, 'buttons' | 'followUps'> {
  if (state === 'postmortem') return {};
  if (state === 'resolved') return { followUps: [say('chat.say.incidents')] };
  return {
    buttons: [
      ...(owner === null ? [button(say('chat.button.incident_mine'), say('chat.say.incident_mine', { n: number }), 'primary')] : []),
      button(say('chat.button.incident_resolved'), say('chat.say.incident_resolved', { n: number })),
    ],
    followUps: [say('chat.say.incident_note', { n: number })],
  };
}

const oneLine = (text: string): string => cleanText(text).replaceAll(/\s+/g, ' ').trim();
