import { expect, test } from 'vitest';
import { durationText } from './duration-text.ts';

test('a duration has its two largest units, and a dash where it is not known', () => {
  const texts = [null, 0, 59.4, 60, 3599, 3600, 3900, 86_400, 360_000].map(durationText);
  expect(texts).toEqual(['–', '0 s', '59 s', '1 min', '1 h', '1 h', '1 h 5 min', '1 d', '4 d 4 h']);
});
