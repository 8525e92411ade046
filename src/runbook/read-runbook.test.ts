import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { readFolders } from './catalogue.ts';
import { readRunbook } from './read-runbook.ts';
import { runbookSentence } from './runbook-problem.ts';
import { runbookText } from './test-runbooks.ts';

const said = (text: string, name = 'x'): readonly string[] =>
  readRunbook(`${name}.yaml`, text).problems.map((problem) => runbookSentence('en', problem));
const step = (lines: string): string => `  - name: { pt-BR: a, en: b }\n${lines}`;

test('every shipped runbook is right, each variant too', () => {
  const folders = ['runbooks', 'runbooks/compose', 'runbooks/kubernetes'].map(
    (folder) => new URL(`../../${folder}`, import.meta.url).pathname,
  );
  const files = readFolders(folders);
  assert.deepEqual(
    files.flatMap(({ problems }) => problems.map((problem) => runbookSentence('en', problem))),
    [],
  );
  const shipped = new Set(readdirSync(folders[0] ?? ''));
  assert.ok(['restart-api.yaml', 'clear-cache.yaml', 'scale-workers.yaml'].every((name) => shipped.has(name)));
});

for (const { what, text, want } of [
  {
    what: 'a field that is mistyped',
    text: runbookText('x', step('    sql: select 1\n    timeuot: 5s')),
    want: /^x\.yaml:10: steps\[0\]\.timeuot is not a field here; did you mean timeout\?$/,
  },
  {
    what: 'a duration that is none',
    text: runbookText('x', step('    sql: select 1\n    timeout: 5 minutes')),
    want: /^x\.yaml:10: steps\[0\]\.timeout must be a duration/,
  },
  {
    what: 'a timeout of months',
    text: runbookText('x', step('    sql: select 1\n    timeout: 700h')),
    want: /^x\.yaml:10: steps\[0\]\.timeout must be at most 24h$/,
  },
  {
    what: 'a missing text',
    text: runbookText('x', '  - name: { en: b }\n    sql: select 1'),
    want: /^x\.yaml:8: steps\[0\]\.name needs pt-BR$/,
  },
  {
    what: 'a step that does two things',
    text: runbookText('x', step('    sql: select 1\n    action: drain')),
    want: /^x\.yaml:8: steps\[0\] must have exactly one of command, http/,
  },
  { what: 'a step that does nothing', text: runbookText('x', step('    timeout: 5s')), want: /steps\[0\] must have exactly one of/ },
  {
    what: 'a card number in an argument',
    text: runbookText('x', step('    command: [refund, "4111 1111 1111 1111"]')),
    want: /^x\.yaml:9: steps\[0\]\.command\[1\] must not hold a card number$/,
  },
  {
    what: 'a card number as a value of a statement',
    text: runbookText('x', step('    sql: select $1\n    args: [4111111111111111]')),
    want: /^x\.yaml:10: steps\[0\]\.args\[0\] must not hold a card number$/,
  },
  {
    what: 'a card number as a field that is not known, masked',
    text: runbookText('x', step('    sql: select 1\n    "4111111111111111": x')),
    want: /^x\.yaml:10: steps\[0\]\.\*{12}1111 is not a field here/,
  },
  {
    what: 'a command as one text',
    text: runbookText('x', step('    command: rm -rf /')),
    want: /x\.yaml:9: steps\[0\]\.command must be a list$/,
  },
  {
    what: 'a placeholder that nothing fills',
    text: runbookText('x', step('    command: [echo, "{{merchant}}"]')),
    want: /x\.yaml:9: steps\[0\]\.command names merchant, which is neither/,
  },
  {
    what: 'a program from a parameter',
    text: runbookText('x', step('    command: ["{{run_id}}"]')),
    want: /steps\[0\]\.command\[0\] must name a program/,
  },
  {
    what: 'a secret in a header',
    text: runbookText('x', step('    http: { url: "http://a", headers: { Authorization: Bearer abc } }')),
    want: /x\.yaml:9: steps\[0\]\.http\.headers\.Authorization looks like a secret/,
  },
  {
    what: 'a secret in the environment',
    text: runbookText('x', step('    command: [a]\n    env: { API_TOKEN: abc }')),
    want: /x\.yaml:10: steps\[0\]\.env\.API_TOKEN looks like a secret/,
  },
  {
    what: 'a secret from two places',
    text: runbookText('x', step('    command: [a]\n    env: { API_TOKEN: { env: A, file: b } }')),
    want: /API_TOKEN must be a text, or a secret by exactly one/,
  },
  {
    what: 'a password in an address',
    text: runbookText('x', step('    http: { url: "http://a:b@c" }')),
    want: /http\.url looks like a secret/,
  },
  {
    what: 'a host from a parameter',
    text: runbookText('x', step('    http: { url: "http://{{run_id}}/x" }')),
    want: /http\.url must not take the host from a parameter/,
  },
  { what: 'a write in SQL', text: runbookText('x', step('    sql: delete from audit')), want: /steps\[0\]\.sql must read/ },
  {
    what: 'a value spliced into SQL',
    text: runbookText('x', step('    sql: "select {{run_id}}"')),
    want: /steps\[0\]\.sql takes no placeholder/,
  },
  {
    what: 'an action that is mistyped',
    text: runbookText('x', step('    action: clear-cache')),
    want: /steps\[0\]\.action is not an action; did you mean clear-caches\?/,
  },
  {
    what: 'an action without its argument',
    text: runbookText('x', step('    action: scale-workers')),
    want: /steps\[0\]\.action needs the argument workers/,
  },
  { what: 'a name that is not that of the file', text: runbookText('y', step('    sql: select 1')), want: /^x\.yaml:2: name must be x/ },
  {
    what: 'a role that is none',
    text: runbookText('x', step('    sql: select 1')).replace('[operator]', '[root]'),
    want: /x\.yaml:5: roles\[0\] must be one of operator/,
  },
  {
    what: 'a string without a pattern',
    text: runbookText(
      'x',
      step('    sql: select 1'),
      'confirm: none\nparameters:\n  - { name: a, type: string, description: { pt-BR: a, en: b } }',
    ),
    want: /x\.yaml:8: parameters\[0\] of the type string needs pattern/,
  },
  {
    what: 'a default that breaks its own rule',
    text: runbookText(
      'x',
      step('    sql: select 1'),
      'confirm: none\nparameters:\n  - { name: a, type: integer, minimum: 1, maximum: 3, default: 9, description: { pt-BR: a, en: b } }',
    ),
    want: /parameters\[0\]\.default does not follow/,
  },
  {
    what: 'auto with a confirmation',
    text: runbookText('x', step('    sql: select 1'), 'confirm: self\nauto: { alerts: [no_data], per_day: 1 }'),
    want: /x\.yaml:7: auto needs `confirm: none`/,
  },
  {
    what: 'a check that changes something',
    text: runbookText('x', step('    wait_until: { check: { action: clear-caches } }')),
    want: /check\.action must only look/,
  },
  { what: 'a repeated key', text: `${runbookText('x', step('    sql: select 1'))}\nname: x\n`, want: /not valid YAML/ },
  { what: 'a text that is no YAML', text: 'name: [', want: /^x\.yaml:1: is not valid YAML/ },
  { what: 'an empty file', text: '', want: /must be a section/ },
])
  test(`${what} is named with its line, field and rule`, () => {
    const all = said(text);
    assert.ok(
      all.some((one) => want.test(one)),
      all.join('\n') || 'no problem',
    );
  });

test('a problem is said in Portuguese too', () => {
  const [problem] = readRunbook('x.yaml', runbookText('x', step('    sql: select 1\n    timeout: 5 min'))).problems;
  assert.ok(problem !== undefined);
  assert.equal(runbookSentence('pt-BR', problem), 'x.yaml:10: steps[0].timeout deve ser uma duração como 500ms, 30s, 5m ou 2h');
});
