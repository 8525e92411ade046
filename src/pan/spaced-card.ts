import { COMMON_LENGTHS, isIssuedCard, MAX_DIGITS, MIN_DIGITS } from './card-digits.ts';
import { kindAt } from './digit-runs.ts';

/** A card number in a text whose digits stand apart: offset of each digit. */
export type SpacedCard = readonly number[];

interface Group {
  readonly digits: string;
  readonly at: readonly number[];
  /** What stands before it, visible characters only, and whether letters are among them. */
  readonly before: string;
  readonly letters: boolean;
}

/** Longest text between two groups. */
const MAX_BETWEEN = 8;
/** How cards are printed (16, 15, 14 and 19 digits), and what else is looked at where no letters stand between. */
const PRINTED = new Set(['4,4,4,4', '4,6,5', '4,6,4', '4,4,4,4,3']);
const OTHER = new Set(['8,8', '6,10', '12,4']);
const ISSUED_START = /^[2-6]/;
const UUID_LENGTH = 36;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{12}$/i;
const UUIDS = /(?<![0-9a-z])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-z])/gi;
/** Where the groups of a UUID begin, and its end, without dashes. */
const UUID_EDGES = [0, 8, 12, 16, 20, 32] as const;

/** Card numbers of known issuers whose digits are grouped as on a card, or stand alone or in pairs, with up to eight
 *  characters of any kind between the groups, letters only when the same ones stand between all of them: `T1234L5678P9012N3456` is an
 *  id. Linear in the length of the text. */
export function spacedCards(text: string): SpacedCard[] {
  // The digits of a UUID are its own.
  const groups = groupsOf(text.length < UUID_LENGTH ? text : text.replace(UUIDS, (uuid) => 'g'.repeat(uuid.length)));
  const found: SpacedCard[] = [];
  for (let first = 0; first < groups.length; first++) {
    const last = lastOfCard(groups, first);
    if (last === undefined) continue;
    found.push(groups.slice(first, last + 1).flatMap(({ at }) => at));
    first = last;
  }
  return found;
}

/** Index of the group with which a card ends that begins at `first`. */
function lastOfCard(groups: readonly Group[], first: number): number | undefined {
  const start = groups[first];
  if (start === undefined || !ISSUED_START.test(start.digits)) return undefined;
  let { digits } = start;
  // Digits alone or in pairs, of which the last may be single.
  let small = digits.length <= 2;
  let letters = false;
  let alike = true;
  const between = groups[first + 1]?.before;
  for (let last = first + 1; last < groups.length; last++) {
    const group = groups[last];
    if (group === undefined || group.before.length > MAX_BETWEEN) return undefined;
    if (small && digits.length !== (last - first) * start.digits.length) small = false;
    digits += group.digits;
    if (digits.length > MAX_DIGITS) return undefined;
    if (group.digits.length > start.digits.length) small = false;
    letters ||= group.letters;
    alike &&= group.before === between;
    // Words between numbers are prose, or the parts of an id.
    if (letters && !alike) return undefined;
    if (digits.length >= MIN_DIGITS && (small || isPrinted(groups, first, last, letters)) && isIssuedCard(digits)) return last;
  }
  return undefined;
}

function isPrinted(groups: readonly Group[], first: number, last: number, letters: boolean): boolean {
  if (last - first > 4) return false;
  const sizes = groups
    .slice(first, last + 1)
    .map(({ digits }) => digits.length)
    .join();
  return PRINTED.has(sizes) || (!letters && OTHER.has(sizes));
}

function groupsOf(text: string): Group[] {
  const groups: Group[] = [];
  let digits = '';
  let at: number[] = [];
  let before = '';
  let letters = false;
  const end = (): void => {
    if (digits !== '') {
      groups.push({ digits, at, before, letters });
      [digits, at, before, letters] = ['', [], '', false];
    }
  };
  for (let index = 0; index < text.length; index++) {
    const kind = kindAt(text, index);
    if (typeof kind === 'number') {
      digits += kind;
      at.push(index);
    } else if (kind !== 'invisible') {
      end();
      letters ||= kind === 'letter';
      if (before.length <= MAX_BETWEEN) before += text.charAt(index);
    }
    if ((text.codePointAt(index) ?? 0) > 0xffff) index++;
  }
  end();
  return groups;
}

/** The card numbers of a text that stand in the shape of a UUID, also where a prefix or words stand around it. */
export function uuidCards(text: string): SpacedCard[] {
  if (text.length < UUID_LENGTH) return [];
  return Array.from(text.matchAll(UUIDS), ({ 0: uuid, index }) => uuidCard(uuid)?.map((at) => at + index)).filter(
    (card) => card !== undefined,
  );
}

/** Card number of a known issuer in the shape of a UUID: 15 or 16 decimal digits that begin or end where a group does. One real
 *  UUID in 6,000 would have that by chance, and its transaction would be lost: those with a version and variant of RFC 9562 are
 *  taken for cards only when they are decimal throughout, which is one in ten million. */
function uuidCard(text: string): SpacedCard | undefined {
  const match = UUID.exec(text);
  if (match === null) return undefined;
  const hex = text.replaceAll('-', '');
  const isReal = /[1-8]/.test(match[1] ?? '') && /[89ab]/i.test(match[2] ?? '');
  if (isReal && !/^\d+$/.test(hex)) return undefined;
  const at = Array.from(text.matchAll(/[^-]/g), ({ index }) => index);
  for (const edge of UUID_EDGES) {
    for (const length of COMMON_LENGTHS) {
      for (const from of [edge, edge - length]) {
        const digits = from < 0 ? '' : hex.slice(from, from + length);
        if (/^\d+$/.test(digits) && isIssuedCard(digits)) return at.slice(from, from + length);
      }
    }
  }
  return undefined;
}
