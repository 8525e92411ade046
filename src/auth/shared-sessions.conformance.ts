import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SharedSessions } from './shared-sessions.ts';

/** What every engine keeps to. `open`: two processes of one installation that know nothing yet. */
export function sharedSessionsConformance(name: string, open: () => Promise<readonly [SharedSessions, SharedSessions]>): void {
  const soon = (): number => Date.now() + 60_000;

  test(`${name}: a link is used once, by whichever process`, async () => {
    const [one, other] = await open();
    const answers = await Promise.all([one.useLink('n', soon()), other.useLink('n', soon()), one.useLink('n', soon())]);
    assert.equal(answers.filter(Boolean).length, 1);
    assert.equal(await other.useLink('m', soon()), true);
  });

  test(`${name}: a session that one process ends has ended for the other, until its cookie is out of date`, async () => {
    const [one, other] = await open();
    assert.deepEqual(await other.listEnded(), new Map());
    const at = soon();
    await one.end('a', at);
    await one.end('old', Date.now() - 1);
    await one.end('a', at);
    assert.deepEqual(await other.listEnded(), new Map([['a', at]]));
  });
}
