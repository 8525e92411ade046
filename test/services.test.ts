import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

const script = join(import.meta.dirname, '../scripts/services.mjs');

/** Runs the installer on a machine that has only these programs. */
async function runWith(t: TestContext, programs: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), 'guardian-services-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(folder, name), text);
    await chmod(join(folder, name), 0o755);
  }
  return spawnSync(process.execPath, [script], { env: { PATH: folder }, encoding: 'utf8' });
}

test('does nothing when the programs are there', async (t) => {
  const all = ['promtool', 'google-chrome', 'prometheus-alertmanager', 'java', 'mvn', 'kcat', 'redis-server', 'pgbouncer', 'openssl'];
  const { status, stdout, stderr } = await runWith(t, Object.fromEntries(all.map((name) => [name, ''])));
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' });
});

test('says in one sentence what to install where there is no apt-get', async (t) => {
  const { status, stderr } = await runWith(t, {
    chromium: '',
    'prometheus-alertmanager': '',
    java: '',
    mvn: '',
    kafkacat: '',
    'redis-server': '',
    pgbouncer: '',
    openssl: '',
  });
  assert.equal(status, 1);
  assert.equal(stderr, 'The service tests need prometheus. This is no Debian or Ubuntu, so install them by hand and try again.\n');
});
