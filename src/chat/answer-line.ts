import type { Command, Question, QuestionTopic } from './grammar/command.ts';
import { readLine } from './grammar/read-line.ts';
import { replyAcknowledge, replyAwake, replyUndo } from './reply/acknowledge.ts';
import { replyAccept } from './reply/accept.ts';
import { replyBriefing } from './reply/briefing.ts';
import { replyDemote } from './reply/demote.ts';
import { replyEscalate } from './reply/escalate.ts';
import { replyDetails, replyWhy } from './reply/details.ts';
import { replyHelp, replyUnknown } from './reply/help.ts';
import { replyIncident, replyIncidents } from './reply/incident.ts';
import { replyIncidentFigures } from './reply/incident-figures.ts';
import { replyLink } from './reply/link.ts';
import { replyIncidentChange, replyIncidentDetails, replyIncidentNote } from './reply/change-incident.ts';
import { replyAlerts } from './reply/list-alerts.ts';
import { replyAnomalies } from './reply/list-anomalies.ts';
import { replyMetric, replyMetrics } from './reply/metric.ts';
import type { Reply } from './reply/reply.ts';
import { replyOnCall } from './reply/oncall.ts';
import { replyConfirm, replyResumeRun, replyRunbook, replyRunbooks } from './reply/runbook.ts';
import { replyCancelRun, replyProgress } from './reply/run.ts';
import { replyEndSilence, replySilence, replySilences } from './reply/silence.ts';
import { replySnooze } from './reply/snooze.ts';
import { replyStatus } from './reply/status.ts';
import { replyVerdict } from './reply/verdict.ts';
import type { Turn } from './turn.ts';

/** Answers one line of a message. */
export async function answerLine(turn: Turn, line: string): Promise<Reply> {
  const { command } = readLine(line);
  return command === null ? replyUnknown(turn, line) : answer(turn, command);
}

async function answer(turn: Turn, command: Command): Promise<Reply> {
  switch (command.verb) {
    case 'status':
      return replyStatus(turn);
    case 'alerts':
      return replyAlerts(turn, command);
    case 'anomalies':
      return replyAnomalies(turn, command);
    case 'metric':
      return replyMetric(turn, command.metric, command);
    case 'metrics':
      return replyMetrics(turn);
    case 'follow':
      return answerFollowUp(turn, command);
    case 'details':
      return replyDetails(turn, command.of);
    case 'why':
      return replyWhy(turn, command.of);
    case 'briefing':
      return replyBriefing(turn);
    case 'help':
      return replyHelp(turn);
    case 'more':
      return { text: turn.talk.rest === '' ? turn.say('chat.no_more') : turn.talk.rest, talk: { rest: '' } };
    case 'silences':
      return replySilences(turn);
    case 'runbooks':
      return replyRunbooks(turn);
    case 'progress':
      return replyProgress(turn);
    case 'ack':
      return replyAcknowledge(turn, command.of);
    case 'awake':
      return replyAwake(turn);
    case 'snooze':
      return replySnooze(turn, command.of, command.length);
    case 'silence':
      return replySilence(turn, command.scope, command.length);
    case 'runbook':
      return replyRunbook(turn, command.name, command.of, command.args);
    case 'confirm':
      return replyConfirm(turn, command.nonce);
    case 'cancel_run':
      return replyCancelRun(turn, command.run);
    case 'resume_run':
      return replyResumeRun(turn, command.run);
    case 'verdict':
      return replyVerdict(turn, command.verdict, command.of);
    case 'incidents':
      return replyIncidents(turn);
    case 'incident_figures':
      return replyIncidentFigures(turn, command.period);
    case 'incident':
      return replyIncident(turn, command.text);
    case 'link':
      return replyLink(turn, command.of);
    case 'oncall':
      return replyOnCall(turn);
    case 'escalate':
      return replyEscalate(turn, command.of);
    case 'undo':
      return replyUndo(turn, command.what, command.of);
    case 'end_silence':
      return replyEndSilence(turn, command.of);
    case 'incident_details':
      return replyIncidentDetails(turn, command.number);
    case 'incident_unclear':
      return { text: turn.say('chat.incident.unclear', { n: command.number }) };
    case 'incident_change':
      return replyIncidentChange(turn, command.number, command.change);
    case 'incident_note':
      return replyIncidentNote(turn, command.number, command.text);
    case 'demote':
      return replyDemote(turn, command.cause);
    case 'accept':
      return replyAccept(turn, command.id);
  }
}

/** The question before with what is said now in its place: "e ontem?", "e a do lojista X?", "e o volume?". */
async function answerFollowUp(turn: Turn, { metric, slice, period }: Extract<Question, { verb: 'follow' }>): Promise<Reply> {
  const before = turn.talk.question;
  if (metric === undefined && before === null) return { text: turn.say('chat.no_question') };
  const when = period ?? before?.period;
  if (metric === undefined && slice === undefined && before?.verb === 'incident_figures') return replyIncidentFigures(turn, when);
  const named = slice ?? (before?.verb === 'incident_figures' ? undefined : before?.slice);
  const topic: QuestionTopic = { ...(named === undefined ? {} : { slice: named }), ...(when === undefined ? {} : { period: when }) };
  if (metric !== undefined) return replyMetric(turn, metric, topic);
  if (before?.verb === 'metric') return replyMetric(turn, before.metric, topic);
  // Alerts are those of now: of a period there are anomalies.
  return before?.verb === 'alerts' && period === undefined ? replyAlerts(turn, topic) : replyAnomalies(turn, topic);
}
