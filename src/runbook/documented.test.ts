import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ACTION_NAMES } from './action-table.ts';
import { GIVEN } from './placeholder.ts';
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

test('the example of the page is right', () => {
  const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(PAGE) ?? [];
  assert.deepEqual(readRunbook('flush-gateway.yaml', example).problems, []);
});
