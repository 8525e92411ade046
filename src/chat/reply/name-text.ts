import { maskCardNumbers } from '../../pan/card-number.ts';
import type { TextParams } from '@transaction-guardian/contracts/text/text.ts';

/** Longest name that is shown whole. */
const MAX_NAME = 60;
/** Letters of scripts that are written from right to left. */
const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
const RIGHT_TO_LEFT_RUN = new RegExp(`${RIGHT_TO_LEFT.source}(?:.*${RIGHT_TO_LEFT.source})?`, 'gu');
const [FIRST_STRONG_ISOLATE, POP_ISOLATE] = ['\u2068', '\u2069'];

/** A name that others chose (a merchant, an acquirer), fit for a line of text: one line, no invisible or control character, no
 *  change of direction that reaches past it, no card number, at most 60 characters. Pure. */
export function nameText(name: string): string {
  const clean = maskCardNumbers(name.slice(0, 256))
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}]+/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const letters = Array.from(clean);
  // Marks that stand on one letter without end would cover the lines above and below.
  const shown = (letters.length > MAX_NAME ? `${letters.slice(0, MAX_NAME - 1).join('')}…` : clean).replaceAll(/(\p{M}{3})\p{M}+/gu, '$1');
  const visible = shown === '' ? '?' : shown;
  return RIGHT_TO_LEFT.test(visible) ? `${FIRST_STRONG_ISOLATE}${visible}${POP_ISOLATE}` : visible;
}

/** Parameters of a text with every name in them fit to be shown. */
export function safeParams(params: TextParams): TextParams {
  return Object.fromEntries(Object.entries(params).map(([key, value]) => [key, typeof value === 'string' ? nameText(value) : value]));
}

/** A text of several lines that somebody else wrote, fit to be shown: right-to-left letters turn nothing around outside of them. */
export const foreignText = (text: string): string =>
  cleanText(text).replaceAll(RIGHT_TO_LEFT_RUN, `${FIRST_STRONG_ISOLATE}$&${POP_ISOLATE}`);

/** The same to be kept: without control and invisible characters, and without card numbers. */
export const cleanText = (text: string): string =>
  maskCardNumbers(text)
    .split(/\r?\n/)
    .map((line) => line.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}]+/gu, ' '))
    .join('\n');
