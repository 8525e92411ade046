import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runMenu } from './menu-study.ts';

test('a slow decay that an acquirer shows first is reported as that of everybody', () => {
  for (const seed of ['menu-4', 'menu-5']) {
    const { judged } = runMenu({ seed, merchants: 40, learnDays: 3, days: 0.3 });
    const decay = judged.find(({ incident }) => incident.type === 'slow_decay');
    assert.ok(decay !== undefined && decay.delay !== null, seed);
    assert.ok(decay.isNamed, seed);
  }
});
