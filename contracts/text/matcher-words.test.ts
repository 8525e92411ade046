import assert from 'node:assert/strict';
import { test } from 'node:test';
import { text } from './console-text.ts';
import { matcherWords } from './matcher-words.ts';
import { pageText } from './page-text.ts';

const words = (matcher: string, locale: 'pt-BR' | 'en' = 'pt-BR'): string =>
  matcherWords({ t: (key, params) => text(locale, key, params), p: (key, params) => pageText(locale, key, params) }, matcher);

test('a condition is words, and one with nothing says what is absent', () => {
  assert.equal(words('merchant_id=""'), 'sem lojista');
  assert.equal(words('merchant_id=""', 'en'), 'no merchant');
  assert.equal(words('acquirer!=""'), 'qualquer adquirente');
  assert.equal(words('merchant="m-1"'), 'lojista: m-1');
  assert.equal(words('auth_code!="51"'), 'código diferente de 51');
  assert.equal(words('merchant_id=~"m-.*"'), 'lojista no padrão m-.*');
});

test('values have the names that lists have; what is no condition stays', () => {
  assert.equal(words('type="denials_above_normal"'), 'tipo: Negadas acima do normal');
  assert.equal(words('severity="critical"', 'en'), 'severity: Critical');
  assert.equal(words('merchant_id="a \\"b\\""'), 'lojista: a "b"');
  assert.equal(words('alertname="GuardianNoData"'), 'alerta: Sem dados');
  assert.equal(words('alertname="Other"'), 'alerta: Other');
  assert.equal(words('team="x"'), 'team: x');
  assert.equal(words('nonsense'), 'nonsense');
});
