import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStepOutput, maskOutput } from './step-output.ts';

const SECRET = 'hunter2-very-secret-value';

test('a small output is kept whole, without its secrets, card numbers and terminal codes', () => {
  const output = createStepOutput();
  output.print(`token ${SECRET} and ${encodeURIComponent(SECRET)} and ${Buffer.from(SECRET).toString('base64')}`);
  output.print('\u001b[31mcard 4111111111111111\u001b[0m\u0000');
  assert.equal(output.text([SECRET]), 'token [removed] and [removed] and [removed]\ncard ************1111');
});

test('of a large one the beginning and the end are kept, in a memory that does not grow', () => {
  const output = createStepOutput();
  output.print('first line');
  const chunk = Buffer.alloc(65_536, 'x');
  const before = process.memoryUsage().arrayBuffers;
  for (let count = 0; count < 1600; count++) output.take(Buffer.from(chunk));
  output.print('last line');
  const text = output.text([]);
  assert.equal(output.bytes, 1600 * 65_536 + 'first line\nlast line\n'.length);
  assert.ok(text.startsWith('first line\n') && text.endsWith('last line') && text.includes('[...]'));
  assert.ok(text.length < 17_000, String(text.length));
  assert.ok(process.memoryUsage().arrayBuffers - before < 120_000_000);
});

test('a secret that the cut goes through is masked all the same, wherever the cut is', () => {
  for (let at = 8100; at < 8300; at += 7) {
    const output = createStepOutput();
    output.take(Buffer.from('a'.repeat(at) + SECRET + 'b'.repeat(20_000) + SECRET + 'c'.repeat(at)));
    const text = output.text([SECRET]);
    for (let length = 8; length <= SECRET.length; length++)
      assert.ok(!text.includes(SECRET.slice(0, length)) && !text.includes(SECRET.slice(-length)), `${at} ${length}`);
  }
});

test('the longer of two secrets goes first', () => {
  assert.equal(maskOutput('abcdef abc', ['abc', 'abcdef']), '[removed] [removed]');
});
