import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePort } from './free-port.ts';
import { MAIN } from './product.ts';

test('a role that waits for its servers since it was started ends in good order when it is asked to', { timeout: 300_000 }, async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'guardian-no-servers-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const address = `127.0.0.1:${await freePort()}`;
  const engines = ['--store.engine', 'postgres', '--store.url', `postgres://guardian@${address}/guardian`, '--bus.engine', 'kafka'];
  const access = ['--access.service_token', 't'.repeat(40), '--access.signing_secret', 's'.repeat(40)];
  const args = [MAIN, 'up', '--role', 'data', '--data_dir', root, ...engines, '--bus.kafka.brokers', JSON.stringify([address]), ...access];
  const child = spawn(process.execPath, [...args, '--probe.port', '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  const waits = new Promise<void>((resolve) => {
    const hear = (chunk: Buffer): void => {
      output += chunk.toString();
      if (output.includes('cannot be opened yet')) resolve();
    };
    for (const stream of [child.stdout, child.stderr]) stream.on('data', hear);
  });
  const exited = once(child, 'exit');
  await Promise.race([waits, exited]);
  child.kill('SIGTERM');
  assert.deepEqual(await exited, [0, null], output.slice(-2000));
});
