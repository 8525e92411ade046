import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { runInTest, TEST_CLOCK, testFolder, testServer } from '../test-run.ts';

interface Row {
  readonly id: string;
  readonly timestamp: string;
  readonly status?: string;
  readonly count: number;
}

const CSV = `timestamp,status,count
2025-07-12 13:46:00,denied,3
2025-07-12 13:45:00,approved,116
2025-07-12 13:45:00,approved,116
2025-07-12 13:47:00,approved,107
2025-07-12 13:48:00,approved,oops
2025-07-12 13:49:00,failed,1
`;

function fileIn(t: TestContext, text = CSV): string {
  const cwd = testFolder(t);
  writeFileSync(join(cwd, 'a.csv'), text);
  return cwd;
}

/** A server that keeps rows by id; `mood` says how it treats the n-th batch. */
function keeper(t: TestContext, mood: (n: number) => 'ok' | 'lost' | 'unconfirmed' | '503' = () => 'ok') {
  const kept = new Map<string, Row>();
  const order: string[] = [];
  const marks: string[] = [];
  let n = 0;
  const url = testServer(t, (request, response, body) => {
    const json = (status: number, value: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (request.url === '/api/v1/heartbeat') {
      const { at, incomplete } = JSON.parse(body) as { readonly at: string; readonly incomplete?: boolean };
      if (incomplete === true) marks.push(at);
      return void json(202, {});
    }
    if (request.url !== '/api/v1/transactions/batch') return void json(202, {});
    const how = mood(n++);
    if (how === '503') return void json(503, { detail: 'busy' });
    const rows = body
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row);
    const fresh = how === 'lost' ? rows.slice(0, 1) : rows;
    let duplicate = 0;
    for (const row of fresh) {
      if (kept.has(row.id)) duplicate++;
      else order.push(row.timestamp);
      kept.set(row.id, row);
    }
    if (how === 'lost') return void request.socket.destroy();
    json(202, {
      accepted: rows.length - duplicate,
      duplicate,
      refused: 0,
      failed: how === 'unconfirmed' ? 1 : 0,
      items: [],
      items_omitted: 0,
    });
  });
  return { url, kept, order, marks };
}

test('rows go out in the order of event time, equal rows both count, wrong ones are named', async (t) => {
  const server = keeper(t);
  const { code, out, err } = await runInTest(['replay', 'a.csv', '--speed', '100000', '--url', await server.url], { cwd: fileIn(t) });
  assert.equal(code, 3);
  assert.equal(out.trim(), '5 accepted, 0 duplicate, 1 rejected');
  assert.match(err, /^Read as: timestamp = timestamp, status = status, count = count\.$/m);
  assert.match(err, /^ {2}line 6: count: must be a number.* got "oops"$/m);
  assert.deepEqual(server.marks, ['2025-07-12T16:48:00.000Z'], 'the server knows that the minute is not complete');
  assert.deepEqual(server.order, server.order.toSorted());
  const approved = [...server.kept.values()].filter((row) => row.status === 'approved').reduce((sum, row) => sum + row.count, 0);
  assert.equal(approved, 116 + 116 + 107);
});

test('a row that is too old or in the future is refused here, and its minute is not announced to the server', async (t) => {
  const server = keeper(t);
  const cwd = fileIn(t, `${CSV}2015-01-01 10:00:00,approved,4\n2099-01-01 10:00:00,approved,x\n`);
  const { code, out, err } = await runInTest(['replay', 'a.csv', '--speed', '100000', '--url', await server.url], { cwd });
  assert.equal(code, 3, err);
  assert.equal(out.trim(), '5 accepted, 0 duplicate, 3 rejected');
  assert.deepEqual(server.marks, ['2025-07-12T16:48:00.000Z']);
});

test('nothing is lost or doubled when the server fails in every way', async (t) => {
  const moods = ['lost', '503', 'unconfirmed', 'ok', 'lost', 'ok'] as const;
  const server = keeper(t, (n) => moods[n] ?? 'ok');
  const { code } = await runInTest(['replay', 'a.csv', '--speed', '100000', '--url', await server.url], { cwd: fileIn(t) });
  assert.equal(code, 3);
  assert.equal(server.kept.size, 5);
});

test('--resume goes on where the last run was stopped', async (t) => {
  const cwd = fileIn(t);
  const controller = new AbortController();
  const server = keeper(t, (n) => {
    if (n === 1) controller.abort();
    return 'ok';
  });
  const args = ['replay', 'a.csv', '--url', await server.url];
  const first = await runInTest([...args, '--speed', '600'], { cwd, signal: controller.signal });
  assert.equal(first.code, 1);
  const before = server.kept.size;
  assert.ok(before > 0 && before < 5);
  const second = await runInTest([...args, '--speed', '100000', '--resume'], { cwd });
  assert.equal(second.code, 3);
  assert.equal(server.kept.size, 5);
  assert.match(second.out, /^[1-4] accepted, [01] duplicate/);
});

test('--shift-to now moves all times by whole minutes and gives the rows ids of their own', async (t) => {
  const server = keeper(t);
  const cwd = fileIn(t);
  await runInTest(['replay', 'a.csv', '--speed', '100000', '--url', await server.url], { cwd });
  const before = TEST_CLOCK.now();
  await runInTest(['replay', 'a.csv', '--speed', '100000', '--url', await server.url, '--shift-to', 'now'], { cwd });
  assert.equal(server.kept.size, 10);
  const moved = [...server.kept.values()].slice(5).map((row) => Date.parse(row.timestamp));
  assert.ok(Math.min(...moved) > before - 120_000);
  assert.equal(Math.max(...moved) - Math.min(...moved), 4 * 60_000);
});

test('a server that is starting is waited for', async (t) => {
  let asked = 0;
  const url = await testServer(t, (request, response) => {
    const isStarting = request.url === '/api/v1/stats' && ++asked < 3;
    const answer = isStarting
      ? { code: 'APP_STARTING', title: 'Starting' }
      : { time_zone: 'UTC', accepted: 5, duplicate: 0, refused: 0, failed: 0, items: [] };
    response.writeHead(isStarting ? 503 : 202, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  const { code, out, err } = await runInTest(['replay', 'a.csv', '--speed', '1000000', '--url', url], { cwd: fileIn(t) });
  assert.equal(code, 3, err);
  assert.match(out, /accepted, 0 duplicate, 1 rejected/);
  assert.equal(err.match(/The server is starting; waiting for it/g)?.length, 1, 'said once');
});

test('a refusal of the whole is reported at once', async (t) => {
  const url = await testServer(t, (_request, response) =>
    response.writeHead(401, { 'content-type': 'application/json' }).end('{"detail":"log in first"}'),
  );
  const { code, err } = await runInTest(['replay', 'a.csv', '--url', url], { cwd: fileIn(t) });
  assert.equal(code, 1);
  assert.match(err, /answered 401: log in first/);
});
