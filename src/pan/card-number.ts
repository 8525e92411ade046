import { COMMON_LENGTHS, DATE_DIGITS, dateLength, isCardDigits, isIssuedCard, isUnixGroup, MAX_DIGITS, MIN_DIGITS } from './card-digits.ts';
import { visitDigitRuns, type DigitRun } from './digit-runs.ts';
import { spacedCards, uuidCards, type SpacedCard } from './spaced-card.ts';

const HEX_LENGTHS = new Set([32, 40, 64]);
const HEX_WITH_LETTER = /^(?=.*[a-f])[0-9a-f]+$/i;
/** A row of this many digits is longer than most cards: one may stand at its beginning or end. */
const LONG_ROW = 17;

/** Where a card number begins and ends (exclusive) in a text. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** A span with the offsets of its digits. */
interface Found extends Span {
  readonly digitsAt: readonly number[];
}

/** True when a text holds something that looks like a full card number, in digits of any script and whatever stands between
 *  them, also as a URL escapes it. Hex digests never do, UUIDs only as `uuidCards` says. Pure; linear in the length of the text. */
export function hasCardNumber(given: string): boolean {
  if (!mayHoldCard(given)) return false;
  const text = withoutEscapes(given);
  if (isDigest(text)) return false;
  if (uuidCards(text).length > 0) return true;
  let found = false;
  visitDigitRuns(text, MIN_DIGITS, (run) => (found = cardsOf(run).length > 0));
  return found || spacedCards(text).length > 0;
}

function isDigest(text: string): boolean {
  return HEX_LENGTHS.has(text.length) && HEX_WITH_LETTER.test(text);
}

/** True when the number, written out, is a card number. */
export function isCardNumber(value: number): boolean {
  return value >= 1e12 && value < 1e19 && Number.isInteger(value) && hasCardNumber(value.toFixed(0));
}

/** `text` with every card number hidden but for its last four digits. `hidden` replaces a digit (default `*`). Pure; linear
 *  in the length of the text. */
export function maskCardNumbers(text: string, hidden: (text: string, span: Span) => string = () => '*'): string {
  if (!mayHoldCard(text)) return text;
  const parts: string[] = [];
  let from = 0;
  for (const span of allCards(withoutEscapes(text))) {
    const replacement = hidden(text, span);
    for (const at of span.digitsAt.slice(0, -4)) {
      parts.push(text.slice(from, at), replacement);
      from = at + widthAt(text, at);
    }
  }
  return from === 0 ? text : parts.join('') + text.slice(from);
}

/** Every card number of a text, in order; of two that share digits the first. */
function allCards(text: string): Found[] {
  const found: Found[] = [];
  visitDigitRuns(text, MIN_DIGITS, (run) => {
    found.push(...cardsOf(run));
    return false;
  });
  const spaced = [...spacedCards(text), ...uuidCards(text)].map(foundAt);
  if (spaced.length === 0) return found;
  let end = 0;
  return [...found, ...spaced]
    .toSorted((a, b) => a.start - b.start)
    .filter((span) => {
      const isFree = span.start >= end;
      if (isFree) end = span.end;
      return isFree;
    });
}

function foundAt(digitsAt: SpacedCard): Found {
  return { start: digitsAt[0] ?? 0, end: (digitsAt.at(-1) ?? 0) + 1, digitsAt };
}

/** Escapes of a URL (`4111%201111`, `%34111`) with the character that they stand for, at the offsets of the text. */
function withoutEscapes(text: string): string {
  if (!text.includes('%')) return text;
  return text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => `  ${hex < '80' ? String.fromCharCode(Number.parseInt(hex, 16)) : ' '}`);
}

/** A quick look: enough digits, or characters that may be digits of another script. */
function mayHoldCard(text: string): boolean {
  if (text.length < MIN_DIGITS) return false;
  let digits = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 128 || (code >= 48 && code <= 57 && ++digits >= MIN_DIGITS)) return true;
  }
  return false;
}

function widthAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

/** Card numbers of one run, in order: those that begin and end with a group; without any, those at the ends of long rows. */
function cardsOf(run: DigitRun): Found[] {
  const found: Found[] = [];
  const { digits, groups, odd } = run;
  for (let first = 0; first < groups.length; first++) {
    const from = groups[first] ?? 0;
    // A time and a number behind it: no issuer's cards start like one.
    if (first + 1 < groups.length && isUnixGroup(digits.slice(from, groups[first + 1]))) continue;
    let isOdd = false;
    const sizes = new Set<number>();
    for (let last = first; last < groups.length; last++) {
      isOdd ||= last > first && odd[last] === true;
      const to = groups[last + 1] ?? digits.length;
      if (to - from > MAX_DIGITS) break;
      if (last > first) sizes.add((groups[last] ?? 0) - (groups[last - 1] ?? 0));
      // Groups of three sizes: a time and an address, not a card.
      if (isOdd && sizes.size > 2) break;
      const isCard = isOdd ? isIssuedCard : isCardDigits;
      if (to - from < MIN_DIGITS || !isCard(digits.slice(from, to))) continue;
      found.push(spanOf(run, from, to));
      first = last;
      break;
    }
  }
  return found.length > 0 ? found : cardsAtEnds(run);
}

/** A known issuer's number of a common length at either end of a long row, or behind zeros that pad its beginning. That refuses
 *  one honest id of 20 to 30 digits in twenty; looking at every place inside it would refuse one in eight to one in three. */
function cardsAtEnds(run: DigitRun): Found[] {
  const { digits, groups, odd } = run;
  const found: Found[] = [];
  const rows = odd.includes(true)
    ? groups.map((from, index): [number, number] => [from, groups[index + 1] ?? digits.length])
    : [[0, digits.length] as const];
  for (const [from, to] of rows) {
    if (to - from < LONG_ROW) continue;
    const start = from + paddingOf(digits.slice(from, to));
    const front = COMMON_LENGTHS.find((length) => isIssuedCard(digits.slice(start, Math.min(to, start + length))));
    const back = COMMON_LENGTHS.find((length) => isIssuedCard(digits.slice(to - length, to)) && !cutsDate(digits.slice(from, to), length));
    if (front !== undefined) found.push(spanOf(run, start, start + front));
    if (back !== undefined && (front === undefined || to - back >= start + front)) found.push(spanOf(run, to - back, to));
  }
  return found;
}

/** True when the last `length` digits of a row begin within the date, or the time of day behind it, that the row begins with:
 *  of `20261128010002` and a number of four digits the last sixteen begin like a Mastercard, and one in ten would pass the check. */
function cutsDate(row: string, length: number): boolean {
  const start = row.length - length;
  const date = dateLength(row);
  return start < date && start !== DATE_DIGITS;
}

/** Zeros in front of a number in a field of fixed width; a single one is more often part of an id. */
function paddingOf(row: string): number {
  const zeros = row.search(/[^0]/);
  return zeros >= 2 ? zeros : 0;
}

function spanOf({ at }: DigitRun, from: number, to: number): Found {
  return foundAt(at.slice(from, to));
}
