import { expect, test } from 'vitest';
import { aPoint, NOW } from '../fixture.ts';
import { visiblePoints } from './visible-points.ts';

const { minute: _minute, ...fields } = aPoint(0);
const point = { ...fields, at: NOW };

test('a status that is switched off leaves the total, and takes the band of the total with it', () => {
  expect(visiblePoints([point], new Set())).toEqual([point]);
  expect(visiblePoints([point], new Set(['approved']))).toEqual([
    { ...point, total: 6, by_status: { denied: 6 }, expected: null, expected_low: null, expected_high: null },
  ]);
  expect(visiblePoints([point], new Set(['failed']))[0]).toMatchObject({ total: 106, expected: null });
});

test('the band alone can be switched off, the forecast changes no point', () => {
  expect(visiblePoints([point], new Set(['band']))[0]).toMatchObject({ total: 106, by_status: point.by_status, expected: null });
  expect(visiblePoints([point], new Set(['forecast']))).toEqual([point]);
});
