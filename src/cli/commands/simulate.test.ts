import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runInTest, testFolder, testServer } from '../test-run.ts';

const ARGS = ['simulate', '--minutes', '240', '--merchants', '3', '--from', '2026-11-18T12:00:00Z', '--form', 'minutes'];

test('a file and its ground truth, the same again for the same seed', async (t) => {
  const cwd = testFolder(t);
  const { code, out } = await runInTest([...ARGS, '--out', 'a.csv', '--truth', 'a.json'], { cwd });
  assert.equal(code, 0);
  assert.match(out, /rows, [12] incidents?/);
  await runInTest([...ARGS, '--out', 'b.csv'], { cwd });
  await runInTest([...ARGS, '--out', 'c.csv', '--seed', '2'], { cwd });
  const read = (name: string) => readFileSync(join(cwd, name), 'utf8');
  assert.equal(read('a.csv'), read('b.csv'));
  assert.notEqual(read('a.csv'), read('c.csv'));
  assert.match(read('a.csv'), /^id,timestamp,status,count,/);
  const truth = JSON.parse(read('a.json')) as { type: string; expected_detection: string }[];
  assert.equal(truth[0]?.type, 'total_outage');
  assert.equal(truth[0]?.expected_detection, 'yes');
});

test('--incidents none leaves the traffic alone', async (t) => {
  const cwd = testFolder(t);
  const { out } = await runInTest([...ARGS, '--out', 'a.csv', '--truth', 'a.json', '--incidents', 'none'], { cwd });
  assert.match(out, / 0 incidents/);
  assert.equal(readFileSync(join(cwd, 'a.json'), 'utf8').trim(), '[]');
});

test('what was chosen and does not fit is refused or named, with a length that it fits into', async (t) => {
  const cwd = testFolder(t);
  const chosen = (incidents: string, minutes: string) =>
    runInTest([...ARGS, '--out', 'a.csv', '--incidents', incidents, '--minutes', minutes], { cwd });
  const short = await chosen('total_outage', '68');
  assert.equal(short.code, 2);
  const needed = /total_outage: does not fit into 68 minutes\. Use --minutes (\d+) or more/.exec(short.err)?.[1] ?? '';
  assert.match((await chosen('total_outage', needed)).out, /rows, 1 incident$/m);
  assert.equal((await chosen('total_outage', String(Number(needed) - 1))).code, 2, 'no less');
  const some = await chosen('total_outage,slow_decay', needed);
  assert.equal(some.code, 0);
  const all = /Left out, for lack of time: slow_decay\. For all of them: --minutes (\d+)/.exec(some.err)?.[1] ?? '';
  assert.match((await chosen('total_outage,slow_decay', all)).out, /rows, 2 incidents$/m);
  const auto = await chosen('auto', '30');
  const soon = await runInTest([...ARGS, '--out', 'a.csv', '--incidents', 'total_outage', '--minutes', '60', '--every', '10'], { cwd });
  assert.match(soon.out, /rows, [1-9] incidents?$/m);
  assert.deepEqual([auto.code, /0 incidents/.test(auto.out), /No incident: 30 minutes are too few/.test(auto.err)], [0, true, true]);
});

test('to a server, every row with its id', async (t) => {
  const ids: string[] = [];
  const url = await testServer(t, (_request, response, body) => {
    const rows = body
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string });
    ids.push(...rows.map((row) => row.id));
    response
      .writeHead(202, { 'content-type': 'application/json' })
      .end(JSON.stringify({ accepted: rows.length, duplicate: 0, refused: 0, failed: 0, items: [] }));
  });
  const args = [
    'simulate',
    ...['--from', '2026-11-29T23:50:00Z', '--minutes', '5', '--speed', '100000'],
    ...['--merchants', '2', '--form', 'minutes', '--seed', '7', '--incidents', 'none'],
    ...['--url', url],
  ];
  const { code, out } = await runInTest(args, { cwd: testFolder(t) });
  assert.equal(code, 0);
  assert.match(out, new RegExp(`^${ids.length} rows`));
  // One of them arrives twice, as from an acquirer that repeats itself.
  assert.deepEqual([ids.length, new Set(ids).size, ids.every((id) => id.startsWith('sim-7-'))], [106, 105, true]);
});

test('a file that cannot be written is one sentence', async (t) => {
  const { code, err } = await runInTest([...ARGS, '--out', 'no/such/folder.csv'], { cwd: testFolder(t) });
  assert.equal(code, 1);
  assert.match(err, /no\/such\/folder\.csv cannot be written: no such file or directory/);
});
