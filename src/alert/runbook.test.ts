import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ANOMALY_TYPES } from '@transaction-guardian/contracts/anomaly-type.ts';
import { alertOf } from './alert-of.ts';
import { SELF_PROBLEMS, selfAlertName, selfRunbook } from './self-alert.ts';
import { alertFor, anomalyOf, TEST_OPTIONS } from './test-anomaly.ts';

const FOLDER = new URL('../../docs/runbooks/', import.meta.url);

function isWhole(runbook: string, name: string): void {
  const page = readFileSync(new URL(`${runbook}.md`, FOLDER), 'utf8');
  const [english = '', portuguese = ''] = page.split('\n## Em português\n');
  assert.ok(english.startsWith(`# ${name}\n`), `${runbook} is not about ${name}`);
  for (const part of ['**Meaning.**', '**Impact.**', '**Check**', '**Act**']) assert.ok(english.includes(part), `${runbook}: ${part}`);
  for (const part of ['**O que é.**', '**Impacto.**', '**Verifique**', '**Aja**'])
    assert.ok(portuguese.includes(part), `${runbook}: ${part}`);
}

test('every alert names a runbook that has a page about it, in English and Portuguese', () => {
  for (const type of ANOMALY_TYPES) {
    const { runbook, name, annotations } = alertFor(anomalyOf({ type }));
    assert.equal(annotations['runbook'], runbook);
    assert.equal(annotations['runbook_url'], `http://127.0.0.1:8001/runbooks/${runbook}`);
    const elsewhere = alertOf(anomalyOf({ type }), null, { ...TEST_OPTIONS, runbookUrl: 'https://wiki.example.com/pages/' });
    assert.equal(elsewhere.annotations['runbook_url'], `https://wiki.example.com/pages/${runbook}`);
    isWhole(String(runbook), name);
  }
  for (const problem of SELF_PROBLEMS) isWhole(selfRunbook(problem), selfAlertName(problem));
});

test('no page is left of a runbook that no alert names', () => {
  const named = ANOMALY_TYPES.map((type) => `${alertFor(anomalyOf({ type })).runbook}.md`);
  const own = SELF_PROBLEMS.map((problem) => `${selfRunbook(problem)}.md`);
  assert.deepEqual(readdirSync(FOLDER).toSorted(), [...named, ...own].toSorted());
});
