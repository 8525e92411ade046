import type { ChatButton } from '@transaction-guardian/contracts/chat.ts';
import type { RunbookView } from '@transaction-guardian/contracts/runbook.ts';
import { CONFIRMATION_TTL_S } from '@transaction-guardian/contracts/runbook-word.ts';
import { runbookName } from '../../alert/cause.ts';
import { refusalText, type Refusal } from '../../runbook/refusal.ts';
import type { RequestOutcome } from '../../runbook/runbook-service.ts';
import { actActor } from '../act-actor.ts';
import type { Reference } from '../grammar/command.ts';
import { plainOf } from '../grammar/words.ts';
import type { Turn } from '../turn.ts';
import { whereAllowed } from './allowed.ts';
import { findPointed, isOver, pointedName } from './pointed.ts';
import { button, tree, type Reply } from './reply.ts';
import { findResumable, noRunText, refusedRun, runReply, settled } from './run.ts';

/** "runbook": what can be run. */
export async function replyRunbooks(turn: Turn): Promise<Reply> {
  const { say, acts, locale } = turn;
  const views = await acts.runbooks.reader.list(locale);
  if (views.length === 0) return { text: say('chat.runbooks.none') };
  return {
    text: `${tree(
      `📖 ${say('chat.runbooks.title')}`,
      views.map((view) => lineOf(turn, view)),
    )}\n\n${say('chat.runbooks.hint')}`,
    followUps: views
      .filter(isUsable)
      .slice(0, 2)
      .map(({ name }) => `runbook ${name}`),
  };
}

const isUsable = ({ problems, unavailable }: RunbookView): boolean => problems.length === 0 && unavailable === null;

function lineOf({ say }: Turn, { name, description, problems, unavailable, running }: RunbookView): string {
  if (problems.length > 0) return `${name}: ❌ ${say('chat.runbooks.broken')}`;
  if (unavailable !== null) return `${name}: ⚠️ ${unavailable}`;
  return `${name}: ${description}${running === null ? '' : ` ⏳ ${say('chat.runbooks.running')}`}`;
}

/** "runbook restart-api", "1r", "executa o runbook dele": runs it, or asks for the confirmation that its file wants. */
export async function replyRunbook(turn: Turn, name: string | null, of: Reference, args: readonly string[]): Promise<Reply> {
  if (name !== null) return run(turn, await namedRunbook(turn, name, args), parametersOf(args));
  const { say, acts, locale } = turn;
  const found = await findPointed(turn, of);
  if ('text' in found) return { text: found.text };
  const [item] = found.items;
  if (item === undefined || found.items.length > 1) return { text: say('chat.runbook.one') };
  const suggested = (await acts.runbooks.reader.list(locale, item.type)).filter(isUsable);
  const talk = item.number === null ? {} : { talk: { focus: item.number } };
  const [only] = suggested;
  if (await isOver(turn, item)) return { ...overReply(turn, pointedName(turn, item), suggested), ...talk };
  if (only !== undefined && suggested.length === 1) {
    const reply = await run(turn, only.name, {});
    return { ...reply, talk: { ...reply.talk, ...talk.talk } };
  }
  const page = runbookName(item.type);
  if (only === undefined) return { text: say('chat.runbook.none_for', { what: say(`anomaly.type.${item.type}`), page }), ...talk };
  return {
    text: tree(
      `📖 ${say('chat.runbook.several', { what: say(`anomaly.type.${item.type}`) })}`,
      suggested.map((view) => lineOf(turn, view)),
    ),
    buttons: runButtons(suggested),
    ...talk,
  };
}

const runButtons = (views: readonly RunbookView[]): ChatButton[] =>
  views.map(({ name }) => button(name, `runbook ${name}`)).filter(({ text }) => Buffer.byteLength(text) <= 64);

/** What has ended starts nothing by its number: the list may be hours old. By its name a runbook runs all the same. */
function overReply({ say }: Turn, what: string, suggested: readonly RunbookView[]): Reply {
  const [first] = suggested;
  const over = say('chat.act.not_firing', { what });
  if (first === undefined) return { text: over };
  return { text: `${over}. ${say('chat.runbook.anyway', { line: `runbook ${first.name}` })}`, buttons: runButtons(suggested) };
}

