import type { ChatButton } from '@transaction-guardian/contracts/chat.ts';
import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import { runbookName } from '../../alert/cause.ts';
import { readAnomaly } from '../../store/verbs/anomaly/list-anomalies.ts';
import { listSimilar } from '../../store/verbs/anomaly/similar-anomalies.ts';
import { HELPED_MS, readRunsDuring } from '../../store/verbs/runbook/runs-during.ts';
import { listFeedback } from '../../store/verbs/feedback/list-feedback.ts';
import type { Reference } from '../grammar/command.ts';
import type { Turn } from '../turn.ts';
import { anomalyTitle, lostText, measureLine, reasonsText } from './anomaly-text.ts';
import { agoText, lengthText } from './figures.ts';
import { linkButtons } from './link.ts';
import { actionButtons, SEVERITY_MARKS } from './list-alerts.ts';
import { findPointed, isOver, type Pointed } from './pointed.ts';
import { tree, type Reply } from './reply.ts';

/** Entries that one answer goes into. */
const MOST = 10;

/** "detalhes do 2": everything that is known of an anomaly. */
export const replyDetails = (turn: Turn, of: Reference): Promise<Reply> => replyEach(turn, of, detailsOf);

/** "por quê 1": cause, figures, what was like it before. */
export const replyWhy = (turn: Turn, of: Reference): Promise<Reply> => replyEach(turn, of, whyOf);

async function replyEach(
  turn: Turn,
  of: Reference,
  tell: (turn: Turn, anomaly: Anomaly, item: Pointed) => Promise<string>,
): Promise<Reply> {
  const { data, say } = turn;
  const found = await findPointed(turn, of);
  if ('text' in found) return { text: found.text };
  const items = found.items.slice(0, MOST);
  const texts = await Promise.all(
    items.map(async (item) => {
      const anomaly = await readAnomaly(data.database, item.anomalyId);
      return anomaly === null ? say('chat.details.gone', { id: item.anomalyId }) : tell(turn, anomaly, item);
    }),
  );
  const [only] = items;
  const number = items.length === 1 ? (only?.number ?? null) : null;
  // What was named by its id becomes a list of its own, so that codes work.
  const talk = number !== null ? { focus: number } : only !== undefined && items.length === 1 ? { list: [only], focus: 1 } : {};
  return {
    text: texts.join('\n\n'),
    talk,
    buttons: items.length === 1 && only !== undefined ? await buttonsOf(turn, only) : [],
    followUps: [say('chat.say.why_it')],
  };
}

/** Nothing is done to what has ended; its page is still there. */
async function buttonsOf(turn: Turn, item: Pointed): Promise<ChatButton[]> {
  const number = item.number ?? 1;
  return [...((await isOver(turn, item)) ? [] : actionButtons(turn, number)), ...linkButtons(turn, number)];
}

async function detailsOf(turn: Turn, anomaly: Anomaly, { number }: Pointed): Promise<string> {
  const { say, locale, data, now } = turn;
  const isOpen = anomaly.status === 'open';
  const lost = lostText(say, anomaly, locale);
  const until = anomaly.resolved_at === null ? '' : ` – ${say('chat.at', { at: anomaly.resolved_at })}`;
  return tree(`${isOpen ? SEVERITY_MARKS[anomaly.severity] : '✅'} ${anomalyTitle(say, anomaly)}${number === null ? '' : ` #${number}`}`, [
    `${say('chat.alerts.severity')}: ${say(`anomaly.severity.${anomaly.severity}`)}`,
    `${say('chat.alerts.start')}: ${say('chat.at', { at: anomaly.started_at })}${until} (${lengthText(anomaly.duration_minutes)})`,
    `${say('chat.anomalies.status')}: ${say(isOpen ? 'chat.anomalies.open' : 'chat.anomalies.resolved')}`,
    ...measureLines(say, anomaly),
    ...(lost === '' ? [] : [`${say('chat.loss')}: ${lost}`]),
    ...(anomaly.reasons.length === 0 ? [] : [`${say('chat.details.reasons')}: ${reasonsText(anomaly, locale, data.timeZone, now)}`]),
    `${say('chat.details.action')}: ${say(`alert.action.${anomaly.type}`)}`,
    `Runbook: ${runbookName(anomaly.type)}`,
    `Id: ${anomaly.id}`,
  ]);
}

/** What it is now, while it is open, and its worst minute; once where both are the period. */
function measureLines(say: Turn['say'], anomaly: Anomaly): string[] {
  const now = anomaly.status === 'open' ? [measureLine(say, say('chat.metric_now'), anomaly, anomaly)] : [];
  return [...new Set([...now, measureLine(say, say('chat.details.peak'), anomaly, anomaly.peak)])];
}

async function whyOf(turn: Turn, anomaly: Anomaly, { number }: Pointed): Promise<string> {
  const { say, locale, data, now } = turn;
  const reasons = reasonsText(anomaly, locale, data.timeZone, now).replace(/\.$/, '').split('; ');
  return tree(`❓ ${anomalyTitle(say, anomaly)}${number === null ? '' : ` #${number}`}`, [
    ...reasons.filter((reason) => reason !== '').map((reason) => reason.slice(0, 1).toUpperCase() + reason.slice(1)),
    measureLine(say, say('chat.details.peak'), anomaly, anomaly.peak),
    ...(await similarLines(turn, anomaly)),
  ]);
}

/** Anomalies of this type in the same part of the traffic before, how long they lasted, and the verdicts on them. */
async function similarLines(turn: Turn, anomaly: Anomaly): Promise<string[]> {
  const { say, locale, data, now } = turn;
  const before = await listSimilar(data.database, anomaly);
  const [last] = before;
  if (last === undefined) return [say('chat.why.no_similar')];
  const lengths = before.map(({ duration_minutes }) => duration_minutes).toSorted((a, b) => a - b);
  const median = lengths[Math.floor(lengths.length / 2)] ?? 0;
  const verdicts = await Promise.all(
    before.slice(0, 5).map(({ id }) => listFeedback(data.database, { anomalyId: id, inForce: true }, { limit: 5 })),
  );
  const said = verdicts.flatMap(({ items: rows }) => rows);
  const useful = said.filter(({ verdict }) => verdict === 'useful').length;
  const noise = said.filter(({ verdict }) => verdict === 'noise').length;
  const comment = said.find((row) => row.comment !== null && row.comment !== '')?.comment ?? null;
  return [
    say('chat.why.similar', { n: before.length, ago: agoText(locale, now - Date.parse(last.started_at)), length: lengthText(median) }),
    ...(useful + noise === 0 ? [] : [say('chat.why.verdicts', { useful, noise })]),
    ...(await runbookLines(turn, anomaly.type, before)),
    ...(comment === null ? [] : [say('chat.why.comment', { comment: comment.replaceAll(/\s+/g, ' ').slice(0, 200) })]),
  ];
}

/** Which runbooks were run while similar ones were open, and whether they helped. */
async function runbookLines({ say, data }: Turn, type: Anomaly['type'], similar: readonly Anomaly[]): Promise<string[]> {
  const ended = similar.flatMap(({ id, started_at, resolved_at }) =>
    resolved_at === null ? [] : [{ id, from: Date.parse(started_at), to: Date.parse(resolved_at) }],
  );
  const found = await readRunsDuring(data.database, ended, { type, withinMs: HELPED_MS });
  return found.map(({ runbook, runs: n, helped }) => say(helped > 0 ? 'chat.why.runbook' : 'chat.why.runbook_no', { runbook, n, helped }));
}
