import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runInTest, testFolder, testServer, type TestRun } from '../test-run.ts';

const time = (minute: number): string => new Date(Date.UTC(2026, 9, 5, 12, minute)).toISOString();
const minutes = Array.from({ length: 60 }, (_, minute) => minute);
const WIDE = `hora,Aprovada,Negada,obs\n${minutes.map((minute) => `${time(minute)},${180 + (minute % 7)},${minute === 30 ? '-7' : 7},x`).join('\n')}\n`;

const notes = ({ err }: TestRun): string[] => err.split('\n').filter((line) => /^(Read as|Lido como| {2}line| {2}linha)/.test(line));

test('every command reads a file in the same way, says so in the same words, and ends with 3 where a row was refused', async (t) => {
  const cwd = testFolder(t);
  writeFileSync(join(cwd, 'a.csv'), WIDE);
  const url = await testServer(t, (_request, response, body) => {
    const rows = body.trim().split('\n').length;
    const answer = { accepted: rows, duplicate: 0, refused: 0, failed: 0, items: [] };
    response.writeHead(202, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  const commands = [
    ['backtest', 'a.csv', '--out', 'o.csv'],
    ['analyze', 'a.csv'],
    ['replay', 'a.csv', '--speed', '1000000', '--url', url],
  ];
  for (const [locale, said] of [
    ['en', ['Read as: timestamp = hora, status = Aprovada + Negada. Ignored: obs.', '  line 32: Negada: must be at least 0']],
    ['pt-BR', ['Lido como: timestamp = hora, status = Aprovada + Negada. Ignoradas: obs.', '  linha 32: Negada: deve ser no mínimo 0']],
  ] as const) {
    for (const command of commands) {
      const run = await runInTest(command, { cwd, env: { GUARDIAN_LOCALE: locale } });
      assert.equal(run.code, 3, `${command[0]}: ${run.err}`);
      assert.deepEqual(notes(run), said, command[0]);
    }
  }
});

test('the answer of analyze as JSON carries what the file was read as', async (t) => {
  const cwd = testFolder(t);
  writeFileSync(join(cwd, 'a.csv'), WIDE);
  const { out } = await runInTest(['analyze', 'a.csv', '--json'], { cwd });
  const answer = JSON.parse(out) as Record<string, unknown>;
  assert.deepEqual(answer['read_as'], { timestamp: ['hora'], status: ['Aprovada', 'Negada'] });
  assert.deepEqual([answer['left_out'], answer['refused'], answer['incomplete_minutes']], [['obs'], 1, [time(30)]]);
  assert.equal(answer['minutes'], 59);
});

test('analyze judges several series of values, each by itself', async (t) => {
  const cwd = testFolder(t);
  const rows = Array.from({ length: 240 }, (_, minute) =>
    ['a', 'b']
      .map((host) => `${time(minute)},${host},${host === 'b' && minute > 200 && minute < 215 ? 900 : 100 + (minute % 5)}`)
      .join('\n'),
  );
  writeFileSync(join(cwd, 'a.csv'), `time,host,latency\n${rows.join('\n')}\n`);
  const { code, out, err } = await runInTest(['analyze', 'a.csv', '--json'], { cwd });
  assert.equal(code, 0, err);
  const { alert, series } = JSON.parse(out) as { alert: boolean; series: { name: string; anomalous: number; points: number }[] };
  assert.deepEqual(
    [alert, series.map(({ name, points }) => [name, points])],
    [
      true,
      [
        ['a', 240],
        ['b', 240],
      ],
    ],
  );
  assert.ok(series[0]?.anomalous === 0 && Number(series[1]?.anomalous) > 0);
});

test('of many wrong rows the first are listed and the others counted; a file of nothing else is an error', async (t) => {
  const cwd = testFolder(t);
  const url = await testServer(t, (_request, response) => response.writeHead(202, { 'content-type': 'application/json' }).end('{}'));
  writeFileSync(join(cwd, 'a.csv'), `timestamp,status,count\n${minutes.map((minute) => `${time(minute)},approved,`).join('\n')}\n`);
  for (const command of [
    ['backtest', 'a.csv', '--out', '-'],
    ['analyze', 'a.csv'],
    ['replay', 'a.csv', '--url', url],
  ]) {
    const run = await runInTest(command, { cwd });
    assert.equal(run.code, 1, run.err);
    assert.equal(run.out, '', 'standard output stays empty');
    assert.equal(notes(run).length, 21);
    assert.match(run.err, /^ {2}\.\.\. and 40 more rejected lines$/m);
    assert.match(run.err, /a\.csv: no row can be judged/);
  }
});
