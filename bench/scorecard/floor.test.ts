import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Figure } from './figure.ts';
import { fallenBelow, raiseFloors } from './floor.ts';

const hits = (value: number): Figure => ({ id: 'a.hits', name: 'hits', value, unit: '%', better: 'higher' });
const delay = (value: number): Figure => ({ id: 'a.delay', name: 'delay', value, unit: 'min', better: 'lower' });

test('a figure may fall by its margin and no farther', () => {
  const floors = { 'a.hits': { best: 98, margin: 1 }, 'a.delay': { best: 2, margin: 0 } };
  assert.deepEqual(fallenBelow([hits(97), delay(2)], floors), []);
  assert.equal(fallenBelow([hits(96.9), delay(2.1)], floors).length, 2);
  assert.deepEqual(fallenBelow([{ ...hits(1), id: 'unknown' }], floors), []);
});

test('a figure that cannot be reported has fallen', () => {
  assert.equal(fallenBelow([hits(Number.NaN)], { 'a.hits': { best: 98, margin: 1 } }).length, 1);
});

test('floors only rise, and speed has none', () => {
  const floors = raiseFloors([hits(90), delay(3)], {});
  assert.deepEqual(floors, { 'a.delay': { best: 3, margin: 0 }, 'a.hits': { best: 90, margin: 1 } });
  assert.deepEqual(raiseFloors([hits(80), delay(1)], floors), { 'a.delay': { best: 1, margin: 0 }, 'a.hits': { best: 90, margin: 1 } });
  assert.deepEqual(raiseFloors([{ ...hits(1), id: 'speed.points_s' }], {}), {});
});
