import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLinkSigner, createSessions, LINK_TTL_MS, SESSION_TTL_MS } from './auth.ts';
import { createTestServer, NOW } from './server-under-test.ts';

const BROWSER = { 'sec-fetch-site': 'same-origin', host: 'localhost:8001' };
const read = { url: '/metrics' };
const cookieOf = (header: unknown): string => String(header).split(';')[0] ?? '';

test('a program on this machine needs no session, a browser does', async () => {
  const { app } = await createTestServer();
  assert.equal((await app.inject(read)).statusCode, 200);
  const answer = await app.inject({ ...read, headers: BROWSER });
  assert.deepEqual([answer.statusCode, answer.json().code], [401, 'AUTH_REQUIRED']);
  assert.equal((await app.inject({ url: '/health', headers: BROWSER })).statusCode, 200);
});

test('a link opens one session, once, in time', async () => {
  const { app, sessions, clock } = await createTestServer();
  const token = sessions.mintLink();
  const opened = await app.inject({ url: `/?token=${token}`, headers: { host: 'localhost:8001', 'sec-fetch-site': 'none' } });
  assert.deepEqual([opened.statusCode, opened.headers['location']], [303, '/']);
  assert.match(String(opened.headers['set-cookie']), /; HttpOnly; SameSite=Strict/);
  const cookie = cookieOf(opened.headers['set-cookie']);
  assert.equal((await app.inject({ ...read, headers: { ...BROWSER, cookie } })).statusCode, 200);
  assert.equal((await app.inject({ url: `/?token=${token}`, headers: { host: 'localhost' } })).headers['location'], '/?link=expired');
  const late = sessions.mintLink();
  clock.at += LINK_TTL_MS + 1;
  assert.equal((await app.inject({ method: 'POST', url: '/session', payload: { token: late } })).statusCode, 401);
  clock.at += SESSION_TTL_MS;
  assert.equal((await app.inject({ ...read, headers: { ...BROWSER, cookie } })).statusCode, 401, 'a session ends');
});

test('a used link stays used after a restart, and a session goes on', async () => {
  const secret = Buffer.alloc(32, 7);
  const clock = { at: NOW, now: () => clock.at, monotonic: () => clock.at };
  const before = createSessions(secret, clock);
  const token = before.mintLink();
  const cookie = await before.exchange(token);
  clock.at += 1000;
  const after = createSessions(secret, clock);
  assert.equal(await after.exchange(token), null);
  assert.notEqual(after.check(`guardian_session=${cookie}`), null);
});

test('the console can exchange, look at and end its session', async () => {
  const { app, sessions } = await createTestServer();
  const origin = { ...BROWSER, origin: 'http://localhost:8001' };
  const opened = await app.inject({ method: 'POST', url: '/session', headers: origin, payload: { token: sessions.mintLink() } });
  assert.equal(opened.statusCode, 204);
  const cookie = cookieOf(opened.headers['set-cookie']);
  const { actor, id, ...session } = (await app.inject({ url: '/session', headers: { ...BROWSER, cookie } })).json();
  assert.deepEqual(session, { authenticated: true, expires_at: new Date(NOW + SESSION_TTL_MS).toISOString() });
  assert.match(id, /^[0-9a-f]{12}$/);
  assert.equal(actor.id, `session:${id}`);
  assert.equal((await app.inject({ url: '/session', headers: BROWSER })).json().authenticated, false);
  assert.match(
    String((await app.inject({ method: 'DELETE', url: '/session', headers: origin })).headers['set-cookie']),
    /^guardian_session=; .*Max-Age=0/,
  );
});

