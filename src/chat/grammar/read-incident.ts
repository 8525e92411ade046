import type { IncidentChange } from '@transaction-guardian/contracts/incident.ts';
import type { IncidentState, Priority } from '@transaction-guardian/contracts/incident-state.ts';
import { findPeriod } from '../period/read-period.ts';
import type { Command } from './command.ts';
import { PHRASES, SMALL_WORDS } from './phrases.ts';
import type { Word } from './words.ts';

const OPEN = /^(?:(abrir|abre|criar|open|create) (?:um |an )?)?(?:incidente|incident) (.+)$/;
const NUMBERED = /^(?:(?:incidente|incident|inc) #?(?:inc-)?(\d{1,6})|#?inc-(\d{1,6}))(?: (.+))?$/;
/** "resolver incidente 3", "assumo o incidente 3". */
const VERB_FIRST = /^(\S+) (?:o |the )?((?:incidente|incident) #?(?:inc-)?\d{1,6}|inc-\d{1,6})$/;
const VERBS: ReadonlyMap<string, string> = new Map([
  ...['assumir', 'assumo', 'take', 'own'].map((verb) => [verb, 'meu'] as const),
  ...['resolver', 'resolvi', 'fechar', 'fecha', 'encerrar', 'encerra', 'resolve', 'close'].map((verb) => [verb, 'resolvido'] as const),
  ...['triar', 'triage'].map((verb) => [verb, 'triado'] as const),
  ...['reabrir', 'reabre', 'reopen'].map((verb) => [verb, 'respondendo'] as const),
  ...['ver', 'mostra', 'mostrar', 'detalhes', 'show', 'details'].map((verb) => [verb, ''] as const),
]);

const NOTE = /^(?:nota|anotar|anota|note)(?: (.+))?$/;
const TITLE = /^(?:titulo|title|renomear|rename) (.+)$/;
const LEAD = /^(?:(?:e|esta|foi|ficou|agora|is|was|now|para|to|prioridade|priority|estado|status|state|responsavel|owner|dono) )+/;
const STATES: ReadonlyMap<string, IncidentState> = new Map([
  ...['triado', 'triada', 'triagem', 'triaged'].map((word) => [word, 'triaged'] as const),
  ...['respondendo', 'em resposta', 'em atendimento', 'responding', 'reaberto', 'reabrir', 'reopened', 'reopen'].map(
    (word) => [word, 'responding'] as const,
  ),
  ...['resolvido', 'resolvida', 'resolver', 'fechado', 'fechar', 'encerrado', 'encerrar', 'resolved', 'resolve', 'closed', 'close'].map(
    (word) => [word, 'resolved'] as const,
  ),
  ...['post-mortem', 'postmortem', 'pos-morte'].map((word) => [word, 'postmortem'] as const),
]);
const MINE = /^(?:meu|minha|comigo|eu|me|mim|mine|assumir|assumo|take|own)$/;
const NOBODYS = /^(?:ninguem|sem dono|sem responsavel|soltar|largar|nobody|nobodys|no owner|unassigned|release)$/;

/** Reads what is said of an incident: "incidente API lenta" opens one; "incidente 3 nota …", "incidente 3 P1", "incidente 3
 *  resolvido", "incidente 3 meu" change one. Behind a number nothing is guessed: a description that begins with one is quoted, or
 *  stands after "abrir". Null for anything else. Pure. */
export function readIncidentAct(line: string, words: readonly Word[]): Command | null {
  const numbered = NUMBERED.exec(line) ?? NUMBERED.exec(turned(line));
  if (numbered !== null) {
    const number = Number(numbered[1] ?? numbered[2]);
    return number === 0 ? null : about(number, numbered[3] ?? '', words);
  }
  const open = OPEN.exec(line);
  return open === null ? null : opened(words, open[1] !== undefined);
}

/** "resolver incidente 3" as "incidente 3 resolvido". */
function turned(line: string): string {
  const [, verb = '', incident = ''] = VERB_FIRST.exec(line) ?? [];
  const said = VERBS.get(verb);
  return said === undefined ? '' : `${incident} ${said}`.trim();
}

function about(number: number, said: string, words: readonly Word[]): Command {
  if (said === '') return { verb: 'incident_details', number };
  const note = NOTE.exec(said)?.[1];
  if (note !== undefined) return { verb: 'incident_note', number, text: tailOf(words, note) };
  const title = TITLE.exec(said)?.[1];
  const change = title === undefined ? changeOf(said.replace(LEAD, '')) : { title: tailOf(words, title) };
  return change === null ? { verb: 'incident_unclear', number } : { verb: 'incident_change', number, change };
}

function changeOf(said: string): IncidentChange | null {
  if (/^p[1-4]$/.test(said)) return { priority: said.toUpperCase() as Priority };
  const state = STATES.get(said);
  if (state !== undefined) return { state };
  return MINE.test(said) ? { owner: 'me' } : NOBODYS.test(said) ? { owner: 'nobody' } : null;
}

/** The words of a line from `said` (plain) on, as they were written. */
function tailOf(words: readonly Word[], said: string): string {
  const plainFrom = (at: number): string =>
    words
      .slice(at)
      .map(({ plain }) => plain)
      .join(' ');
  return writtenOf(words.slice(words.findLastIndex((_word, at) => plainFrom(at).startsWith(said))));
}

/** As it was written; what is quoted as a whole without its quotes. */
function writtenOf(words: readonly Word[]): string {
  const [first] = words;
  return words.length === 1 && first !== undefined ? first.raw : words.map(({ written }) => written).join(' ');
}

/** Words that say which incidents, not what happened. */
const OPEN_NOW = /^(?:abert[oa]s?|ativ[oa]s?|andamento|atua(?:l|is)|open|active|ongoing|current|ainda|still)$/;
const WHICH =
  /^(?:resolvid[oa]s?|fechad[oa]s?|encerrad[oa]s?|recentes?|nov[oa]s?|ultim[oa]s?|anterior(?:es)?|passad[oa]s?|critic[oa]s?|graves?|meus?|minhas?|resolved|closed|recent|new|last|latest|previous|critical|mine|dia|mes|month)$/;
/** Words that a question begins with. */
const ASKS =
  /^(?:quem|quando|qual|quais|quant[oa]s?|onde|cade|como|por que|porque|pq|o que|tem|teve|houve|existe|algum|alguma|ja|who|whos|when|which|what|whats|where|how|why|is|are|was|were|did|has|any)(?: |$)/;

/** The description of an incident is kept as it was written. What only says which incident is meant, or asks, describes nothing:
 *  behind "abrir", or in quotes, it is taken all the same. */
function opened(words: readonly Word[], isExplicit: boolean): Command | null {
  const at = words.findIndex(({ plain }) => plain === 'incidente' || plain === 'incident');
  const text = writtenOf(words.slice(at + 1));
  if (text === '') return null;
  if (isExplicit) return { verb: 'incident', text };
  const said = words
    .slice(at + 1)
    .map(({ plain }) => plain)
    .join(' ');
  const period = findPeriod(said);
  const left = (period?.rest ?? said).split(' ').filter((word) => word !== '' && !SMALL_WORDS.has(word));
  // "incident times yesterday" asks for the mean times.
  if (PHRASES.incident_figures.includes(`incident ${left.join(' ')}`)) return null;
  if (period === null && left.length > 0 && left.every((word) => OPEN_NOW.test(word))) return { verb: 'incidents' };
  return ASKS.test(said.replace(/^(?:(?:de|do|da|of|from) )+/, '')) || left.every((word) => OPEN_NOW.test(word) || WHICH.test(word))
    ? null
    : { verb: 'incident', text };
}
