import { shownName } from '@transaction-guardian/contracts/shown-name.ts';
import { acknowledgeAlert, acknowledgeAlerts, unacknowledgeAlert, type AcknowledgedAll } from '../../respond/acknowledge.ts';
import { unsnoozeAlert } from '../../respond/snooze.ts';
import { actActor } from '../act-actor.ts';
import type { Reference } from '../grammar/command.ts';
import type { Turn } from '../turn.ts';
import { whereAllowed } from './allowed.ts';
import { nameText } from './name-text.ts';
import { acknowledgeElsewhere, holdElsewhere, releaseElsewhere } from './hold-elsewhere.ts';
import { findAnywhere, pointedName, type Pointed } from './pointed.ts';
import { focusOn, type Reply } from './reply.ts';

/** Alerts that one line acknowledges one by one. */
const MOST = 20;

/** "ack 1", "ack tudo": makes the writer the owner of what was shown. */
export async function replyAcknowledge(turn: Turn, of: Reference): Promise<Reply> {
  const found = await findAnywhere(turn, of);
  if ('text' in found) return { text: found.text };
  const { items, elsewhere } = found;
  const lines: string[] = [];
  if (items.length > 0 && (of.kind === 'all' || items.length > MOST)) lines.push(await acknowledgeAll(turn, items));
  else for (const item of items) lines.push(await acknowledge(turn, item));
  for (const other of elsewhere.slice(0, MOST)) lines.push(await holdElsewhere(turn, other, { kind: 'acknowledge', until: null }));
  return { text: lines.join('\n'), ...focusOn([...items, ...elsewhere]) };
}

/** "estou acordado": one acknowledgement for all that fires now. What opens afterwards notifies as always. */
export async function replyAwake(turn: Turn): Promise<Reply> {
  const { acts, say } = turn;
  const done = await whereAllowed(say, () => acknowledgeAlerts(acts.respond, actActor(turn, 'all'), {}));
  if ('denied' in done) return { text: done.denied };
  const others = await acknowledgeElsewhere(turn);
  return { text: [`${say('chat.awake.hello')} ${allText(turn, done.value)}`, ...others, say('chat.awake.new')].join('\n') };
}

/** "desfazer ack 1", "cancelar soneca": takes back what holds an alert; it notifies again if it still fires. */
export async function replyUndo(turn: Turn, what: 'acknowledge' | 'snooze', of: Reference): Promise<Reply> {
  const found = await findAnywhere(turn, of);
  if ('text' in found) return { text: found.text };
  const lines: string[] = [];
  for (const item of found.items.slice(0, MOST)) lines.push(await undo(turn, what, item));
  for (const other of found.elsewhere.slice(0, MOST)) lines.push(await releaseElsewhere(turn, other, what));
  return { text: lines.join('\n') };
}

async function undo(turn: Turn, kind: 'acknowledge' | 'snooze', item: Pointed): Promise<string> {
  const { acts, say, locale } = turn;
  const what = pointedName(turn, item);
  const alertId = item.fingerprint ?? item.anomalyId;
  const take = kind === 'acknowledge' ? unacknowledgeAlert : unsnoozeAlert;
  const done = await whereAllowed(say, () => take(acts.respond, actActor(turn, alertId), { alertId, locale }));
  if ('denied' in done) return done.denied;
  if (done.value.kind === 'unknown') return say('chat.act.no_alert', { what });
  if (done.value.kind === 'none') return say(`chat.undo.no_${kind}`, { what });
  return say(done.value.alert.status === 'firing' ? `chat.undo.${kind}` : `chat.undo.${kind}_over`, { what });
}

async function acknowledgeAll(turn: Turn, items: readonly Pointed[]): Promise<string> {
  const alertIds = items.map(({ anomalyId }) => anomalyId);
  const done = await whereAllowed(turn.say, () => acknowledgeAlerts(turn.acts.respond, actActor(turn, 'list'), { alertIds }));
  return 'denied' in done ? done.denied : allText(turn, done.value);
}

const allText = ({ say }: Turn, { acknowledged, taken }: AcknowledgedAll): string =>
  say(acknowledged.length === 0 ? 'chat.ack.none' : taken === 0 ? 'chat.ack.all' : 'chat.ack.all_taken', { n: acknowledged.length, taken });

async function acknowledge(turn: Turn, item: Pointed): Promise<string> {
  const { acts, say, locale, actor } = turn;
  const what = pointedName(turn, item);
  const alertId = item.fingerprint ?? item.anomalyId;
  const done = await whereAllowed(say, () => acknowledgeAlert(acts.respond, actActor(turn, alertId), { alertId, locale }));
  if ('denied' in done) return done.denied;
  const outcome = done.value;
  if (outcome.kind === 'unknown') return say('chat.act.no_alert', { what });
  if (outcome.kind === 'not_firing') return say('chat.act.not_firing', { what });
  if (outcome.kind === 'taken') return say('chat.ack.taken', { what, by: nameText(outcome.by.name), at: outcome.at });
  const until = outcome.alert.acknowledged_until;
  const by = nameText(shownName(actor));
  return until === null ? say('chat.ack.done', { what, by }) : say('chat.ack.done_until', { what, by, until });
}
