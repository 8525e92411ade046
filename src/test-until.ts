import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

/** Most that anything may take: a machine that is busy with other work is many times as slow. */
const PATIENCE_MS = 300_000;
const LOOK_MS = 5;

/** Waits for a condition that another part of the program brings about. `what`: names it where it never comes. */
export async function until(condition: () => boolean | Promise<boolean>, what = 'the condition'): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) assert.fail(`waited in vain for: ${what}`);
    await delay(LOOK_MS);
  }
}
