import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { pluginPtBr } from '../contracts/text/plugin-pt-br.ts';
import { ptBr } from '../contracts/text/pt-br.ts';

const ROOT = new URL('..', import.meta.url).pathname;

/** Everything that may ask for a text, tests and the catalogue itself left out. */
function sources(): string {
  const files = globSync(
    [
      'src/**/*.ts',
      'plugin/src/**/*.ts',
      'web/src/**/*.{ts,tsx}',
      'contracts/*.ts',
      'contracts/text/{delivery-text,many-alerts,matcher-words,part-text,render-text,text}.ts',
    ],
    { cwd: ROOT },
  );
  return files
    .filter((file) => !/\.test\.tsx?$/.test(file))
    .map((file) => readFileSync(`${ROOT}/${file}`, 'utf8'))
    .join('\n');
}

/** The keys that nothing asks for: a key is asked for as it is (`cli.` is left out there), or as a family, `reason.${code}`, whose
 *  member the code names, whole or in parts (`${place}_${other}`). */
function unusedOf(keys: readonly string[], source: string): string[] {
  const literals = new Set([...source.matchAll(/['"]([\w.]+)['"]/g)].map(([, literal]) => literal));
  const words = new Set([...source.matchAll(/['"]([\w.-]+)['"]|\b(\w+)(?=: )/g)].map(([, literal, name]) => literal ?? name));
  const families = [...source.matchAll(/`(\w+\.(?:[\w.]|\$\{[^`{}]+\})*)`/g)]
    .map(([, template = '']) => template.replaceAll('.', '\\.').replaceAll(/(?:\$\{[^`{}]+\})+/g, '([\\w.-]+)'))
    .filter((pattern) => pattern.includes('(') && pattern !== 'cli\\.([\\w.]+)')
    .map((pattern) => new RegExp(`^${pattern}$`));
  const isNamed = (member: string): boolean =>
    words.has(member) || member.split('.').every((part) => words.has(part) || part.split('_').every((word) => words.has(word)));
  const isMember = (key: string): boolean =>
    families.some((family) => {
      const members = family.exec(key)?.slice(1) ?? [];
      return members.length > 0 && members.every(isNamed);
    });
  return keys.filter((key) => {
    const short = key.replace(/^cli\./, '');
    return !literals.has(key) && !literals.has(short) && !isMember(key) && !isMember(short);
  });
}

test('every text is used somewhere', () => {
  assert.deepEqual(unusedOf(Object.keys({ ...ptBr, ...pluginPtBr }), sources()), []);
});

test('a text that nothing asks for is found, also in a family', () => {
  const source = "say('csv.column'); text(`reason.${code}`); const reason = { code: 'below' };";
  const keys = ['cli.csv.column', 'cli.csv.twice', 'reason.below', 'reason.beyond'];
  assert.deepEqual(unusedOf(keys, source), ['cli.csv.twice', 'reason.beyond']);
});
