import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileRegex } from './regex.ts';

const matches = (source: string, text: string): boolean | undefined => compileRegex(source)?.(text);

test('an expression is anchored at both ends', () => {
  assert.equal(matches('m-1', 'm-1'), true);
  assert.equal(matches('m-1', 'm-12'), false);
  assert.equal(matches('^m-1$', 'm-1'), true);
  assert.equal(matches('m-.*', 'm-12'), true);
  assert.equal(matches('', ''), true);
});

test('alternatives, classes and repeats mean what they mean in RE2', () => {
  for (const [source, yes, no] of [
    ['denials.*|failures.*', 'failures_above_normal', 'spike'],
    ['a(b|c)+d', 'abccbd', 'ad'],
    ['[a-c_.]{2,3}', 'a_.', 'a'],
    ['[^a-c]', 'd', 'b'],
    [String.raw`\d{3}\.x`, '123.x', '12a.x'],
    ['a{2}', 'aa', 'aaa'],
    ['(?:ab)?c', 'c', 'abab'],
    ['x|y|z', 'z', 'xy'],
    ['[]a]', ']', 'b'],
    ['lojista .+', 'lojista ção', 'lojista '],
  ] as const) {
    assert.equal(matches(source, yes), true, `${source} on ${yes}`);
    assert.equal(matches(source, no), false, `${source} on ${no}`);
  }
});

test('what the automaton does not know is refused, not guessed', () => {
  for (const source of ['(?i)a', 'a(?=b)', String.raw`(a)\1`, 'a**', '[a', '(a', 'a)', '*a', String.raw`a\b`, '(a{100}){100}', 'a{3,1}'])
    assert.equal(compileRegex(source), null, source);
});

test('an expression that would stop a backtracking engine takes no time', () => {
  const nested = compileRegex('(a+)+');
  const twice = compileRegex('(a|a)*b');
  // Time of the processor: what else the machine does is of no account.
  const began = process.cpuUsage().user;
  assert.equal(nested?.(`${'a'.repeat(128)}!`), false);
  assert.equal(twice?.('a'.repeat(128)), false);
  assert.ok(process.cpuUsage().user - began < 2_000_000);
});

test('agrees with the engine of the language on all it takes', () => {
  const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '(a|b)', '(ab|a)', '(a|)');
  const piece = fc.tuple(atom, fc.constantFrom('', '*', '+', '?', '{2}', '{1,2}', '{1,}')).map((parts) => parts.join(''));
  const source = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(''));
  const text = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 }).map((letters) => letters.join(''));
  fc.assert(
    fc.property(source, text, (one, two) => {
      assert.equal(matches(one, two), new RegExp(`^(?:${one})$`, 'u').test(two), `${one} on ${two}`);
    }),
    { numRuns: 2000 },
  );
});
