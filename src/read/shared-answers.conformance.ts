import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../test-until.ts';
import type { SharedAnswers } from './shared-answers.ts';

/** What every engine keeps to. `open`: two processes of one installation without answers. */
export function sharedAnswersConformance(name: string, open: () => Promise<readonly [SharedAnswers, SharedAnswers]>): void {
  test(`${name}: an answer of one process is the other's for its time`, async () => {
    const [one, other] = await open();
    assert.equal(await other.get('q'), null);
    await one.put('q', '{"é":1}', 60_000);
    await one.put('short', 'x', 50);
    assert.equal(await other.get('q'), '{"é":1}');
    await until(async () => (await other.get('short')) === null);
    await other.put('q', '2', 60_000);
    assert.equal(await one.get('q'), '2');
  });
}
