import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { isTextKey, text } from '@transaction-guardian/contracts/text/text.ts';
import { ERROR_CODES, GuardianError } from '../errors.ts';
import { errorText } from './error-text.ts';
import { runInTest, testFolder } from './test-run.ts';

const words = (locale: 'pt-BR' | 'en') => ({
  locale,
  say: ((key: string, params = {}) => text(locale, `cli.${key}` as Parameters<typeof text>[1], params)) as Parameters<
    typeof errorText
  >[0]['say'],
});

/** Said by the command line itself, in the language of the reader. */
const SAID: ReadonlySet<string> = new Set(['USAGE', 'CLI_FILE', 'CLI_SERVER_REFUSED', 'CLI_SERVER_UNREACHABLE']);

test('no error of ours is told to a Portuguese reader in English alone', () => {
  for (const code of ERROR_CODES.filter((one) => !SAID.has(one))) {
    const message = 'something is not there';
    assert.notEqual(errorText(words('pt-BR'), new GuardianError(code, message)), message, code);
    assert.notEqual(errorText(words('pt-BR'), new GuardianError(code, message, { rule: 'no_such_rule' })), message, code);
  }
  assert.equal(errorText(words('pt-BR'), new TypeError('x is not a function')), 'Erro inesperado: x is not a function');
  assert.equal(errorText(words('en'), new TypeError('x is not a function')), 'x is not a function');
  assert.equal(errorText(words('en'), new GuardianError('STORE_REFUSED', 'It refused.')), 'It refused.');
});

test('what has a rule is told whole in the language of the reader', () => {
  const pending = new GuardianError('STORE_MIGRATION', 'The database lacks 2', {
    rule: 'schema_pending',
    params: { n: 2, first: '0002-a.sql' },
  });
  assert.equal(
    errorText(words('pt-BR'), pending),
    'Faltam 2 migrações ao banco de dados (a partir de 0002-a.sql), e store.migrate é manual: rode `guardian migrate up` e inicie de novo.',
  );
});

test('every rule of the catalogue is one that some error carries', async () => {
  const root = join(import.meta.dirname, '..');
  const sources: string[] = [];
  for await (const file of glob('**/*.ts', { cwd: root }))
    if (!file.endsWith('.test.ts')) sources.push(readFileSync(join(root, file), 'utf8'));
  const catalogue = readFileSync(join(root, '../contracts/text/cli-failure-pt-br.ts'), 'utf8');
  const rules = [...catalogue.matchAll(/'cli\.failure\.([a-z_]+)'/g)].map((match) => match[1] ?? '');
  for (const rule of rules.filter((one) => one !== 'unexpected')) {
    assert.ok(isTextKey(`cli.failure.${rule}`));
    assert.ok(
      sources.some((source) => source.includes(`rule: '${rule}'`)),
      rule,
    );
  }
});

test('a Portuguese terminal reads in Portuguese that a model is no model', async (t) => {
  const cwd = testFolder(t);
  const { code, err } = await runInTest(['up', '--set', 'detect.model=none.json', '--set', 'http.port=0', '--locale', 'pt-BR'], { cwd });
  assert.equal(code, 1);
  assert.match(err, /O modelo .*none\.json \(detect\.model\) não pode ser usado/);
});
