import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkParameters } from './parameters.ts';
import type { ParameterFile } from './runbook-schema.ts';

const both = { 'pt-BR': 'a', en: 'b' };
const PARAMETERS: readonly ParameterFile[] = [
  { name: 'merchant', type: 'string', pattern: '[a-z][a-z0-9-]*', description: both },
  { name: 'workers', type: 'integer', minimum: 1, maximum: 16, default: 2, description: both },
  { name: 'mode', type: 'enum', choices: ['soft', 'hard'], default: 'soft', description: both },
  { name: 'force', type: 'boolean', default: false, description: both },
  { name: 'time', type: 'duration', minimum: '1m', maximum: '2h', default: '15m', description: both },
];
const rules = (given: Readonly<Record<string, unknown>>) =>
  checkParameters(PARAMETERS, { merchant: 'm-1', ...given }).breaches.map(({ name, rule }) => `${name} ${rule}`);

test('values come as they are or as texts, with defaults for the rest', () => {
  const { values, breaches } = checkParameters(PARAMETERS, { merchant: 'm-1', workers: '7', force: 'sim', time: '90s' });
  assert.deepEqual(breaches, []);
  assert.deepEqual(values, { merchant: 'm-1', workers: 7, mode: 'soft', force: true, time: '90s' });
});

test('a value that breaks a rule is named with it', () => {
  for (const merchant of ['-rf', '--force', 'm 1', 'm;ls', 'm-1\n', 'a\u202eb', 'm$(id)', ''])
    assert.equal(rules({ merchant }).length, 1, merchant);
  assert.deepEqual(rules({ merchant: 'a-4111111111111111' }), ['merchant card_number']);
  assert.deepEqual(rules({ merchant: 'a'.repeat(200) }), ['merchant too_long']);
  for (const workers of [0, 17, -1]) assert.deepEqual(rules({ workers }), ['workers range']);
  for (const workers of ['1e1', 1.5, 'x', '', null, true, {}])
    assert.deepEqual(rules({ workers }), ['workers type'], JSON.stringify(workers));
  assert.deepEqual(rules({ mode: 'Hard' }), ['mode choice']);
  assert.deepEqual(rules({ force: 'maybe' }), ['force type']);
  assert.deepEqual([...rules({ time: '3h' }), ...rules({ time: '30s' })], ['time range', 'time range']);
  assert.deepEqual(rules({ time: 15 }), ['time duration']);
  assert.deepEqual(rules({ other: 1 }), ['other unknown']);
  assert.deepEqual(
    checkParameters(PARAMETERS, {}).breaches.map(({ name, rule }) => `${name} ${rule}`),
    ['merchant missing'],
  );
});

test('a name of every object is no parameter', () => {
  for (const name of ['constructor', '__proto__', 'toString']) assert.deepEqual(rules(JSON.parse(`{"${name}":"x"}`)), [`${name} unknown`]);
});
