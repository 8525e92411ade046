import type { Verdict } from '@transaction-guardian/contracts/verdict.ts';
import { clockOf, readDuration } from '../period/read-period.ts';
import type { ActCommand, Command, Length, Reference } from './command.ts';
import { readIncidentAct } from './read-incident.ts';
import { readLink } from './read-link.ts';
import { referenceOf } from './read-reference.ts';
import { readRunCommand } from './read-run-command.ts';
import type { Word } from './words.ts';

const COURTESY = /^(?:por favor|please|pls|pfv) | (?:por favor|please|pls|pfv)$/g;
const CODE = /^(\d{1,3})([asr])$/;
const CODE_VERBS = { a: 'ack', s: 'snooze', r: 'runbook' } as const;

const ACK = /^(?:ack|reconhecer|reconheco|reconhece|acknowledge|assumir|assumo)(?: (.+))?$/;
/** "1h no 2": the entry behind the length. */
const LENGTH_FIRST = /^(?<length>.+) (?:n[oa]|d[oa]|on|of) (?<of>(?:alerta |alert )?#?\d{1,3})$/;
const SNOOZE = /^(?:soneca|snooze|adiar)(?: (.+))?$/;
const SILENCE = /^(?:silenciar|silencie|silencia|silence|mute) (.+)$/;
const SILENCE_WORD = /^(?:silenciar|silencie|silencia|silence|mute)$/;
/** "escale" alone may be "escala", the question who is on call, with a wrong letter. */
const ESCALATE = /^(?:escalar|escalate|escale(?= .))(?: (.+))?$/;
const AWAKE = /^(?:(?:ja )?(?:estou|to|tou) acordad[oa]|acordei|(?:i am|im) (?:awake|up)|awake)$/;
const VERDICTS: readonly (readonly [RegExp, Verdict])[] = [
  [/^(?:marcar como |foi |mark as )?(?:util|useful)(?: (.+))?$/, 'useful'],
  [/^(?:marcar como |foi |mark as )?(?:ruido|noise)(?: (.+))?$/, 'noise'],
  [/^(?:aceitar|aceita|aceito|accept)(?: o| the)? (?:novo |new )?(?:nivel|level)(?: (.+))?$/, 'accept_level'],
];
const TAKE_BACK =
  '(?:desfazer|desfaz|desfaca|cancelar|cancela|retirar|retira|tirar|tira|undo|withdraw|cancel)(?: (?:o|a|the|meu|minha|my))?';
const UNDO = {
  acknowledge: new RegExp(
    `^(?:${TAKE_BACK} (?:ack|reconhecimento|acknowledgement|acknowledgment)|unack|unacknowledge|desreconhecer|soltar|solto|devolver|devolvo)(?: (.+))?$`,
  ),
  snooze: new RegExp(`^(?:${TAKE_BACK} (?:soneca|snooze)|unsnooze)(?: (.+))?$`),
} as const;
const END_SILENCE =
  /^(?:(?:encerrar|encerra|encerre|terminar|termina|remover|remove|tirar|tira|cancelar|cancela|end|lift|expire|cancel|delete)(?: (?:o|the))? (?:silencio|silence)|dessilenciar|unsilence|unmute)(?: (.+))?$/;
const SILENCE_ID = /^si_[0-9a-f]{6,32}$/;
const DEMOTE = /^(?:rebaixar|rebaixa|demote) (?:o |a |the )?(?:causa |cause )?([0-9a-f]{8})$/;
const ACCEPT =
  /^(?:aceito|aceitar|aceita|i accept|accept|assumo|assumir)(?: (?:o |a |the )?(?:briefing|turno|passagem|passagem de turno|shift|handover|handoff|shift handover))?(?: ([a-z][a-z0-9-]{0,48}-(?:start|end)))?$/;
/** "assumo" alone takes an alert. */
const ACCEPT_WHAT = /^(?:assumo|assumir)$/;
const SHIFT_END = /^(?:o )?(?:fim|final) do turno$|^(?:the )?end of (?:the )?shift$|^shift end$|^(?:the )?shift ends$/;

/** Reads a line that acts, or that asks about what can be acted on, from words that are written right; null when it is none. Pure. */
export function readAct(words: readonly Word[]): Command | null {
  const line = plainText(words).replaceAll(COURTESY, '');
  return (
    readCode(line) ??
    readOnAlert(line) ??
    readTakenBack(line) ??
    readAccept(line) ??
    readSilence(line, words) ??
    readRunCommand(line, words) ??
    readIncidentAct(line, words) ??
    readLink(line)
  );
}

/** `1a`, `2s`, `1r`: for channels without buttons. */
function readCode(line: string): ActCommand | null {
  const [, number = '', letter = ''] = CODE.exec(line) ?? [];
  if (letter === '' || Number(number) === 0) return null;
  const of: Reference = { kind: 'numbers', numbers: [Number(number)] };
  const verb = CODE_VERBS[letter as keyof typeof CODE_VERBS];
  if (verb === 'ack') return { verb, of };
  return verb === 'snooze' ? { verb, of, length: null } : { verb, name: null, of, args: [] };
}

function readOnAlert(line: string): ActCommand | null {
  if (AWAKE.test(line)) return { verb: 'awake' };
  const of = (match: RegExpExecArray | null): Reference | null => (match === null ? null : referenceOf(match[1] ?? ''));
  const ack = of(ACK.exec(line));
  if (ack !== null) return { verb: 'ack', of: ack };
  const escalate = of(ESCALATE.exec(line));
  if (escalate !== null) return { verb: 'escalate', of: escalate };
  for (const [pattern, verdict] of VERDICTS) {
    const judged = of(pattern.exec(line));
    if (judged !== null) return { verb: 'verdict', verdict, of: judged };
  }
  return readSnooze(line);
}

/** "soneca 15m", "soneca 2 por 1h", "soneca 1h no 2", "snooze 1h", "soneca até o fim do turno". */
function readSnooze(line: string): ActCommand | null {
  const match = SNOOZE.exec(line);
  if (match === null) return null;
  const said = match[1] ?? '';
  const whole = referenceOf(said);
  if (whole !== null) return { verb: 'snooze', of: whole, length: null };
  const cut = cutLength(said.replace(LENGTH_FIRST, '$<of> $<length>'));
  const of = cut === null ? null : referenceOf(cut.before);
  return cut === null || of === null ? null : { verb: 'snooze', of, length: cut.length };
}

/** "desfazer ack 1", "cancelar soneca", "encerrar silêncio 2". */
function readTakenBack(line: string): ActCommand | null {
  for (const what of ['acknowledge', 'snooze'] as const) {
    const match = UNDO[what].exec(line);
    const of = match === null ? null : referenceOf(match[1] ?? '');
    if (of !== null) return { verb: 'undo', what, of };
  }
  const ended = END_SILENCE.exec(line);
  if (ended === null) return null;
  const said = ended[1] ?? '';
  const of: Reference | null = SILENCE_ID.test(said) ? { kind: 'id', id: said } : referenceOf(said);
  return of === null ? null : { verb: 'end_silence', of };
}

/** "aceito", "aceitar briefing night-2026-11-28-start", "rebaixar 3f9a21c7". */
function readAccept(line: string): ActCommand | null {
  const cause = DEMOTE.exec(line)?.[1];
  if (cause !== undefined) return { verb: 'demote', cause };
  const match = ACCEPT_WHAT.test(line) ? null : ACCEPT.exec(line);
  return match === null ? null : { verb: 'accept', id: match[1] ?? null };
}

/** "silenciar lojista m-1 por 2h". The scope is kept as it was written. */
function readSilence(line: string, words: readonly Word[]): ActCommand | null {
  const said = SILENCE.exec(line)?.[1];
  if (said === undefined) return null;
  const cut = cutLength(said);
  const at = words.findIndex(({ plain }) => SILENCE_WORD.test(plain));
  const rest = words.slice(at + 1);
  const count = rest.findIndex((_word, end) => plainText(rest.slice(0, end + 1)) === (cut?.before ?? said)) + 1;
  const scope = rest.slice(0, count).map(({ raw, written }) => (/["“”`«']/u.test(written) ? written : raw));
  return { verb: 'silence', scope: cut?.before === '' ? '' : scope.join(' '), length: cut?.length ?? null };
}

const plainText = (words: readonly Word[]): string => words.map(({ plain }) => plain).join(' ');

const FOR = /^(?:(?:por|de|for|durante)(?: (?:ate|up to))?|ate|until|till) /;
/** "até as 6h", "until 6am": a time of day, never six hours. */
const UNTIL = /^(?:ate|until|till) (?:(?:as|a|ao) )?/;

function lengthOf(said: string): Length | null {
  const at = UNTIL.test(said) ? clockOf(said.replace(UNTIL, '')) : null;
  if (at !== null) return { until: at % 1440 };
  const bare = said.replace(FOR, '');
  if (SHIFT_END.test(bare)) return 'shift';
  const minutes = readDuration(bare);
  return minutes === null ? null : { minutes };
}

/** A length of time at the end of a text; null without one. */
function cutLength(text: string): { readonly before: string; readonly length: Length } | null {
  const words = text.split(' ');
  for (let from = 0; from < words.length; from++) {
    const tail = words.slice(from).join(' ');
    const length = lengthOf(tail);
    if (length !== null) return { before: words.slice(0, from).join(' '), length };
  }
  return null;
}
