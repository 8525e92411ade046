/** Controls that reorder the text around them (Unicode Bidirectional Algorithm, UAX #9), and zero-width characters that hide. */
const INVISIBLE = /[\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/gu;
const CONTROLS = /[\p{Cc}\u2028\u2029]/gu;
const RIGHT_TO_LEFT = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC]/u;
const LEFT_TO_RIGHT_MARK = '\u200E';

/** A line that shows its words in the order in which it was written: without controls, and with its direction fixed where it holds
 *  letters that run from right to left. A merchant's name must not turn a sentence around. Pure. */
export function plainLine(line: string): string {
  const clean = line.replace(CONTROLS, ' ').replace(INVISIBLE, '').trimEnd();
  return RIGHT_TO_LEFT.test(clean) ? LEFT_TO_RIGHT_MARK + clean : clean;
}

/** A text cut to at most `length` UTF-16 units, never inside of a character. Pure. */
export function cutText(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = Math.max(0, length - 1);
  const last = text.charCodeAt(end - 1);
  return `${text.slice(0, last >= 0xd800 && last <= 0xdbff ? end - 1 : end)}…`;
}
