import { hasCardNumber, isCardNumber } from '../pan/card-number.ts';
import { jsonType, type BrokenRule } from './finding.ts';

/** Checks one value. Returns it when it is right; otherwise adds to `findings` and returns undefined. */
export type FieldCheck<T> = (value: unknown, field: string, findings: BrokenRule[]) => T | undefined;

const MAX_DEPTH = 32;
const MAX_VALUES = 10_000;
const CONTROLS = /\p{Cc}/u;

/** Joiners and variation selectors: scripts and emoji need them, Latin letters do not. */
const JOINERS = '\\u200c\\u200d\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}';
/** What nobody sees and what turns the text around it: controls, line and paragraph separators, marks of direction, whatever has no
 *  width (Unicode's Default_Ignorable_Code_Point), and joiners where there is nothing to join; a keycap such as 1\ufe0f\u20e3 has. */
const UNSEEN = new RegExp(
  `(?![${JOINERS}])[\\p{Cc}\\p{Default_Ignorable_Code_Point}\\p{Bidi_Control}\\u2028\\u2029\\ufff9-\\ufffb]` +
    `|(?:^|[\\p{ASCII}\\p{Script=Latin}])(?!\\ufe0f\\u20e3)[${JOINERS}]`,
  'u',
);
/** True for text with something that nobody sees, or that turns the text around it. Pure. */
export const hasUnseen = (value: string): boolean => UNSEEN.test(value);

/** Hangul fillers and the empty Braille pattern look like spaces. */
const BLANK = /^[\p{Z}\p{C}\p{M}\u115f\u1160\u2800\u3164\uffa0\s]*$/u;

/** Text of 1 to `maximum` characters without control characters, broken Unicode and card numbers, of which something is seen; in
 *  Unicode's form NFC, so that one name in two encodings is one name. `cardWording` explains a refused card number. */
export function textCheck(maximum: number, cardWording = 'card_number'): FieldCheck<string> {
  return (value, field, findings) => {
    if (typeof value !== 'string') return wrongType(value, 'string', field, findings);
    const fault = textFault(value, maximum);
    if (fault === null) return isAscii(value) ? value : value.normalize('NFC');
    findings.push(
      fault === 'card_number'
        ? { field, rule: fault, wording: cardWording }
        : fault === 'too_long'
          ? { field, rule: fault, params: { maximum } }
          : { field, rule: fault },
    );
    return undefined;
  };
}

type TextFault = 'empty' | 'blank' | 'card_number' | 'too_long' | 'control_character' | 'encoding';

function textFault(value: string, maximum: number): TextFault | null {
  const length = value.length;
  if (length === 0) return 'empty';
  let digits = 0;
  let control = false;
  let surrogate = false;
  let wide = false;
  let seen = false;
  for (let at = 0; at < length; at++) {
    const code = value.charCodeAt(at);
    if (code > 32 && code < 127) seen = true;
    if (code >= 48 && code <= 57) digits++;
    else if (code < 32 || (code >= 127 && code < 160)) control = true;
    else if (code >= 160) {
      wide = true;
      if (code >= 0xd800 && code < 0xe000) surrogate = true;
    }
  }
  if ((digits >= 13 || wide) && hasCardNumber(value)) return 'card_number';
  if (length > maximum) return 'too_long';
  if (control) return 'control_character';
  if (surrogate && !value.isWellFormed()) return 'encoding';
  if (wide && UNSEEN.test(value)) return BLANK.test(value) ? 'blank' : 'control_character';
  return (wide || !seen) && BLANK.test(value) ? 'blank' : null;
}

/** True for text that every encoding of Unicode writes alike. */
function isAscii(value: string): boolean {
  for (let at = 0; at < value.length; at++) if (value.charCodeAt(at) > 127) return false;
  return true;
}

/** Id of 1 to `maximum` characters that a program gave, such as a phone number or the fingerprint of an alert: long digits in it
 *  are no card number. */
