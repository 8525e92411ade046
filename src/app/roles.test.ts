import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkRole, parseRole, ROLE_SPECS, SPLIT_ROLES, STAGE_NAMES } from './roles.ts';

test('every stage runs in one role of several processes, and in one only', () => {
  const stages = SPLIT_ROLES.flatMap((role) => ROLE_SPECS[role].stages);
  assert.deepEqual(stages.toSorted(), STAGE_NAMES.toSorted());
  assert.deepEqual(
    SPLIT_ROLES.filter((role) => ROLE_SPECS[role].engines !== 'link'),
    ['data'],
    'one process owns the engines',
  );
});

test('the name of a role is read, an unknown one is refused with those that there are', () => {
  assert.equal(parseRole('window'), 'window');
  assert.throws(() => parseRole('worker'), { code: 'APP_ROLE', rule: 'role_unknown', message: /all, data, api, window, detect, alert/ });
  assert.throws(() => parseRole(''), { rule: 'role_unknown' });
});

test('what cannot work is refused: several roles, a demonstration of a part, a port of a stage', () => {
  assert.throws(() => parseRole('api,window'), { code: 'APP_ROLE', rule: 'role_several' });
  assert.throws(() => checkRole('api', { demo: true, port: false }), { rule: 'role_demo', params: { role: 'api' } });
  assert.throws(() => checkRole('detect', { demo: false, port: true }), { rule: 'role_port' });
  checkRole('all', { demo: true, port: true });
  checkRole('api', { demo: false, port: true });
});