test('a session that was ended opens nothing any more, after a restart too, and others go on', async () => {
  const secret = Buffer.alloc(32, 7);
  const clock = { at: NOW, now: () => clock.at, monotonic: () => clock.at };
  let stored: ReadonlyMap<string, number> = new Map();
  const ended = { known: stored, keep: (all: ReadonlyMap<string, number>) => void (stored = new Map(all)) };
  const sessions = createSessions(secret, clock, { ended });
  const { app } = await createTestServer({ deps: { sessions } });
  const open = async () => `guardian_session=${await sessions.exchange(sessions.mintLink())}`;
  const [cookie, other] = [await open(), await open()];
  const statusOf = async (value: string) => (await app.inject({ ...read, headers: { ...BROWSER, cookie: value } })).statusCode;
  assert.deepEqual([await statusOf(cookie), await statusOf(other)], [200, 200]);
  await app.inject({ method: 'DELETE', url: '/session', headers: { ...BROWSER, origin: 'http://localhost:8001', cookie } });
  assert.deepEqual([await statusOf(cookie), await statusOf(other)], [401, 200]);
  const restarted = createSessions(secret, clock, { ended: { known: stored, keep: () => undefined } });
  assert.equal(restarted.check(cookie), null);
  assert.notEqual(restarted.check(other), null);
});

test('HEAD of a link leaves it as it is', async () => {
  const { app, sessions } = await createTestServer();
  const url = `/?token=${sessions.mintLink()}`;
  const headers = { host: 'localhost:8001' };
  const looked = await app.inject({ method: 'HEAD', url, headers });
  assert.equal(looked.headers['set-cookie'], undefined);
  assert.equal((await app.inject({ url, headers })).headers['location'], '/');
});

test('another process with the same secret can make a link; a forged or changed one is nothing', async () => {
  const { app, clock } = await createTestServer();
  const open = async (token: string) => (await app.inject({ method: 'POST', url: '/session', payload: { token } })).statusCode;
  assert.equal(await open(createLinkSigner(Buffer.alloc(32, 7), clock).mint()), 204);
  assert.equal(await open(createLinkSigner(Buffer.alloc(32, 8), clock).mint()), 401);
  const token = createLinkSigner(Buffer.alloc(32, 7), clock).mint();
  assert.equal(await open(token.replace(/^./, 'z')), 401);
  assert.equal(await open(''), 401);
  const session =
    cookieOf((await app.inject({ method: 'POST', url: '/session', payload: { token } })).headers['set-cookie']).split('=')[1] ?? '';
  assert.equal(await open(session), 401, 'a cookie is not a link');
});

