import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { textCheck } from './field-check.ts';
import type { BrokenRule } from './finding.ts';

const rulesOf = (value: string): readonly string[] => {
  const findings: BrokenRule[] = [];
  textCheck(128)(value, 'merchant_id', findings);
  return findings.map(({ rule }) => rule);
};

suite('texts with characters that nobody sees', () => {
  const right = {
    accents: 'padaria são joão',
    'a family of emoji': 'loja 👩\u200d👩\u200d👧',
    'an emoji in colour': 'casa ❤\ufe0f',
    'a keycap': 'loja 1\ufe0f\u20e3',
    Farsi: 'می\u200cخواهم',
    Devanagari: 'क्\u200dष',
    'a variant of an ideograph': '葛\u{e0100}飾',
  };
  for (const [name, text] of Object.entries(right)) test(`${name}: read well, so taken`, () => assert.deepEqual(rulesOf(text), []));

  const wrong = {
    'a soft hyphen': 'lo\u00adja',
    'tags after an emoji': '🏴\u{e0067}\u{e007f}',
    'a joiner at the start': '\u200dloja',
    'a joiner after an accent': 'café\u200c',
    'a selector after a digit': 'loja 1\ufe0f',
    'a Mongolian separator': 'a\u180eb',
    'the grapheme joiner': 'a\u034fb',
  };
  for (const [name, text] of Object.entries(wrong))
    test(`${name}: looks like another text, so refused`, () => assert.deepEqual(rulesOf(text), ['control_character']));
});
