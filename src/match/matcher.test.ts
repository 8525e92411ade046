import assert from 'node:assert/strict';
import { test } from 'node:test';
import { knownMatchers, matchesAll, matcherText, namesNothing, parseMatcher } from './matcher.ts';

const LABELS = { alertname: 'GuardianLowVolume', severity: 'warning', type: 'low_volume', merchant_id: 'm-1' };
const meets = (...texts: string[]): boolean => matchesAll(knownMatchers(texts), LABELS);

test('the four operators are those of Alertmanager', () => {
  assert.equal(meets('merchant_id="m-1"'), true);
  assert.equal(meets('merchant_id!="m-1"'), false);
  assert.equal(meets('merchant_id=~"m-.*"', 'type!~"denials.*"'), true);
  assert.equal(meets('merchant_id=~"m"'), false, 'an expression is anchored');
});

test('a label that an alert does not have is empty', () => {
  assert.equal(meets('acquirer=""'), true);
  assert.equal(meets('acquirer!=""'), false);
  assert.equal(meets('acquirer=~".+"'), false);
});

test('a matcher has one text, and is read back from it', () => {
  for (const text of ['merchant_id = m-1', 'merchant_id="m-1"', 'merchant="m-1"']) {
    const parsed = parseMatcher(text);
    assert.ok('matcher' in parsed);
    assert.equal(matcherText(parsed.matcher), 'merchant_id="m-1"');
  }
  const odd = matcherText({ name: 'merchant_id', operator: '=', value: 'a "b" \\ c\nd' });
  const read = parseMatcher(odd);
  assert.equal('matcher' in read && read.matcher.value, 'a "b" \\ c\nd');
});

test('a text that is no matcher names the rule', () => {
  assert.deepEqual(parseMatcher('merchant_id'), { rule: 'matcher', params: { example: 'merchant_id="m-1"' } });
  const ruleOf = (text: string): string => {
    const parsed = parseMatcher(text);
    return 'rule' in parsed ? parsed.rule : '';
  };
  assert.equal(ruleOf('shop="m-1"'), 'matcher_label');
  assert.equal(ruleOf('type=~"(?=x)"'), 'matcher_regex');
  assert.equal(ruleOf(`type="${'x'.repeat(300)}"`), 'matcher');
});

test('matchers that an alert without labels meets name nothing', () => {
  assert.equal(namesNothing(knownMatchers(['merchant_id!="m-1"'])), true);
  assert.equal(namesNothing(knownMatchers(['type=~".*"'])), true);
  assert.equal(namesNothing(knownMatchers(['type=~".*"', 'merchant_id="m-1"'])), false);
});

test('a stored matcher that is none any more meets nothing', () => {
  assert.equal(matchesAll(knownMatchers(['gone="x"']), LABELS), false);
});