export function foreignIdCheck(maximum: number): FieldCheck<string> {
  return (value, field, findings) => {
    if (typeof value !== 'string') return wrongType(value, 'string', field, findings);
    if (value === '') findings.push({ field, rule: 'empty' });
    else if (value.length > maximum) findings.push({ field, rule: 'too_long', params: { maximum } });
    else if (CONTROLS.test(value)) findings.push({ field, rule: 'control_character' });
    else if (!value.isWellFormed()) findings.push({ field, rule: 'encoding' });
    else return value;
    return undefined;
  };
}

/** Text that one pattern describes; `wording` names it. */
export function patternCheck(pattern: RegExp, wording: string): FieldCheck<string> {
  return (value, field, findings) => {
    if (typeof value !== 'string') return wrongType(value, 'string', field, findings);
    if (pattern.test(value)) return value;
    findings.push(hasCardNumber(value) ? { field, rule: 'card_number' } : { field, rule: 'pattern', wording });
    return undefined;
  };
}

/** One of a closed list of texts. */
export function enumCheck<T extends string>(values: readonly T[]): FieldCheck<T> {
  const byText = new Map<string, T>(values.map((value) => [value, value]));
  const allowed = values.join(', ');
  return (value, field, findings) => {
    if (typeof value !== 'string') return wrongType(value, 'string', field, findings);
    const found = byText.get(value);
    if (found === undefined)
      findings.push(hasCardNumber(value) ? { field, rule: 'card_number' } : { field, rule: 'enum', params: { allowed } });
    return found;
  };
}

/** Finite number in `minimum`..`maximum`, whole when `integer`. Texts are not converted. */
export function numberCheck(minimum: number, maximum: number, options: { readonly integer: boolean }): FieldCheck<number> {
  return (value, field, findings) => {
    if (typeof value !== 'number') return wrongType(value, 'number', field, findings);
    if (isCardNumber(value)) findings.push({ field, rule: 'card_number' });
    else if (value < minimum) findings.push({ field, rule: 'minimum', params: { minimum } });
    else if (!(value <= maximum)) findings.push({ field, rule: 'maximum', params: { maximum } });
    else if (options.integer && !Number.isInteger(value)) findings.push({ field, rule: 'integer' });
    else return value;
    return undefined;
  };
}

/** Adds the finding for a value of another type: `card_number` when it holds one, `depth` when it is nested too deeply to
 *  tell, else `type`. */
export function wrongType(value: unknown, expected: 'string' | 'number', field: string, findings: BrokenRule[]): undefined {
  findings.push(
    hiddenFault(value, field) ?? { field, rule: 'type', wording: typeWording(value, expected), params: { got: jsonType(value) } },
  );
  return undefined;
}

function typeWording(value: unknown, expected: 'string' | 'number'): string {
  return expected === 'string' && typeof value === 'number' ? 'type_string_number' : `type_${expected}`;
}

/** What is wrong inside of a value of any type, at any depth, in names too; null when nothing is. */
export function hiddenFault(value: unknown, field: string): BrokenRule | null {
  const fault = inspect(value);
  if (fault === 'depth') return { field, rule: 'depth', params: { maximum: MAX_DEPTH } };
  if (fault === 'size') return { field, rule: 'size', params: { maximum: MAX_VALUES } };
  return fault === null ? null : { field, rule: 'card_number' };
}

/** Looks at a value level by level, without recursion: a client chooses how deep it is. */
function inspect(value: unknown): 'card_number' | 'depth' | 'size' | null {
  let level: unknown[] = [value];
  let seen = 0;
  for (let depth = 0; level.length > 0; depth++) {
    const next: unknown[] = [];
    for (const entry of level) {
      if (++seen > MAX_VALUES) return 'size';
      if (typeof entry === 'string' ? hasCardNumber(entry) : typeof entry === 'number' && isCardNumber(entry)) return 'card_number';
      if (typeof entry !== 'object' || entry === null) continue;
      if (depth >= MAX_DEPTH) return 'depth';
      for (const [name, inner] of Object.entries(entry)) {
        if (!Array.isArray(entry) && hasCardNumber(name)) return 'card_number';
        next.push(inner);
      }
    }
    level = next;
  }
  return null;
}
