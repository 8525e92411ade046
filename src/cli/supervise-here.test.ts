import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roleArgs } from './supervise-here.ts';

test('a process of a role gets the settings of its supervisor, but not its list, and a port only with an API', () => {
  const args = ['up', '--processes', 'data,api', '--port', '9000', '--pretty', '--data_dir=/x'];
  assert.deepEqual(roleArgs(args, 'data'), ['up', '--pretty', '--data_dir=/x', '--role', 'data']);
  assert.deepEqual(roleArgs(args, 'api'), ['up', '--port', '9000', '--pretty', '--data_dir=/x', '--role', 'api']);
  assert.deepEqual(roleArgs(['up', '--processes=window=2', '--port=1'], 'window'), ['up', '--role', 'window']);
});
