import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configSentence } from './config-problem.ts';
import { loadConfig } from './config-load.ts';
import { readProcesses } from './process-list.ts';

const problems = (processes: string, more: Record<string, string> = {}): readonly string[] =>
  loadConfig({ env: { GUARDIAN_PROCESSES: processes, ...more }, cwd: '/nonexistent' }).problems.map((one) => configSentence('en', one));

test('processes are read in the order of a start, whichever way they are written', () => {
  assert.deepEqual(readProcesses(['alert', 'window=4', 'data']), [
    { role: 'data', count: 1 },
    { role: 'window', count: 4 },
    { role: 'alert', count: 1 },
  ]);
  assert.deepEqual(problems('data,api,window=4,detect,alert', { GUARDIAN_BUS_PARTITIONS: '4' }), []);
});

test('an unknown role, two APIs, a role that is listed twice and more workers than partitions are named', () => {
  for (const wrong of ['worker', 'api=2', 'window=0', 'all']) assert.match(problems(wrong)[0] ?? '', /^processes /);
  assert.deepEqual(problems('window,detect,window=2', { GUARDIAN_BUS_PARTITIONS: '4' }), [
    'processes [2]: window is listed twice (GUARDIAN_PROCESSES)',
  ]);
  assert.deepEqual(problems('data,window=3', { GUARDIAN_BUS_PARTITIONS: '2' }), [
    'processes must not have more window workers than bus.partitions (2), not window=3 (GUARDIAN_PROCESSES)',
  ]);
});
