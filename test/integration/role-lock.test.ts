import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { takeRoleLock, type RoleLock, type RoleLockOptions } from '../../src/store/postgres/role-lock.ts';
import { waitFor } from '../e2e/product.ts';
import { startPostgres, type PostgresServer } from './postgres-server.ts';

const MODULE = fileURLToPath(new URL('../../src/store/postgres/role-lock.ts', import.meta.url));
const LEASE_MS = 1500;

describe('the lock by which one process has a role', { timeout: 300_000 }, () => {
  let server: PostgresServer;
  before(async () => void (server = await startPostgres()));
  after(() => server.stop());

  /** Asks for the role of one test; `lost`: what was told when it was taken away. */
  function ask(t: TestContext, more: Partial<RoleLockOptions> = {}) {
    const ending = new AbortController();
    const lost: string[] = [];
    const asked = takeRoleLock({
      ...{ url: server.urlOf(), connectMs: 10_000, role: t.name, log: pino({ level: 'silent' }), leaseMs: LEASE_MS, retryMs: 50 },
      ...{ signal: ending.signal, onLost: () => void lost.push('lost') },
      ...more,
    });
    t.after(async () => {
      ending.abort();
      await (await asked)?.release();
    });
    return { asked, lost, stopWaiting: () => ending.abort() };
  }

  /** Whether a question is still open after a while in which the lock is tried many times. */
  const isOpen = async (asked: Promise<RoleLock | null>): Promise<boolean> => {
    const open = Symbol('open');
    const later = new Promise((resolve) => setTimeout(() => resolve(open), 500));
    return (await Promise.race([asked, later])) === open;
  };

  test('the second of two waits until the first gives it back', async (t) => {
    const first = await ask(t).asked;
    const second = ask(t);
    assert.ok(first !== null && first.isHeld());
    assert.ok(await isOpen(second.asked));
    await first.release();
    assert.ok((await second.asked)?.isHeld());
    assert.equal(first.isHeld(), false);
  });

  test('other roles are free meanwhile, and who stops to wait gets nothing', async (t) => {
    await ask(t).asked;
    assert.ok((await ask(t, { role: 'another' }).asked)?.isHeld());
    const waiting = ask(t);
    assert.ok(await isOpen(waiting.asked));
    waiting.stopWaiting();
    assert.equal(await waiting.asked, null);
  });

  test('a session that the server ends has lost it: its holder is told once, and the other one has it', async (t) => {
    const { asked, lost } = ask(t);
    const first = await asked;
    const second = ask(t);
    await server.run(`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted`);
    assert.ok((await second.asked)?.isHeld());
    await waitFor(async () => (lost.length > 0 ? true : undefined));
    assert.deepEqual([lost, first?.isHeld()], [['lost'], false]);
    await first?.release();
    assert.deepEqual(lost, ['lost']);
  });

  test('a process that is frozen loses it within its lease, and knows when it goes on', async (t) => {
    const script = `
      import { takeRoleLock } from ${JSON.stringify(MODULE)};
      const log = { info() {}, warn() {}, error() {} };
      const lock = await takeRoleLock({ url: ${JSON.stringify(server.urlOf())}, connectMs: 10000, role: ${JSON.stringify(t.name)}, log,
        leaseMs: ${LEASE_MS}, signal: new AbortController().signal, onLost: () => console.log('lost', lock.isHeld()) });
      console.log('held');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => child.kill('SIGKILL'));
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => void (output += chunk.toString()));
    const said = (word: string): Promise<true> => waitFor(async () => (output.includes(word) ? true : undefined));
    await said('held');
    const second = ask(t);
    assert.ok(await isOpen(second.asked));
    child.kill('SIGSTOP');
    assert.ok((await second.asked)?.isHeld());
    child.kill('SIGCONT');
    await said('lost false');
    child.kill('SIGKILL');
    await once(child, 'exit');
  });

  test('whoever has it keeps it far beyond the lease while it lives, and hears notifications', async (t) => {
    let heard = 0;
    const lock = await ask(t, { onNotified: { channel: 'role_lock_test', call: () => void (heard += 1) } }).asked;
    const second = ask(t);
    const began = performance.now();
    while (performance.now() - began < 3 * LEASE_MS) {
      await server.run('notify role_lock_test');
      assert.ok(await isOpen(second.asked));
    }
    assert.ok(lock?.isHeld());
    await waitFor(async () => (heard > 0 ? true : undefined));
  });

  test('a server that is killed takes it away; one that is back grants it to who waits', async (t) => {
    const { asked, lost } = ask(t);
    const first = await asked;
    await server.kill();
    await waitFor(async () => (lost.length > 0 ? true : undefined));
    assert.equal(first?.isHeld(), false);
    const second = ask(t);
    assert.ok(await isOpen(second.asked));
    await server.start();
    assert.ok((await second.asked)?.isHeld());
  });
});
