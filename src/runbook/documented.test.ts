import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ACTION_NAMES } from './action-table.ts';
import { GIVEN } from './placeholder.ts';
import { checkParameters } from './parameters.ts';
import { readRunbook } from './read-runbook.ts';
import { RunbookSchema } from './runbook-schema.ts';

const PAGE = readFileSync(new URL('../../docs/run-runbooks.md', import.meta.url), 'utf8');

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
}

function* fieldsOf(node: Node | undefined): Generator<string> {
  for (const [name, child] of Object.entries(node?.properties ?? {})) {
    yield name;
    yield* fieldsOf(child);
  }
  if (node?.items !== undefined) yield* fieldsOf(node.items);
}

test('the page of runbooks names every field, action and given value', () => {
  const words = [...fieldsOf(RunbookSchema as Node), ...ACTION_NAMES, ...GIVEN.map((name) => `{{${name}}}`)];
  assert.deepEqual(
    [...new Set(words)].filter((word) => !PAGE.includes(`\`${word}\``) && !['env', 'file', 'directory', 'check'].includes(word)),
    [],
  );
});

test('a merchant of any name can be silenced', () => {
  const { runbook } = readRunbook(
    'silence-merchant.yaml',
    readFileSync(new URL('../../runbooks/silence-merchant.yaml', import.meta.url), 'utf8'),
  );
  const breaches = (merchant: string) => checkParameters(runbook?.content.parameters ?? [], { merchant }).breaches.map(({ rule }) => rule);
  for (const merchant of ['m-1', 'Padaria Lua', 'Bar "do Zé"', 'מאפייה', '<b>*x*</b>']) assert.deepEqual(breaches(merchant), [], merchant);
  assert.deepEqual([breaches(' m'), breaches('a\u202eb'), breaches('4111111111111111')], [['pattern'], ['characters'], ['card_number']]);
});

test('the example of the page is right', () => {
  const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(PAGE) ?? [];
  assert.deepEqual(readRunbook('flush-gateway.yaml', example).problems, []);
});
