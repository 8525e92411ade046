/* What a row of digits is: 13 to 19 digits that pass the Luhn check (ISO/IEC 7812) may be a card number. One number in ten
 * passes by chance, so numbers that are certainly something else are left alone: Unix times in ms, us or ns (2015 to 2039),
 * what starts with a date of this century, and company numbers (CNPJ, by their own check digits). */

export const MIN_DIGITS = 13;
export const MAX_DIGITS = 19;
/** Digits of a date, e.g. 20261128. */
export const DATE_DIGITS = 8;
/** Lengths that issuers use for nearly all cards. */
export const COMMON_LENGTHS = [16, 15] as const;
/** First digits of Visa, Mastercard, Elo, Discover, UnionPay, JCB, Hipercard (16, some 13 or 19), Amex (15) and Diners (14). */
const ISSUED: Readonly<Record<number, RegExp>> = {
  13: /^4/,
  14: /^3(?:0[0-5]|[689])/,
  15: /^3[47]/,
  16: /^(?:4|5[0-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|35|6(?:011|06282|2|3[67]|4[4-9]|5))/,
  19: /^(?:4|62)/,
};
const DATE = /^20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])/;
const TIME_OF_DAY = /^(?:[01]\d|2[0-3])[0-5]\d[0-5]\d/;
const TIME_DIGITS = 6;
const LONG_CARD = /^[3-6]/;
const UNIX_SECONDS_DIGITS = 10;
const UNIX_LENGTHS = new Set([13, 16, 19]);
const CNPJ_WEIGHTS = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2] as const;

/** True when all `digits` (0-9 only, 13 to 19) look like one card number. Cards of more than 16 digits start with 3 to 6. */
export function isCardDigits(digits: string): boolean {
  const { length } = digits;
  if (length < MIN_DIGITS || length > MAX_DIGITS || digits.startsWith('0') || isUnixTime(digits) || startsWithDate(digits)) return false;
  if ((length > 16 && !LONG_CARD.test(digits)) || (length === 14 && isCnpj(digits))) return false;
  return passesLuhn(digits);
}

/** True when `digits` look like a card number and start like those of a known issuer of that length. */
export function isIssuedCard(digits: string): boolean {
  return ISSUED[digits.length]?.test(digits) === true && isCardDigits(digits);
}

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let at = digits.length - 1, double = false; at >= 0; at--, double = !double) {
    let digit = digits.charCodeAt(at) - 48;
    if (double && (digit *= 2) > 9) digit -= 9;
    sum += digit;
  }
  return sum % 10 === 0;
}

/** True when a group of digits is a Unix time in seconds or finer. */
export function isUnixGroup(digits: string): boolean {
  return isUnixTime(digits) || (digits.length === UNIX_SECONDS_DIGITS && isUnixTime(`${digits}000`));
}

function isUnixTime(digits: string): boolean {
  if (!UNIX_LENGTHS.has(digits.length)) return false;
  const head = Number(digits.slice(0, 4));
  return head >= 1420 && head <= 2199;
}

function startsWithDate(digits: string): boolean {
  return DATE.test(digits);
}

/** How many digits at the beginning of a row are a date of this century, or a date and its time of day: 0, 8 or 14. */
export function dateLength(digits: string): number {
  if (!startsWithDate(digits)) return 0;
  return TIME_OF_DAY.test(digits.slice(DATE_DIGITS)) ? DATE_DIGITS + TIME_DIGITS : DATE_DIGITS;
}

function isCnpj(digits: string): boolean {
  return cnpjCheck(digits, 12) === Number(digits[12]) && cnpjCheck(digits, 13) === Number(digits[13]);
}

function cnpjCheck(digits: string, length: number): number {
  let sum = 0;
  for (let at = 0; at < length; at++) sum += Number(digits[at]) * (CNPJ_WEIGHTS[at + CNPJ_WEIGHTS.length - length] ?? 0);
  return sum % 11 < 2 ? 0 : 11 - (sum % 11);
}
