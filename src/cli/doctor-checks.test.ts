import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { satisfies } from './doctor-checks.ts';

describe('versions of Node against the range of package.json', () => {
  const range = '>=24.16 <25 || >=26.1';
  const rows: readonly [string, boolean][] = [
    ['20.20.2', false],
    ['24.15.9', false],
    ['24.16.0', true],
    ['24.21.0', true],
    ['25.3.0', false],
    ['26.0.9', false],
    ['26.1.0', true],
    ['27.0.0', true],
  ];
  for (const [version, expected] of rows) test(version, () => assert.equal(satisfies(version, range), expected));
});
