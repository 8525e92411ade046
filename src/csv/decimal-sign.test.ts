import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSignEvidence, decimalSignOf, readSignedNumber } from './decimal-sign.ts';

test('what one number says of the decimal sign of its column', () => {
  const said = ['12', '12.5', '1500.00', '1.500', '1,500', '0.125', '1500.125', '2,345.67', '1.234,5', '1.234.567', '1,234,567.8', 'x', ''];
  assert.deepEqual(said.map(decimalSignOf), [null, '.', '.', 'unclear', 'unclear', '.', '.', '.', ',', ',', '.', null, null]);
});

test('a number is read by the sign of its column', () => {
  assert.deepEqual(
    [readSignedNumber('1,500', '.'), readSignedNumber('1,500', ','), readSignedNumber('1.234,5', ','), readSignedNumber('1,50', '.')],
    [1500, 1.5, 1234.5, null],
  );
});

test('a space or an apostrophe between thousands is no decimal sign, and shows which one is', () => {
  for (const space of [' ', '\u00a0', '\u2009', '\u202f', "'", '\u2019']) {
    const cells = ['1_216', '1_234_567', '1_500,25', '1_500.125', '1_50', '1500_2'].map((cell) => cell.replaceAll('_', space));
    assert.deepEqual(cells.map(decimalSignOf), [null, null, ',', '.', null, null]);
    assert.deepEqual(
      cells.map((cell) => readSignedNumber(cell, decimalSignOf(cell) === ',' ? ',' : '.')),
      [1216, 1_234_567, 1500.25, 1500.125, null, null],
    );
  }
  assert.equal(readSignedNumber("1 234'567", '.'), null);
});

test('a column that proves both signs proves none', () => {
  const evidence = createSignEvidence();
  for (const cell of ['7', '1.500', '1,50']) evidence.see(cell);
  assert.equal(evidence.sign, ',');
  evidence.see('2.75');
  assert.equal(evidence.sign, 'mixed');
});
