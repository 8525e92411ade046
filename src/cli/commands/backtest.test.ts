import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { runInTest, testFolder } from '../test-run.ts';

test("what cannot be read is reported by line, column and rule in the reader's language, and leaves an older result alone", async (t) => {
  const cwd = testFolder(t);
  writeFileSync(join(cwd, 'out.csv'), 'older');
  for (const [content, said] of [
    ['timestamp,value\n2025-07-12 13:45:00,abc\n', 'linha 2: value: deve ser um número com o separador decimal da coluna; recebido "abc"'],
    ['timestamp,status,count\n2025-07-12 13:45:00,Sucess,3\n', 'linha 2: status: "Sucess" não é um status conhecido; seria success?'],
    ['a,b\n1,2\n', 'falta uma coluna (timestamp, time, datetime, date, ts) em a,b'],
    ['', 'falta a linha de cabeçalho'],
    ['time,value\n"\u001b[2J`,1\n', 'linha 2: (body): um campo entre aspas não foi fechado'],
    ['2025-07-12 13:45:00,denied,3\n', 'falta o cabeçalho: a primeira linha já tem dados (2025-07-12 13:45:00,denied,3)'],
    ['time,cpu,mem\n2025-07-12,1,2\n', 'há várias colunas de números (cpu, mem)'],
    ['PK\u0003\u0004', 'Não foi possível ler data.csv: arquivo zip ou Excel; salve a planilha como CSV'],
    ['\u0000\u0001\u0002\u0003', 'não é um arquivo de texto'],
  ] as const) {
    writeFileSync(join(cwd, 'data.csv'), content);
    const { code, err } = await runInTest(['backtest', 'data.csv', '--out', 'out.csv'], { cwd, env: { GUARDIAN_LOCALE: 'pt-BR' } });
    assert.equal(code, 1, content);
    assert.ok(err.includes(said), err);
    assert.ok(!err.includes('\u001b'), 'no control character of the file reaches the terminal');
    assert.equal(readFileSync(join(cwd, 'out.csv'), 'utf8'), 'older');
  }
});

test('a file is read whatever its encoding, also packed, and is never written over', async (t) => {
  const cwd = testFolder(t);
  const text = 'Data;Situação;Quantidade\n12/07/2025 12:00;denied;3\n';
  const big = Buffer.from(text, 'utf16le').swap16();
  for (const bytes of [
    Buffer.from(text),
    Buffer.from(text, 'latin1'),
    Buffer.from(`\ufeff${text}`, 'utf16le'),
    Buffer.concat([Buffer.from([0xfe, 0xff]), big]),
    gzipSync(text),
  ]) {
    writeFileSync(join(cwd, 'data.csv'), bytes);
    const { code, err } = await runInTest(['backtest', 'data.csv', '--out', 'out.csv'], { cwd });
    assert.equal(code, 0, err);
    assert.match(readFileSync(join(cwd, 'out.csv'), 'utf8'), /^timestamp,.*\n2025-07-12 12:00:00,0,.*,denied,,,,\n$/);
    const same = await runInTest(['backtest', 'data.csv', '--out', './data.csv'], { cwd });
    assert.equal(same.code, 1);
    assert.deepEqual(readFileSync(join(cwd, 'data.csv')), bytes);
  }
  for (const [args, said] of [
    [['missing.csv', '--out', 'out.csv'], 'missing.csv cannot be read: no such file or directory'],
    [['.', '--out', 'out.csv'], '. cannot be read: is a directory'],
    [['data.csv', '--out', '.'], '. cannot be written: is a directory'],
  ] as const)
    assert.ok((await runInTest(['backtest', ...args], { cwd })).err.includes(said), said);
  const broken = gzipSync(text).subarray(0, 30);
  writeFileSync(join(cwd, 'data.csv'), broken);
  assert.equal((await runInTest(['backtest', 'data.csv', '--out', 'out.csv'], { cwd })).code, 1);
});

test('says which columns were taken for what, and which were left out', async (t) => {
  const cwd = testFolder(t);
  writeFileSync(join(cwd, 'a.csv'), 'payment_id,payment_date,amount,status\np-1,2026-10-05T12:00:00Z,9.90,Success\n');
  const { code, err } = await runInTest(['backtest', 'a.csv', '--out', 'o.csv'], { cwd, env: { GUARDIAN_LOCALE: 'en' } });
  assert.equal(code, 0, err);
  assert.match(err, /^Read as: timestamp = payment_date, status = status, amount = amount\. Ignored: payment_id\.$/m);
});
