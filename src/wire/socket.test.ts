import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { keepLink } from './socket-link.ts';
import { serveSocket } from './socket-server.ts';
import type { Wire } from './wire.ts';
import { until } from '../test-until.ts';

const log = pino({ level: 'silent' });
/** Longer than a busy machine keeps a process waiting. */
const LEASE_MS = 1500;

function createPlace(t: TestContext, greeting = '1') {
  const dir = mkdtempSync(join(tmpdir(), 'guardian-wire-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return { path: join(dir, 's.sock'), greeting, leaseMs: LEASE_MS };
}

/** Answers each message with itself. */
const echo = (wire: Wire): void => void wire.on('message', (message) => wire.postMessage(message));

test('messages come whole and in order, large and small, with bytes, dates and big numbers as they were', async (t) => {
  const place = createPlace(t);
  t.after(await serveSocket(place, echo));
  const heard: unknown[] = [];
  const link = keepLink(place, log, (wire) => wire.on('message', (message) => heard.push(message)));
  t.after(() => link.close());
  await until(() => link.state() === 'up');
  const large = { bytes: new Uint8Array(9_000_000).fill(7) };
  const odd = { at: new Date(5), big: 2n ** 63n, none: null, text: 'ação', bytes: new Uint8Array([0, 255]) };
  for (const message of [odd, large, 'last']) link.wire()?.postMessage(message);
  await until(() => heard.length === 3);
  assert.deepEqual(heard, [odd, large, 'last']);
  assert.throws(() => link.wire()?.postMessage({ work: () => 1 }), 'what cannot be sent is said at once');
});

test('a socket that was left behind is replaced, and is for its owner only', async (t) => {
  const place = createPlace(t);
  writeFileSync(place.path, 'left behind');
  t.after(await serveSocket(place, echo));
  assert.equal(statSync(place.path).mode & 0o777, 0o600);
});

test('a path that is too long for the operating system is refused by name', async (t) => {
  const place = createPlace(t);
  const path = join(place.path, 'x'.repeat(104));
  await assert.rejects(serveSocket({ ...place, path }, echo), { code: 'APP_SOCKET', rule: 'socket_path' });
  assert.throws(() => keepLink({ ...place, path }, log, () => undefined), { code: 'APP_SOCKET' });
});

test('a link waits for a server, and finds the next one after that', async (t) => {
  const place = createPlace(t);
  let opened = 0;
  const link = keepLink(place, log, () => (opened += 1));
  t.after(() => link.close());
  assert.equal(link.state(), 'away');
  const end = await serveSocket(place, echo);
  await until(() => link.state() === 'up');
  await end();
  await until(() => link.state() === 'away');
  assert.equal(link.wire(), undefined);
  t.after(await serveSocket(place, echo));
  await until(() => link.state() === 'up');
  assert.equal(opened, 2);
});

test('a server of another version is not spoken with, and that has a name', async (t) => {
  const place = createPlace(t);
  t.after(await serveSocket({ ...place, greeting: '2' }, echo));
  const link = keepLink(place, log, () => assert.fail('no wire may open'));
  t.after(() => link.close());
  await until(() => link.state() === 'other_version');
  assert.equal(link.wire(), undefined);
});

test('an end that is frozen is cut off after its lease, one that only has nothing to say is not', async (t) => {
  const place = createPlace(t);
  let closed = 0;
  t.after(await serveSocket(place, (wire) => wire.on('close', () => (closed += 1))));
  const link = keepLink(place, log, () => undefined);
  t.after(() => link.close());
  const script = `import { keepLink } from ${JSON.stringify(new URL('./socket-link.ts', import.meta.url).href)};
    keepLink(${JSON.stringify(place)}, { warn() {}, error() {} }, () => console.log('up')); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  await sleep(2 * LEASE_MS);
  assert.equal(closed, 0);
  child.kill('SIGSTOP');
  await until(() => closed === 1);
  assert.equal(link.state(), 'up');
});

test('who says what is no message of ours is cut off, and nobody else is', async (t) => {
  const place = createPlace(t);
  t.after(await serveSocket(place, echo));
  const link = keepLink(place, log, () => undefined);
  t.after(() => link.close());
  await until(() => link.state() === 'up');
  const stranger = connect(place.path);
  stranger.resume();
  // What it has not read of the stranger, it may answer with a reset.
  stranger.on('error', () => undefined);
  const closed = new Promise((resolve) => void stranger.on('close', resolve));
  stranger.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
  await closed;
  assert.equal(link.state(), 'up');
});