test('a page of another site gets nothing', async () => {
  const { app, sessions, bus } = await createTestServer();
  const opened = await app.inject({ method: 'POST', url: '/session', payload: { token: sessions.mintLink() } });
  const cookie = cookieOf(opened.headers['set-cookie']);
  const cases: Record<string, string>[] = [
    { origin: 'https://evil.example', host: 'localhost:8001' },
    { origin: 'null', host: 'localhost:8001' },
    { origin: 'http://localhost:9999', host: 'localhost:8001' },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', host: 'localhost:8001' },
    { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors', host: 'localhost:8001' },
  ];
  for (const headers of cases) {
    const answer = await app.inject({
      method: 'POST',
      url: '/transaction',
      headers: { ...headers, cookie },
      payload: { status: 'approved' },
    });
    assert.deepEqual([answer.statusCode, answer.json().code], [403, 'AUTH_FORBIDDEN'], JSON.stringify(headers));
  }
  assert.equal(bus.records.length, 0);
});

test('a foreign host name is refused, so that DNS rebinding leads nowhere', async () => {
  const { app } = await createTestServer({ server: { hosts: ['guardian.internal'] } });
  for (const host of ['evil.example', 'localhost.evil.example', 'localhost:8001:80', 'localhost@evil.example'])
    assert.equal((await app.inject({ url: '/health', headers: { host } })).statusCode, 403, host);
  for (const host of ['localhost', 'LOCALHOST:8001', '127.0.0.1:8001', '[::1]:8001', 'guardian.internal:8001'])
    assert.equal((await app.inject({ url: '/health', headers: { host } })).statusCode, 200, host);
});

test('other machines and what comes through a proxy need a session', async () => {
  const { app } = await createTestServer();
  assert.equal((await app.inject({ ...read, remoteAddress: '10.0.0.9' })).statusCode, 401);
  assert.equal((await app.inject({ ...read, headers: { 'x-forwarded-for': '10.0.0.9' } })).statusCode, 401);
  assert.equal((await app.inject({ ...read, remoteAddress: '::ffff:127.0.0.1' })).statusCode, 200);
  const forwarded =
    'Forwarded Via X-Forwarded-For X-Forwarded-Proto X-Forwarded-Server X-Real-IP X-Client-IP X-Cluster-Client-IP X-Original-URL True-Client-IP ' +
    'CF-Connecting-IP CF-Ray CDN-Loop Fastly-Client-IP Fly-Client-IP X-Envoy-External-Address X-Azure-ClientIP X-Amzn-Trace-Id Ngrok-Trace-Id Client-IP';
  for (const name of forwarded.split(' ')) assert.equal((await app.inject({ ...read, headers: { [name]: 'x' } })).statusCode, 401, name);
  for (const name of ['X-Request-Id', 'Traceparent', 'User-Agent', 'Idempotency-Key', 'Accept-Language'])
    assert.equal((await app.inject({ ...read, headers: { [name]: 'x' } })).statusCode, 200, name);
});

test('with local trust switched off a program on this machine needs a session like any other', async () => {
  const { app, sessions } = await createTestServer({ server: { trustLocal: false } });
  const answer = await app.inject(read);
  assert.deepEqual([answer.statusCode, answer.json().code], [401, 'AUTH_REQUIRED']);
  assert.equal((await app.inject({ url: '/health' })).statusCode, 200);
  const opened = await app.inject({ method: 'POST', url: '/session', payload: { token: sessions.mintLink() } });
  assert.equal((await app.inject({ ...read, headers: { cookie: cookieOf(opened.headers['set-cookie']) } })).statusCode, 200);
});

test('the console is served to page navigations only, with a policy that allows its own scripts', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'guardian-console-'));
  try {
    await mkdir(join(directory, 'assets'));
    await writeFile(join(directory, 'index.html'), '<title>console</title>');
    await writeFile(join(directory, 'assets', 'app-1.js'), '1');
    const { app } = await createTestServer({ server: { consoleDirectory: directory } });
    const page = { accept: 'text/html,*/*;q=0.8', host: 'localhost', 'sec-fetch-site': 'none' };
    for (const url of ['/', '/alerts/9', '/?link=expired']) {
      const answer = await app.inject({ url, headers: page });
      assert.deepEqual([answer.statusCode, answer.body], [200, '<title>console</title>'], url);
      assert.match(String(answer.headers['content-security-policy']), /script-src 'self';/);
      assert.match(String(answer.headers['cache-control']), /max-age=0/);
    }
    const asset = await app.inject({ url: '/assets/app-1.js', headers: { ...BROWSER } });
    assert.deepEqual([asset.statusCode, asset.body], [200, '1']);
    assert.match(String(asset.headers['cache-control']), /immutable/);
    await writeFile(join(directory, 'assets', 'app-1.js.br'), brotliCompressSync('1'));
    await writeFile(join(directory, 'index.html.gz'), gzipSync('<title>console</title>'));
    const small = await app.inject({ url: '/assets/app-1.js', headers: { ...BROWSER, 'accept-encoding': 'gzip, br' } });
    assert.equal(brotliDecompressSync(small.rawPayload).toString(), '1');
    const { 'content-encoding': encoding, 'content-type': type, vary, 'cache-control': cache } = small.headers;
    assert.deepEqual([encoding, cache], ['br', asset.headers['cache-control']]);
    assert.match(String(type), /javascript/);
    assert.match(String(vary), /accept-encoding/i);
    const packed = await app.inject({ url: '/', headers: { ...page, 'accept-encoding': 'gzip' } });
    assert.equal(gunzipSync(packed.rawPayload).toString(), '<title>console</title>');
    assert.match(String(packed.headers['cache-control']), /max-age=0/);
    assert.match(String(packed.headers['content-security-policy']), /script-src 'self';/);
    await writeFile(join(directory, 'assets', 'app-2.js'), '2');
    const rebuilt = await app.inject({ url: '/assets/app-2.js', headers: { ...BROWSER } });
    assert.deepEqual([rebuilt.statusCode, rebuilt.body], [200, '2'], 'a build that came while the server runs');
    assert.equal((await app.inject({ url: '/assets/none.js', headers: { accept: '*/*' } })).json().code, 'HTTP_NOT_FOUND');
    assert.equal((await app.inject({ url: '/transaction', headers: { accept: 'application/json' } })).statusCode, 405);
    await app.close();
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