/** "runbook restart api" is restart-api: a voice writes no hyphen. Only where there is no runbook of the first word. */
async function namedRunbook({ acts, locale }: Turn, name: string, args: readonly string[]): Promise<string> {
  const firstValue = args.findIndex((arg) => arg.includes('='));
  const words = firstValue === -1 ? args : args.slice(0, firstValue);
  if (words.length === 0) return name;
  const names = new Set((await acts.runbooks.reader.list(locale)).map((view) => view.name));
  if (names.has(name)) return name;
  const spoken = words.map((_word, at) => [name, ...words.slice(0, at + 1)].map(plainOf).join('-'));
  return spoken.find((one) => names.has(one)) ?? name;
}

/** `workers=5`; a value without a name is not one. */
function parametersOf(args: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    args.flatMap((arg) => (arg.includes('=') ? [[arg.slice(0, arg.indexOf('=')), arg.slice(arg.indexOf('=') + 1)]] : [])),
  );
}

async function run(turn: Turn, name: string, parameters: Record<string, string>): Promise<Reply> {
  const { acts, say } = turn;
  const done = await whereAllowed(say, () => acts.runbooks.service.request(actActor(turn, 'runbook'), { name, parameters }));
  return 'denied' in done ? { text: done.denied } : outcomeReply(turn, name, done.value);
}

/** "confirmar 7K3M9QXA": uses the code of a confirmation. */
export async function replyConfirm(turn: Turn, nonce: string | null): Promise<Reply> {
  const { acts, say } = turn;
  if (nonce === null) return { text: say('chat.runbook.which_code') };
  const code = nonce.toUpperCase();
  const done = await whereAllowed(say, () => acts.runbooks.service.confirm(actActor(turn, 'confirm'), code));
  return 'denied' in done ? { text: done.denied } : outcomeReply(turn, '', done.value);
}

/** "retomar runbook": goes on with a run where it stopped, with the confirmation that its file wants. */
export async function replyResumeRun(turn: Turn, name: string | null): Promise<Reply> {
  const { acts, say } = turn;
  const record = await findResumable(turn, name);
  if (record === null) return { text: noRunText(turn, name) };
  const done = await whereAllowed(say, () => acts.runbooks.service.resume(actActor(turn, 'resume_run'), record.id));
  return 'denied' in done ? { text: done.denied } : outcomeReply(turn, record.runbook, done.value);
}

async function outcomeReply(turn: Turn, name: string, outcome: RequestOutcome): Promise<Reply> {
  const { say, locale } = turn;
  if (outcome.kind === 'refused') {
    const { run } = outcome.params;
    const sentence = [refusalText(locale, outcome, { timeZone: turn.data.timeZone }), ...(await writeSo(turn, name, outcome))].join('\n');
    return refusedRun(outcome, typeof run === 'string' ? run : null, sentence);
  }
  if (outcome.kind === 'started') return runReply(turn, await settled(turn, outcome.run));
  const { code, confirm } = outcome;
  return {
    text: say(confirm === 'second_person' ? 'chat.runbook.confirm_other' : 'chat.runbook.confirm', {
      name,
      code,
      seconds: CONFIRMATION_TTL_S,
    }),
    // The run that comes of it is the next one that "andamento" means, whoever confirms.
    talk: { run: null },
    ...(confirm === 'second_person' ? {} : { buttons: [button(say('chat.button.confirm'), say('chat.say.confirm', { code }), 'danger')] }),
  };
}

/** How the line is written that was refused for its parameters: those that it needs, and those that were wrong. */
async function writeSo({ say, acts, locale }: Turn, name: string, { breaches = [] }: Refusal): Promise<string[]> {
  const view = breaches.length === 0 ? null : await acts.runbooks.reader.find(name, locale);
  if (view === null || !('parameters' in view)) return [];
  const shown = view.parameters.filter((parameter) => parameter.required || breaches.some((breach) => breach.name === parameter.name));
  const parameters = shown.map((parameter) => `${parameter.name}=<${parameter.description}>`).join(' ');
  return shown.length === 0 ? [] : [say('chat.runbook.write_so', { line: `runbook ${name} ${parameters}` })];
}
