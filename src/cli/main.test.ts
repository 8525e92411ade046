import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { testFolder } from './test-run.ts';

const MAIN = join(import.meta.dirname, '..', 'main.ts');
const LAUNCH = new URL('../../scripts/bootstrap/launch.mjs', import.meta.url).href;

/** English, with the data in `cwd`; the minutes of the tests never grow too old. */
const environment = (cwd: string): NodeJS.ProcessEnv => ({
  ...process.env,
  ...{ GUARDIAN_LOCALE: 'en', GUARDIAN_DATA_DIR: join(cwd, 'data'), GUARDIAN_LOG_LEVEL: 'warn' },
  ...{ GUARDIAN_INGEST_MAX_AGE_DAYS: '36500', GUARDIAN_STORE_COUNT_RETENTION_DAYS: '36500' },
});

/** The program as its own process, in English. */
function start(t: TestContext, cwd: string, args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], {
    cwd,
    env: environment(cwd),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  t.after(() => void child.kill('SIGKILL'));
  return child;
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Everything that a process says until it ends. */
function finish(child: ChildProcess): Promise<Ended> {
  let out = '';
  let err = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
}

/** A server that has said its address; `ended` tells how it ends. */
async function startServer(t: TestContext, cwd: string, args: readonly string[] = []) {
  const child = start(t, cwd, ['up', '--port', '0', ...args]);
  const ended = finish(child);
  let out = '';
  const link = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', (text: string) => {
      const found = /http:\/\/\S+\/\?token=\S+(?=\s)/.exec((out += text))?.[0];
      if (found !== undefined) resolve(found);
    });
    void ended.then(({ code, err }) => reject(new Error(`it ended with ${code}: ${err}`)));
  });
  return { child, ended, link };
}

function minutesCsv(minutes: number): string {
  const lines = ['timestamp,status,count'];
  for (let minute = 0; minute < minutes; minute++) {
    const at = new Date(Date.UTC(2025, 6, 12, 13, 45 + minute)).toISOString().slice(0, 19).replace('T', ' ');
    lines.push(`${at},approved,${110 + (minute % 20)}`, `${at},denied,${5 + (minute % 3)}`);
  }
  return `${lines.join('\n')}\n`;
}

test('import without a server counts by itself, lists wrong lines, and changes nothing the second time', async (t) => {
  const cwd = testFolder(t);
  writeFileSync(join(cwd, 'a.csv'), `${minutesCsv(30)}2025-07-12 15:00:00,blue,3\n`);
  const first = await finish(start(t, cwd, ['import', 'a.csv']));
  assert.equal(first.code, 3, first.err);
  assert.match(first.err, /^ {2}line 62: status: "blue" is not a known status/m);
  assert.match(first.out, /^60 accepted, 0 duplicate, 1 rejected$/m);
  assert.match(first.out, /approved +3,535/);
  assert.match(readFileSync(join(cwd, 'a.csv.rejects.csv'), 'utf8'), /^a\.csv,62,".*status: ""blue"" .*","2025-07-12 15:00:00,blue,3"$/m);
  const second = await finish(start(t, cwd, ['import', 'a.csv']));
  assert.match(second.out, /^0 accepted, 60 duplicate, 1 rejected$/m);
});

test('import of nothing but wrong lines fails', async (t) => {
  const cwd = testFolder(t);
  writeFileSync(join(cwd, 'a.csv'), 'timestamp,status,count\n2025-07-12 15:00:00,blue,3\n');
  const { code, out } = await finish(start(t, cwd, ['import', 'a.csv']));
  assert.equal(code, 1);
  assert.match(out, /^❌ Nothing was accepted: 1 line rejected; reasons in \/.*a\.csv\.rejects\.csv$/m);
});

test('up serves, the other commands find it, and a signal stops it cleanly', async (t) => {
  const cwd = testFolder(t);
  writeFileSync(join(cwd, 'a.csv'), minutesCsv(10));
  const { child, ended, link } = await startServer(t, cwd);
  assert.equal((await fetch(`${new URL(link).origin}/ready`)).status, 200);

  const imported = await finish(start(t, cwd, ['import', 'a.csv']));
  assert.match(imported.out, /^20 accepted, 0 duplicate, 0 rejected$/m, imported.err);
  const status = await finish(start(t, cwd, ['status']));
  assert.match(status.out, /Transactions\/min: 1[0-9][0-9]/);
  const another = await finish(start(t, cwd, ['link']));
  assert.ok(another.out.startsWith(`${new URL(link).origin}/?token=`));
  const token = new URL(another.out.trim()).searchParams.get('token');
  const opened = await fetch(`${new URL(link).origin}/session`, {
    method: 'POST',
    body: JSON.stringify({ token }),
    headers: { 'content-type': 'application/json' },
  });
  assert.deepEqual([opened.status, opened.headers.has('set-cookie')], [204, true]);
  const foreign = await finish(start(t, cwd, ['link', '--url', new URL(link).origin, '--data-dir', 'other']));
  assert.equal(foreign.code, 1);
  assert.match(foreign.err.trim(), /^The server at [^\n]* does not use the data in [^\n]*--data-dir\.$/);
  const taken = await finish(start(t, cwd, ['up', '--port', '0']));
  assert.equal(taken.code, 1);
  assert.match(taken.err, /already uses the data directory/);

  child.kill('SIGTERM');
  assert.equal((await ended).code, 0);
  assert.equal((await finish(start(t, cwd, ['status', '--http.port', '9']))).code, 2);
});

