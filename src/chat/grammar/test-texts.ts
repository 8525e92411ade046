import type { Random } from '../../simulate/random.ts';
import { METRIC_NAMES } from './metric-names.ts';
import { PHRASES } from './phrases.ts';

const WORDS = [
  ...Object.values(PHRASES).flat(),
  ...Object.values(METRIC_NAMES).flat(),
  ...['ack', 'reconhecer', 'soneca', 'snooze', 'silenciar', 'silence', 'escalar', 'estou acordado', 'útil', 'ruído', 'aceitar nível'],
  ...['runbook', 'executar', 'restart-api', 'clear-cache', 'confirmar', 'incidente', 'incident', 'API lenta', 'resolvido', 'nota', 'P1'],
  ...['aceito', 'accept', 'rebaixar', '3f9a21c7', 'link', 'desfazer', 'cancelar', 'encerrar silêncio', 'lojista', 'merchant', 'código'],
  ...['última hora', 'ontem', 'últimas 2 horas', 'entre 14h e 16h', 'desde 22h', 'last night', '27/11', 'por', 'for', 'até', 'do', 'e'],
  ...['1', '2', '1a', '1s', '1r', '99', '15m', '1h', 'tudo', 'dele', '#1', 'an_00000a', 'loja-9', 'acq-1', '51', '7K3M9QXA'],
] as const;
const NOISE = [
  ...['\u202e', '\u200b', '\u0000', '\u0007', '\ud83d', '🚨', 'שלום', '𝔞𝔠𝔨', 'ﬁ', 'İ', 'ß', '"', '“', '`', '@bot', '/', '<@U1>', '?', '…'],
  ...["'; drop table alert;--", '{{x}}', '${1}', '\\', '%00', '4111 1111 1111 1111', '=~(a+)+$', 'merchant_id="', '\t', '\n', '\r\n'],
] as const;

/** A text that somebody may send: words of the grammar in any order, letters that are wrong, signs of every kind. */
export function anyText(random: Random): string {
  const parts = Array.from({ length: 1 + random.below(7) }, () => {
    const draw = random.next();
    if (draw < 0.7) return WORDS[random.below(WORDS.length)] ?? '';
    if (draw < 0.85) return mutated(random, WORDS[random.below(WORDS.length)] ?? '');
    if (draw < 0.99) return NOISE[random.below(NOISE.length)] ?? '';
    return 'a'.repeat(random.below(6000));
  });
  return parts.join(random.next() < 0.9 ? ' ' : '');
}

/** A text with one letter too many, too few, wrong or swapped with its neighbour. Figures and what only separates stay. */
export function mutated(random: Random, text: string): string {
  const places = Array.from(text).flatMap((letter, at) => (/\p{L}/u.test(letter) ? [at] : []));
  const at = places[random.below(places.length)];
  if (at === undefined) return text;
  const letters = Array.from(text);
  const other = String.fromCodePoint(97 + random.below(26));
  const kind = random.below(4);
  if (kind === 0) letters.splice(at, 1);
  else if (kind === 1) letters.splice(at, 0, other);
  else if (kind === 2) letters[at] = other;
  else if (/\p{L}/u.test(letters[at + 1] ?? '')) [letters[at], letters[at + 1]] = [letters[at + 1] ?? '', letters[at] ?? ''];
  return letters.join('');
}
