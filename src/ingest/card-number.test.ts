import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasCardNumber, isCardNumber, maskCardNumbers } from './card-number.ts';

test('a card number is found in any writing', () => {
  for (const text of [
    '4111111111111111',
    '4111 1111 1111 1111',
    '4111-1111-1111-1111',
    '4111.1111.1111.1111',
    'paid with 5555555555554444 today',
    '378282246310005',
    '30569309025904',
    '6011000990139424',
    '4222222222222',
    '2223003122003222',
    'x4111111111111111y',
    '4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1',
    'tel 11 4111 1111 1111 1111',
    '1234567812345670',
  ]) {
    assert.equal(hasCardNumber(text), true, text);
  }
});

test('what is not a card number is left alone', () => {
  for (const text of [
    '4111111111111112',
    'order 123456789012',
    '12345678901234567890',
    'f47ac10b-58cc-4372-a567-0e02b2c3d479',
    '11111111-1111-4111-8111-111111111111',
    '1763827200123',
    '20250712134500',
    '0000000000000000',
    '9f86d081884c7d659a2feaa0c55ad015',
    '4111,1111,1111,1111',
    '',
  ]) {
    assert.equal(hasCardNumber(text), false, text);
  }
});

test('a number is checked by its digits', () => {
  assert.equal(isCardNumber(4_111_111_111_111_111), true);
  assert.equal(isCardNumber(4_111_111_111_111_112), false);
  assert.equal(isCardNumber(120.5), false);
});

test('masking keeps the last four digits and the rest of the text', () => {
  assert.equal(maskCardNumbers('a 4111-1111-1111-1111 b 5555555555554444'), 'a ****-****-****-1111 b ************4444');
  assert.equal(maskCardNumbers('nothing here'), 'nothing here');
});