test('a server that trusts no local program answers commands of who may read its data directory', async (t) => {
  const cwd = testFolder(t);
  const { link } = await startServer(t, cwd, ['--http.trust_local', 'false']);
  const url = new URL(link).origin;
  assert.equal((await fetch(`${url}/stats`)).status, 401);
  const own = await finish(start(t, cwd, ['feedback', 'list']));
  assert.equal(own.code, 0, own.err);
  const foreign = await finish(start(t, cwd, ['feedback', 'list', '--url', url, '--data-dir', 'other']));
  assert.equal(foreign.code, 1);
  assert.match(foreign.err, /401/);
});

test('a launcher that is killed takes the server with it, which stops in order', async (t) => {
  const cwd = testFolder(t);
  const args = ['--disable-warning=ExperimentalWarning', MAIN, 'up', '--port', '0'];
  const script = `import { runChild } from ${JSON.stringify(LAUNCH)}; await runChild(process.execPath, ${JSON.stringify(args)}, { channel: true });`;
  const launcher = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd,
    env: environment(cwd),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // The streams are also those of the server: they end with it, and so does this.
  const ended = finish(launcher);
  await once(launcher.stdout, 'data');
  launcher.kill('SIGKILL');
  const { err } = await ended;
  assert.match(err, /^Shutting down/m);
  assert.equal(existsSync(join(cwd, 'data', 'server.json')), false);
});

test('a taken port and a data directory that is a file are one sentence and exit code 1', async (t) => {
  const cwd = testFolder(t);
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  t.after(() => other.close());
  const { port } = other.address() as AddressInfo;
  const taken = await finish(start(t, cwd, ['up', '--port', String(port)]));
  assert.equal(taken.code, 1);
  assert.match(taken.err.trim(), new RegExp(`^Port ${port} on 127.0.0.1 is in use[^\\n]*$`));
  writeFileSync(join(cwd, 'file'), '');
  const blocked = await finish(start(t, cwd, ['up', '--port', '0', '--data-dir', 'file']));
  assert.equal(blocked.code, 1);
  assert.match(blocked.err.trim(), /^The data directory [^\n]*is not writable[^\n]*$/);
});

test('a data directory that others could read is closed by the start, and doctor names it', async (t) => {
  const cwd = testFolder(t);
  const data = join(cwd, 'data');
  mkdirSync(join(data, 'bus'), { recursive: true });
  chmodSync(data, 0o755);
  writeFileSync(join(data, 'bus', 'notes'), '');
  chmodSync(join(data, 'bus', 'notes'), 0o666);
  const { child, ended } = await startServer(t, cwd);
  const modeOf = (name: string): number => statSync(join(data, name), { throwIfNoEntry: false })?.mode ?? 0;
  const open = readdirSync(data, { recursive: true, encoding: 'utf8' }).filter((name) => (modeOf(name) & 0o077) !== 0);
  assert.deepEqual([statSync(data).mode & 0o777, open], [0o700, []]);
  child.kill('SIGTERM');
  await ended;
  chmodSync(data, 0o755);
  const { code, out } = await finish(start(t, cwd, ['doctor', '--http.port', '0']));
  assert.equal(code, 0, out);
  assert.match(out, /^⚠️ file permissions: 1 path was accessible to other users \(first: [^ ]*data, mode 0755\)/m);
  assert.equal(statSync(data).mode & 0o777, 0o700);
});

test('doctor checks everything on a fresh machine', async (t) => {
  const { code, out } = await finish(start(t, testFolder(t), ['doctor', '--http.port', '0']));
  assert.equal(code, 0, out);
  assert.equal(out.trim().split('\n').length, 12);
  assert.doesNotMatch(out, /❌/);
  assert.match(out, /^✅ durable log: 0 records$/m);
  assert.match(out, /^⚠️ receivers: none configured/m);
  assert.match(out, /^⚠️ external heartbeat: not set/m);
});

test('doctor does not say that nobody is notified where it could not read who is', async (t) => {
  const cwd = testFolder(t);
  writeFileSync(join(cwd, 'guardian.yaml'), 'alert:\n  receivers:\n    - {name: night, url: "http://127.0.0.1:6000/hook"}\n');
  const { code, out } = await finish(start(t, cwd, ['doctor', '--http.port', '0']));
  assert.equal(code, 1, out);
  assert.match(out, /^❌ configuration: alert\.receivers \[0\]\.url: uses port 6000/m);
  assert.doesNotMatch(out, /none configured/);
});
