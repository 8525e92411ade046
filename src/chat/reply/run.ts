import type { RunRecord } from '@transaction-guardian/contracts/runbook.ts';
import { progressText } from '../../runbook/progress-text.ts';
import { refusalText, type Refusal } from '../../runbook/refusal.ts';
import { resumableStep } from '../../runbook/run-record.ts';
import type { CancelOutcome } from '../../runbook/runbook-service.ts';
import { actActor } from '../act-actor.ts';
import type { Turn } from '../turn.ts';
import { whereAllowed } from './allowed.ts';
import { button, type Reply } from './reply.ts';

/** How long an answer waits for a run that is short; a channel waits for the answer. */
const WAIT_MS = 3000;
const LOOK_MS = 100;
/** Newest runs among which a conversation finds the one that its writer asked for. */
const MOST_RUNS = 20;
const RUN_ID = /^[0-9a-f]{8}-[0-9a-f-]{20,}$/;

/** "andamento": the run that this conversation started or saw last, else the newest that its writer asked for anywhere. */
export async function replyProgress(turn: Turn): Promise<Reply> {
  const record = await talkedAbout(turn);
  return record === null ? { text: turn.say('chat.runbook.no_run') } : runReply(turn, record);
}

/** "cancelar runbook": ends a run with everything that it started. `name`: of a runbook, or the id of a run; null: the run that
 *  the conversation is about. */
export async function replyCancelRun(turn: Turn, name: string | null): Promise<Reply> {
  const { acts, say, locale, data } = turn;
  const record = await findRun(turn, name, 'running');
  if (record === null) return { text: name === null ? say('chat.runbook.no_run') : say('chat.runbook.no_running', { name }) };
  const done = await whereAllowed<CancelOutcome>(say, () => acts.runbooks.service.cancel(actActor(turn, 'cancel_run'), record.id));
  if ('denied' in done) return { text: done.denied };
  if (done.value.kind === 'refused') return refusedRun(done.value, record.id, refusalText(locale, done.value, { timeZone: data.timeZone }));
  return runReply(turn, await settled(turn, record));
}

/** The run that "retomar runbook" means; null when there is none. */
export const findResumable = (turn: Turn, name: string | null): Promise<RunRecord | null> => findRun(turn, name, 'ended');

/** What is said where no run is meant. */
export const noRunText = ({ say }: Turn, name: string | null): string =>
  name === null ? say('chat.runbook.no_run') : say('chat.runbook.no_run_of', { name });

/** A refusal that names a run: "andamento" shows it then. */
export function refusedRun({ why }: Refusal, runId: string | null, sentence: string): Reply {
  return { text: `❌ ${sentence}`, ...(runId === null || why === 'unknown_run' ? {} : { talk: { run: runId } }) };
}

/** The run once it has ended, or as it is when the answer cannot wait any longer. */
export async function settled({ acts }: Turn, begun: RunRecord): Promise<RunRecord> {
  let record = begun;
  // By the clock: on a busy machine a look takes as long as many waits.
  const late = AbortSignal.timeout(WAIT_MS);
  while (record.state === 'running' && !late.aborted) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    record = (await acts.runbooks.service.run(begun.id)) ?? record;
  }
  return record;
}

/** A run as it is, with what can be done about it. */
export function runReply({ say, locale, data }: Turn, record: RunRecord): Reply {
  const text = progressText(record, locale, { timeZone: data.timeZone });
  const talk = { run: record.id };
  if (record.state === 'running')
    return {
      text: `${text}\n\n⏳ ${say('chat.runbook.going_on')}`,
      talk,
      buttons: [
        button(say('chat.button.progress'), say('chat.say.progress')),
        button(say('chat.button.cancel_run'), say('chat.say.cancel_run'), 'danger'),
      ],
      followUps: [say('chat.say.progress'), say('chat.say.cancel_run')],
    };
  if (resumableStep(record) === undefined) return { text, talk };
  return {
    text,
    talk,
    buttons: [button(say('chat.button.resume_run'), say('chat.say.resume_run'))],
    followUps: [say('chat.say.resume_run')],
  };
}

async function findRun(turn: Turn, name: string | null, wanted: 'running' | 'ended'): Promise<RunRecord | null> {
  const { service } = turn.acts.runbooks;
  if (name === null) return talkedAbout(turn);
  if (RUN_ID.test(name)) return service.run(name);
  const { items } = await service.runs({ runbook: name, ...(wanted === 'running' ? { state: 'running' } : {}) }, { limit: 1 });
  return items[0] ?? null;
}

async function talkedAbout({ talk, acts: { runbooks }, actor }: Turn): Promise<RunRecord | null> {
  if (talk.run !== null) return runbooks.service.run(talk.run);
  const { items } = await runbooks.service.runs({}, { limit: MOST_RUNS });
  return items.find(({ requested_by: by }) => by.id === actor.id) ?? null;
}
