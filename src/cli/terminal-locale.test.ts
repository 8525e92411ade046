import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runInTest, testFolder } from './test-run.ts';

test('the command line speaks the language of the terminal, unless one is set', async (t) => {
  const cwd = testFolder(t);
  const helpOf = async (env: Record<string, string>, locale?: string): Promise<string> => {
    writeFileSync(join(cwd, 'guardian.yaml'), locale === undefined ? '{}\n' : `locale: ${locale}\n`);
    return (await runInTest(['status', '--help'], { cwd, env: { GUARDIAN_LOCALE: '', ...env } })).out;
  };
  const english = await helpOf({ GUARDIAN_LOCALE: 'en' });
  const portuguese = await helpOf({ GUARDIAN_LOCALE: 'pt-BR' });
  assert.notEqual(english, portuguese);
  assert.equal(await helpOf({}), portuguese);
  assert.equal(await helpOf({ LANG: 'en_US.UTF-8' }), english);
  assert.equal(await helpOf({ LANG: 'de_DE.UTF-8' }), english);
  assert.equal(await helpOf({ LANG: 'en_US.UTF-8', LC_ALL: 'pt_BR.UTF-8' }), portuguese);
  assert.equal(await helpOf({ LANG: 'C.UTF-8' }), portuguese);
  assert.equal(await helpOf({ LANG: 'pt_BR.UTF-8' }, 'en'), english, 'what is set counts');
  assert.equal(await helpOf({ LANG: 'en_US.UTF-8' }, 'pt-BR'), portuguese);
});
