import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runGuardian } from './product.ts';

test('an unknown role and a role that cannot do what is asked are refused in a sentence', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'guardian-roles-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const refusals = [
    [['--role', 'worker'], /There is no role worker; roles: all, data, api, window, detect, alert/],
    [['--role', 'api,window'], /A process has one role, not api,window/],
    [['--role', 'detect', '--demo'], /A demonstration runs in one process/],
    [['--role', 'alert', '--port', '21999'], /Role alert opens no port/],
    [['--role', 'data', '--data_dir', join(root, 'x'.repeat(100))], /has \d+ bytes and the limit is 103: set a shorter data_dir/],
  ] as const;
  for (const [args, sentence] of refusals) {
    const { code, output } = await runGuardian(['up', '--locale', 'en', ...args]);
    assert.match(output, sentence);
    assert.notEqual(code, 0);
  }
});
