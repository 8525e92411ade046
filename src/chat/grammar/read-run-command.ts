import type { ActCommand } from './command.ts';
import { referenceOf } from './read-reference.ts';
import type { Word } from './words.ts';

const RUNBOOK =
  /^(?:(?:executar|executa|execute|rodar|roda|rode|run) (?:o |the )?runbook|runbook|(?:executar|executa|execute|rodar|roda|rode|run)(?: o| the)?) (.+)$/;
const RUNBOOK_NAME = /^[a-z0-9][a-z0-9_-]{1,63}$/;
const CONFIRM = /^(?:confirmar|confirmo|confirma|confirm)(?: ([a-z0-9]{4,32}))?$/;
const RUN = '(?:(?:o|a|the) )?(?:runbook|execucao|run)';
/** A name, or the id of a run. */
const WHICH = '(?: (?:do |da |de |of )?([a-z0-9][a-z0-9_-]{1,63}))?';
const CANCEL = new RegExp(`^(?:cancelar|cancela|cancele|parar|para|pare|interromper|cancel|stop|abort) ${RUN}${WHICH}$`);
/** `resume` alone is one letter away from `resumo`, which asks for the briefing: an act by that word names what it is done to. */
const RESUME = new RegExp(`^(?:(?:retomar|retoma|retome)(?: ${RUN})?|resume ${RUN})${WHICH}$`);

/** Reads what is done with runbooks: "runbook restart-api", "confirmar 7K3M9QXA", "cancelar runbook", "retomar runbook". Null when
 *  it is nothing of that. Pure. */
export function readRunCommand(line: string, words: readonly Word[]): ActCommand | null {
  const confirm = CONFIRM.exec(line);
  if (confirm !== null) return { verb: 'confirm', nonce: confirm[1] ?? null };
  const cancel = CANCEL.exec(line);
  if (cancel !== null) return { verb: 'cancel_run', run: cancel[1] ?? null };
  const resume = RESUME.exec(line);
  if (resume !== null) return { verb: 'resume_run', run: resume[1] ?? null };
  const said = RUNBOOK.exec(line)?.[1];
  if (said === undefined) return null;
  const [name = '', ...args] = said.split(' ');
  // "executa o runbook do 2": of something that was shown.
  const of = referenceOf(said);
  if (of !== null) return { verb: 'runbook', name: null, of, args: [] };
  if (!RUNBOOK_NAME.test(name) || (!line.includes('runbook') && args.length > 0 && !args.every(isParameter))) return null;
  const after = words.slice(words.findIndex(({ plain }) => plain === name) + 1);
  return { verb: 'runbook', name, of: { kind: 'it' }, args: args.length === 0 ? [] : after.map(({ raw }) => raw) };
}

const isParameter = (text: string): boolean => text.includes('=') || /^\d+$/.test(text);
