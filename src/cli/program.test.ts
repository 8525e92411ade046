import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { runInTest, testFolder } from './test-run.ts';

const COMMANDS = [
  'up',
  'import',
  'replay',
  'simulate',
  'analyze',
  'backtest',
  'train',
  'status',
  'forecast',
  'link',
  'config',
  'doctor',
  'rebuild',
  'dead-letters',
];

describe('help', () => {
  for (const command of COMMANDS) {
    test(`${command} has a help text with an example that names it`, async (t) => {
      const { code, out } = await runInTest([command, '--help'], { cwd: testFolder(t) });
      assert.equal(code, 0);
      assert.match(out, new RegExp(`Example:\\n  \\$ .*guardian ${command}`));
    });
  }

  test('is in Portuguese unless English is asked for', async (t) => {
    const cwd = testFolder(t);
    assert.match((await runInTest(['--help'], { cwd, env: { GUARDIAN_LOCALE: '' } })).out, /Comandos:/);
    assert.match((await runInTest(['--help'], { cwd })).out, /Commands:/);
    assert.match((await runInTest(['--help', '--locale', 'pt-BR'], { cwd })).out, /Comandos:/);
  });
});

test('help as a word is the help of the program, or of a command', async (t) => {
  const cwd = testFolder(t);
  for (const [words, flag] of [
    [['help'], ['--help']],
    [
      ['help', 'status'],
      ['status', '--help'],
    ],
  ] as const)
    assert.deepEqual(await runInTest(words, { cwd }), await runInTest(flag, { cwd }));
});

test('without a subcommand the help of that command is shown, and of the program without a command', async (t) => {
  const cwd = testFolder(t);
  const ofConfig = await runInTest(['config'], { cwd });
  assert.equal(ofConfig.code, 2);
  assert.match(ofConfig.out, /guardian config .*[\s\S]*print/);
  const ofProgram = await runInTest([], { cwd });
  assert.equal(ofProgram.code, 2);
  for (const command of COMMANDS) assert.match(ofProgram.out, new RegExp(`^  ${command}\\b`, 'm'));
});

describe('a wrong command line is one sentence and exit code 2', () => {
  const rows: readonly [readonly string[], RegExp][] = [
    [['stats'], /Unknown command stats. Did you mean status\?/],
    [['import'], /Missing argument csv/],
    [['status', '--urll', 'x'], /no option --urll. Did you mean --url\?/],
    [['dead-letters', 'list', '--url', 'x'], /^dead-letters list has no option --url. Options: --limit, --json\.$/m],
    [['replay', 'a.csv', '--speed'], /--speed.* requires a value/],
    [['backtest', 'a.csv'], /Missing option .*--out/],
    [['status', 'now'], /Too many arguments/],
    [['simulate', '--out', 'x.csv', '--minutes', '-3'], /--minutes must be a positive number, not "-3"/],
    [['simulate', '--out', 'x.csv', '--incidents', 'flood'], /--incidents must be one of total_outage/],
    [['import', 'a.csv', '--mapping', 'status'], /--mapping must have the form field=column/],
    [['import', 'a.csv', '--mapping', 'count=a', '--mapping', 'count=b'], /--mapping names two columns for count/],
    [['import', 'a.csv', '--layout', 'xls'], /--layout must be one of auto/],
  ];
  for (const [args, sentence] of rows) {
    test(args.join(' '), async (t) => {
      const { code, out, err } = await runInTest(args, { cwd: testFolder(t) });
      assert.equal(code, 2);
      assert.equal(out, '');
      assert.match(err, sentence);
      assert.equal(err.trim().split('\n').length, 1);
    });
  }
});

describe('a failure is one sentence and exit code 1', () => {
  test('a file that is not there', async (t) => {
    const { code, err } = await runInTest(['backtest', 'nope.csv', '--out', 'x.csv'], { cwd: testFolder(t) });
    assert.equal(code, 1);
    assert.match(err.trim(), /^nope\.csv cannot be read: no such file or directory$/m);
  });

  test('the stack is shown with --debug only', async (t) => {
    const cwd = testFolder(t);
    const args = ['backtest', 'nope.csv', '--out', 'x.csv'];
    assert.doesNotMatch((await runInTest(args, { cwd })).err, /\n\s+at /);
    assert.match((await runInTest([...args, '--debug'], { cwd })).err, /\n\s+at /);
  });

  test('every problem of the configuration is listed', async (t) => {
    const { code, err } = await runInTest(['config', 'print', '--http.port', 'x', '--set', 'nope=1'], {
      cwd: testFolder(t),
      env: { GUARDIAN_TIME_ZONE: 'Mars' },
    });
    assert.equal(code, 1);
    assert.match(err, /3 problems/);
    assert.match(err, /http\.port must be a number, not "x" \(--http\.port\)/);
    assert.match(err, /time_zone must be an IANA time zone.*\(GUARDIAN_TIME_ZONE\)/);
    assert.match(err, /nope is not a setting/);
  });
});

