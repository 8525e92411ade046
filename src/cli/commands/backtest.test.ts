import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runInTest, testFolder } from '../test-run.ts';

test("what cannot be read is told by line, column and rule in the reader's language, and leaves an older result alone", async (t) => {
  const cwd = testFolder(t);
  writeFileSync(join(cwd, 'out.csv'), 'older');
  for (const [content, said] of [
    [
      'timestamp,value\n2025-07-12 13:45:00,abc\n',
      'linha 2, coluna "value": esperado um número com ponto decimal, ou nada onde falta; veio "abc"',
    ],
    ['a,b\n1,2\n', 'falta uma coluna (timestamp, time, datetime, date, ts) em a,b'],
    ['', 'o arquivo está vazio'],
    ['time,value\n"\u001b[2J`,1\n', 'não é um texto CSV'],
  ] as const) {
    writeFileSync(join(cwd, 'data.csv'), content);
    const { code, err } = await runInTest(['backtest', 'data.csv', '--out', 'out.csv'], { cwd, env: { GUARDIAN_LOCALE: 'pt-BR' } });
    assert.equal(code, 1, content);
    assert.ok(err.includes(said), err);
    assert.ok(!err.includes('\u001b'), 'no control character of the file reaches the terminal');
    assert.equal(readFileSync(join(cwd, 'out.csv'), 'utf8'), 'older');
  }
});
