import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPairingCodes } from './pairing-code.ts';

const codes = createPairingCodes(Buffer.alloc(32, 7));

test('a code is found however it is typed, and only under the secret that made it', () => {
  const code = codes.code('0f1e2d3c4b5a');
  const key = codes.codeKey(code);
  assert.ok(key !== null && !key.includes(code.replace('-', '')));
  for (const typed of [code.toLowerCase(), code.replace('-', ''), ` ${code.replace('-', ' ')}\n`, code.split('').join(' ')])
    assert.equal(codes.codeKey(typed), key, typed);
  const others = createPairingCodes(Buffer.alloc(32, 8));
  assert.notEqual(others.code('0f1e2d3c4b5a'), code);
  assert.notEqual(others.codeKey(code), key);
});

test('what is no code has no key', () => {
  for (const typed of [
    '',
    '7K3M',
    '7K3M-9QXAA',
    '7K3M-9QX0',
    '7K3M-9QX1',
    '7K3M-9QXI',
    '7K3M-9QXO',
    'ç'.repeat(8),
    '%'.repeat(8),
    'A'.repeat(10_000),
  ])
    assert.equal(codes.codeKey(typed), null, typed.slice(0, 20));
});

test('ten thousand codes differ, and use every letter at every place', () => {
  const made = Array.from({ length: 10_000 }, (_, at) => codes.code(`id${at}`).replace('-', ''));
  assert.equal(new Set(made).size, made.length);
  for (let place = 0; place < 8; place++) assert.equal(new Set(made.map((code) => code[place])).size, 32);
});
