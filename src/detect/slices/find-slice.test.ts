import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { findSlice, type SliceCandidate, type Whole } from './find-slice.ts';

const whole = (changes: Partial<Whole> = {}): Whole => ({
  key: '',
  outcomes: [2],
  sign: 1,
  observed: 110,
  expected: 10,
  spread: 1,
  minute: 0,
  minutes: 5,
  ...changes,
});
const candidate = (name: string, observed: number, expected: number, traffic: number): SliceCandidate => ({
  dimensions: name.split(' '),
  observed,
  expected,
  traffic,
});

suite('naming a slice', () => {
  test('an excess that is spread like the traffic names nobody, however large the largest is', () => {
    assert.equal(findSlice(whole(), [candidate('a=big', 88, 8, 0.8), candidate('a=small', 22, 2, 0.2)]), null);
  });

  test('the slice that holds the excess is named, not a smaller one that only takes part', () => {
    const named = findSlice(whole(), [candidate('a=x', 104, 4, 0.4), candidate('m=largest', 73, 3, 0.3), candidate('a=y', 6, 6, 0.6)]);
    assert.deepEqual(named, { dimensions: ['a=x'], share: 1 });
  });

  test('a pair is named only when it explains as much with clearly less traffic', () => {
    const single = candidate('a=x', 104, 4, 0.4);
    const pair = candidate('a=x p=credit', 102, 2, 0.2);
    assert.deepEqual(findSlice(whole(), [single, pair])?.dimensions, ['a=x', 'p=credit']);
    assert.deepEqual(findSlice(whole(), [single, candidate('a=x p=credit', 71, 2.8, 0.28)])?.dimensions, ['a=x']);
    assert.deepEqual(findSlice(whole(), [single, candidate('a=x p=credit', 103.6, 3.6, 0.36)])?.dimensions, ['a=x']);
  });

  test('a fall is explained by who is missing', () => {
    const fall = whole({ outcomes: [0], sign: -1, observed: 705, expected: 1000 });
    assert.deepEqual(findSlice(fall, [candidate('p=pix', 3, 300, 0.3), candidate('a=x', 350, 500, 0.5)])?.dimensions, ['p=pix']);
    const outage = whole({ outcomes: [0], sign: -1, observed: 0, expected: 1000 });
    assert.equal(findSlice(outage, [candidate('a=x', 0, 700, 0.7), candidate('a=y', 0, 300, 0.3)]), null);
  });
});
