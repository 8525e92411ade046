/* A payment card number is 13 to 19 digits that pass the Luhn check (ISO/IEC 7812), possibly grouped by spaces, dashes or
 * dots. One number in ten passes by chance, so shapes that are certainly something else are left alone: UUIDs, hex digests,
 * Unix times in ms, us or ns (2015 to 2039) and texts that start with a date of this century. */

const MIN_DIGITS = 13;
const MAX_DIGITS = 19;
const MAX_SEPARATORS = 3;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const HEX_LENGTHS = new Set([32, 40, 64]);
const HEX_WITH_LETTER = /^(?=.*[a-f])[0-9a-f]+$/i;

/** Where a card number begins and ends (exclusive) in a text. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** True when `text` holds something that looks like a full card number. Pure; linear in the length of the text. */
export function hasCardNumber(text: string): boolean {
  if (text.length < MIN_DIGITS || !hasEnoughDigits(text) || isOpaqueId(text)) return false;
  return cardNumberSpans(text, true).length > 0;
}

/** True when the number, written out, is a card number. */
export function isCardNumber(value: number): boolean {
  return value >= 1e12 && value < 1e19 && Number.isInteger(value) && hasCardNumber(value.toFixed(0));
}

/** `text` with every card number hidden but for its last four digits. `hidden` replaces a digit (default `*`). Pure. */
export function maskCardNumbers(text: string, hidden: (text: string, span: Span) => string = () => '*'): string {
  if (text.length < MIN_DIGITS || !hasEnoughDigits(text)) return text;
  const spans = cardNumberSpans(text, false);
  if (spans.length === 0) return text;
  let result = '';
  let from = 0;
  for (const span of spans) {
    result += text.slice(from, span.start) + maskSpan(text.slice(span.start, span.end), hidden(text, span));
    from = span.end;
  }
  return result + text.slice(from);
}

function maskSpan(number: string, hidden: string): string {
  let shown = number.length;
  for (let digits = 0; digits < 4;) if (isDigit(number.charCodeAt(--shown))) digits++;
  return number.slice(0, shown).replace(/[0-9]/g, hidden) + number.slice(shown);
}

function isOpaqueId(text: string): boolean {
  return (text.length === 36 && UUID.test(text)) || (HEX_LENGTHS.has(text.length) && HEX_WITH_LETTER.test(text));
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isSeparator(code: number): boolean {
  return code === 32 || code === 45 || code === 46 || code === 160;
}

function hasEnoughDigits(text: string): boolean {
  let run = 0;
  let gap = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isDigit(code)) {
      if (++run >= MIN_DIGITS) return true;
      gap = 0;
    } else if (run > 0 && (!isSeparator(code) || ++gap > MAX_SEPARATORS)) {
      run = 0;
      gap = 0;
    }
  }
  return false;
}

/** Groups of digits that separators join, run by run, each run checked for numbers that start and end with a group. */
function cardNumberSpans(text: string, firstOnly: boolean): Span[] {
  const spans: Span[] = [];
  let groups: Span[] = [];
  let at = 0;
  while (at < text.length) {
    if (!isDigit(text.charCodeAt(at))) {
      at++;
      continue;
    }
    const start = at;
    while (at < text.length && isDigit(text.charCodeAt(at))) at++;
    const previous = groups.at(-1);
    if (previous !== undefined && !isJoined(text, previous.end, start)) {
      collectSpans(text, groups, spans);
      if (firstOnly && spans.length > 0) return spans;
      groups = [];
    }
    groups.push({ start, end: at });
  }
  collectSpans(text, groups, spans);
  return spans;
}

function isJoined(text: string, from: number, to: number): boolean {
  if (to - from > MAX_SEPARATORS) return false;
  for (let at = from; at < to; at++) if (!isSeparator(text.charCodeAt(at))) return false;
  return true;
}

function collectSpans(text: string, groups: readonly Span[], spans: Span[]): void {
  if (groups.length > 2 && isUuidRun(text, groups)) return;
  for (let first = 0; first < groups.length; first++) {
    let digits = '';
    for (let last = first; last < groups.length; last++) {
      const group = groups[last];
      const start = groups[first]?.start;
      if (group === undefined || start === undefined) break;
      digits += text.slice(group.start, Math.min(group.end, group.start + MAX_DIGITS + 1));
      if (digits.length > MAX_DIGITS) break;
      if (digits.length < MIN_DIGITS || !isCardDigits(digits)) continue;
      spans.push({ start, end: group.end });
      first = last;
      break;
    }
  }
}

/** Digits that belong to a UUID inside a longer text (a log line, a URL). */
function isUuidRun(text: string, groups: readonly Span[]): boolean {
  const first = groups[0];
  if (first === undefined) return false;
  for (let offset = 0; offset < 36; offset++) {
    const start = first.start - offset;
    if (start < 0) return false;
    if (UUID.test(text.slice(start, start + 36))) return true;
  }
  return false;
}

function isCardDigits(digits: string): boolean {
  if (digits.charCodeAt(0) === 48 || isUnixTime(digits) || startsWithDate(digits)) return false;
  let sum = 0;
  for (let at = digits.length - 1, double = false; at >= 0; at--, double = !double) {
    let digit = digits.charCodeAt(at) - 48;
    if (double && (digit *= 2) > 9) digit -= 9;
    sum += digit;
  }
  return sum % 10 === 0;
}

function isUnixTime(digits: string): boolean {
  if (digits.length !== 13 && digits.length !== 16 && digits.length !== 19) return false;
  const head = Number(digits.slice(0, 4));
  return head >= 1420 && head <= 2199;
}

function startsWithDate(digits: string): boolean {
  if (!digits.startsWith('20')) return false;
  const month = Number(digits.slice(4, 6));
  const day = Number(digits.slice(6, 8));
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}