describe('in Portuguese', () => {
  const env = { GUARDIAN_LOCALE: 'pt-BR' };

  test('a cell of a file to test on that cannot be read', async (t) => {
    const cwd = testFolder(t);
    writeFileSync(join(cwd, 'a.csv'), 'timestamp,status,count\n2025-01-01 00:00:00,foo,1\n');
    const { code, err } = await runInTest(['backtest', 'a.csv', '--out', 'x.csv'], { cwd, env });
    assert.equal(code, 1);
    assert.match(err, /linha 2: status: "foo" não é um status conhecido; .*approved, /);
  });

  test('help has no English words of its own', async (t) => {
    const cwd = testFolder(t);
    const { out } = await runInTest(['import', '--help'], { cwd, env });
    assert.match(out, /guardian import \[opções\] <csv\.\.\.>/);
    assert.match(out, /\(padrão: "auto"\)/);
    assert.doesNotMatch((await runInTest(['--help'], { cwd, env })).out, /\[options\]|\[command\]|default:/);
  });

  const settings: readonly [readonly string[], string][] = [
    [['--http.port', 'x'], 'http.port deve ser um número, não "x" (--http.port)'],
    [['--http.port', '1.5'], 'http.port deve ser um número inteiro, não 1.5 (--http.port)'],
    [['--http.port', '99999'], 'http.port deve ser <= 65535, não 99999 (--http.port)'],
    [['--log.level', 'loud'], 'log.level deve ser um destes: '],
    [['--time-zone', 'Mars'], 'time_zone deve ser um fuso horário da IANA, como America/Sao_Paulo, não "Mars" (--time_zone)'],
    [['--set', 'htp.port=1'], 'htp.port não é uma configuração; seria http.port? (--htp.port)'],
    [['--alert.receivers', '[{name: a}]'], 'alert.receivers [0]: precisa de url'],
    [['--alert.receivers', '[{name: a, url: "http://x:22"}]'], '[0].url: usa a porta 22, à qual clientes HTTP se recusam a conectar'],
    [['--alert.receivers', '[{name: a, url: "http://u:p@x", token: t}]'], '[0]: tem um token e também credenciais na url'],
    [['--config', 'nope.yaml'], '(file) não pode ser lido: ENOENT'],
  ];
  for (const [args, sentence] of settings) {
    test(`a problem of the configuration: ${args.join(' ')}`, async (t) => {
      const { err } = await runInTest(['config', 'print', ...args], { cwd: testFolder(t), env });
      assert.match(err, /^A configuração tem 1 problema:$/m);
      assert.ok(err.includes(sentence), err);
    });
  }

  const headers: readonly [string, RegExp][] = [
    ['a,status,count', /falta uma coluna \(timestamp, time, .*\) em a,status,count/m],
    ['timestamp,a,count', /falta uma coluna \(status, auth_code\) em timestamp,a,count/m],
    ['timestamp,status,Status', /duas colunas se chamam "status"/m],
  ];
  for (const [header, sentence] of headers) {
    test(`a CSV that is not known: ${header}`, async (t) => {
      const cwd = testFolder(t);
      writeFileSync(join(cwd, 'a.csv'), `${header}\n1,2,3\n`);
      const { code, err } = await runInTest(['import', 'a.csv'], { cwd, env });
      assert.equal(code, 1);
      assert.match(err, sentence);
    });
  }
});

describe('config print', () => {
  const yaml = 'http: { port: 9001 }\nalert:\n  receivers:\n    - { name: chat, url: "http://x/hook", token: s3cret }\n';

  test('shows value and origin of everything, hides secrets, and can be read back', async (t) => {
    const cwd = testFolder(t);
    writeFileSync(join(cwd, 'guardian.yaml'), yaml);
    const { code, out } = await runInTest(['config', 'print', '--window.late_s', '30'], { cwd, env: { GUARDIAN_LOG_LEVEL: 'warn' } });
    assert.equal(code, 0);
    assert.match(out, /^ {2}port: 9001 {2}# guardian\.yaml$/m);
    assert.match(out, /^ {2}late_s: 30 {2}# --window\.late_s$/m);
    assert.match(out, /^ {2}level: warn {2}# GUARDIAN_LOG_LEVEL$/m);
    assert.match(out, /^ {2}host: 127\.0\.0\.1 {2}# default$/m);
    assert.doesNotMatch(out, /s3cret/);
    const back = parse(out) as { http: { port: number }; alert: { receivers: { token: string }[] } };
    assert.equal(back.http.port, 9001);
    assert.equal(back.alert.receivers[0]?.token, '********');
  });

  test('shows of the address of a receiver its origin only', async (t) => {
    const cwd = testFolder(t);
    const url = 'https://ana:pw-1@hooks.example.com:8443/T0/path-2?key=q-3#f-4';
    writeFileSync(join(cwd, 'guardian.yaml'), `alert: { receivers: [{ name: chat, url: "${url}" }] }\n`);
    for (const args of [
      ['config', 'print'],
      ['config', 'print', '--json'],
    ]) {
      const { code, out, err } = await runInTest(args, { cwd });
      assert.equal(code, 0);
      assert.match(out, /https:\/\/hooks\.example\.com:8443\/\*{8}/);
      assert.doesNotMatch(out + err, /\bana\b|pw-1|path-2|q-3|f-4/);
    }
  });

  test('--json has the same', async (t) => {
    const cwd = testFolder(t);
    writeFileSync(join(cwd, 'guardian.yaml'), yaml);
    const { out } = await runInTest(['config', 'print', '--json'], { cwd });
    const all = JSON.parse(out) as Record<string, { value: unknown; source: string; name: string }>;
    assert.deepEqual(all['http.port'], { value: 9001, source: 'file', name: 'guardian.yaml' });
    assert.doesNotMatch(out, /s3cret/);
  });
});
