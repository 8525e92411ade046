import { hasCardNumber, isCardNumber } from './card-number.ts';
import { jsonType, type Finding } from './finding.ts';

/** Checks one value. Returns it when it is right; otherwise adds to `findings` and returns undefined. */
export type FieldCheck<T> = (value: unknown, field: string, findings: Finding[]) => T | undefined;

/** Text of 1 to `maximum` characters without control characters, broken Unicode and card numbers. `cardWording` explains
 *  a refused card number. */
export function textCheck(maximum: number, cardWording = 'card_number'): FieldCheck<string> {
  return (value, field, findings) => {
    if (typeof value !== 'string') return wrongType(value, 'string', field, findings);
    const fault = textFault(value, maximum);
    if (fault === null) return value;
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

function textFault(value: string, maximum: number): 'empty' | 'card_number' | 'too_long' | 'control_character' | 'encoding' | null {
  const length = value.length;
  if (length === 0) return 'empty';
  let digits = 0;
  let control = false;
  let surrogate = false;
  for (let at = 0; at < length; at++) {
    const code = value.charCodeAt(at);
    if (code >= 48 && code <= 57) digits++;
    else if (code < 32 || (code >= 127 && code < 160)) control = true;
    else if (code >= 0xd800 && code < 0xe000) surrogate = true;
  }
  if (digits >= 13 && hasCardNumber(value)) return 'card_number';
  if (length > maximum) return 'too_long';
  if (control) return 'control_character';
  return surrogate && !value.isWellFormed() ? 'encoding' : null;
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

/** Adds the finding for a value of another type: `card_number` when it holds one, else `type`. */
export function wrongType(value: unknown, expected: 'string' | 'number', field: string, findings: Finding[]): undefined {
  if (holdsCardNumber(value)) findings.push({ field, rule: 'card_number' });
  else findings.push({ field, rule: 'type', wording: `type_${expected}`, params: { got: jsonType(value) } });
}

/** True when a value of any type holds a card number, at any depth, in names too. */
export function holdsCardNumber(value: unknown): boolean {
  if (typeof value === 'string') return hasCardNumber(value);
  if (typeof value === 'number') return isCardNumber(value);
  return typeof value === 'object' && value !== null && hasCardNumber(JSON.stringify(value));
}
