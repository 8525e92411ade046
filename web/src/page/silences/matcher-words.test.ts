import { pageText } from '@transaction-guardian/contracts/text/page-text.ts';
import { text } from '@transaction-guardian/contracts/text/console-text.ts';
import { expect, test } from 'vitest';
import { matcherWords } from './matcher-words.ts';

const words = (matcher: string, locale: 'pt-BR' | 'en' = 'pt-BR'): string =>
  matcherWords({ t: (key, params) => text(locale, key, params), p: (key, params) => pageText(locale, key, params) }, matcher);

test('a condition is words, and one with nothing says what is absent', () => {
  expect(words('merchant_id=""')).toBe('sem lojista');
  expect(words('merchant_id=""', 'en')).toBe('no merchant');
  expect(words('acquirer!=""')).toBe('qualquer adquirente');
  expect(words('merchant="m-1"')).toBe('lojista: m-1');
  expect(words('auth_code!="51"')).toBe('código diferente de 51');
  expect(words('merchant_id=~"m-.*"')).toBe('lojista no padrão m-.*');
});

test('values have the names that lists have; what is no condition stays', () => {
  expect(words('type="denials_above_normal"')).toBe('tipo: Negadas acima do normal');
  expect(words('severity="critical"', 'en')).toBe('severity: Critical');
  expect(words('merchant_id="a \\"b\\""')).toBe('lojista: a "b"');
  expect(words('team="x"')).toBe('team: x');
  expect(words('nonsense')).toBe('nonsense');
});
