import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scopeWords } from './scope-words.ts';

test('a name with line breaks stays in the line of its condition', () => {
  const matchers = ['alertname="low_volume"', `merchant_id=${JSON.stringify('loja\n└── fake\u2028 1')}`, 'acquirer=""'];
  for (const words of scopeWords('pt-BR', matchers)) assert.doesNotMatch(words, /[\n\u2028]/u);
  assert.equal(scopeWords('pt-BR', matchers)[1], 'lojista: loja └── fake 1');
});

test('what must be absent is named where nothing else is', () => {
  assert.equal(scopeWords('en', ['merchant_id=""']).length, 1);
});
