import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTestServer } from './server-under-test.ts';
import { test } from 'node:test';
import { ptBr } from '@transaction-guardian/contracts/text/pt-br.ts';
import { LOCALES } from '@transaction-guardian/contracts/text/text.ts';
import { ERROR_CODES } from '../errors.ts';
import { createProblem } from './problem.ts';

const UNFILLED = /[{}]/;

test('no problem shows a template, even without its parameters', () => {
  for (const locale of LOCALES) {
    for (const code of ERROR_CODES) {
      for (const wording of [undefined, 'batch', 'empty', 'encoding', 'host', 'link', 'list', 'origin']) {
        const { title, detail } = createProblem(code, locale, wording === undefined ? {} : { wording });
        assert.ok(detail.length > 3 && title.length > 3, code);
        assert.doesNotMatch(`${title} ${detail}`, UNFILLED, `${code} ${wording}`);
      }
    }
  }
});

test('the number of problems is that of the listed errors', () => {
  const errors = [{ field: 'a', rule: 'required', message: 'is required' }];
  assert.match(createProblem('INGEST_INVALID', 'en', { errors }).detail, /^1 invalid value;/);
});

test('whoever names a problem in the code gives the parameters that its text needs', async () => {
  const directory = import.meta.dirname;
  const files = (await readdir(directory, { recursive: true })).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  let calls = 0;
  for (const file of files) {
    const source = await readFile(join(directory, file), 'utf8');
    for (const [call, code = ''] of source.matchAll(/(?:problemError|createProblem)\(\s*'([A-Z_]+)'[\s\S]*?\);/g)) {
      const wording = /wording: '([a-z]+)'/.exec(call)?.[1];
      const template = (ptBr as Readonly<Record<string, string>>)[`problem.detail.${code}${wording === undefined ? '' : `.${wording}`}`];
      assert.ok(template !== undefined, call);
      calls++;
      for (const [, name = ''] of template.matchAll(/\{([a-z_]+)/g)) {
        const isGiven = call.includes(`${name}:`) || call.includes(`params`) || (name === 'count' && call.includes('errors'));
        assert.ok(isGiven, `${file}: ${name} is missing in ${call}`);
      }
    }
  }
  assert.ok(calls > 10);
});

test('a card number in the path does not come back', async () => {
  const { app } = await createTestServer();
  const answer = await app.inject({ url: '/transaction/4111111111111111' });
  assert.equal(answer.statusCode, 404);
  assert.doesNotMatch(answer.body, /4111111111111111/);
});
