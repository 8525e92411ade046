import assert from 'node:assert/strict';
import { test } from 'node:test';

interface Ended {
  readonly code: number;
  readonly wanted: boolean;
  readonly isEnding: boolean;
}
type RunWithRestarts = (
  run: () => Promise<Ended>,
  times?: { readonly now: () => number; readonly pause: (ms: number) => Promise<void> },
) => Promise<number>;

const file = new URL('../scripts/bootstrap/restart.mjs', import.meta.url).href;
const { runWithRestarts } = (await import(file)) as { readonly runWithRestarts: RunWithRestarts };

/** Plays these ends, each after so many milliseconds; gives the exit code, the starts and the pauses. */
async function play(ends: readonly (Ended & { readonly afterMs: number })[]): Promise<{ code: number; starts: number; pauses: number[] }> {
  let now = 0;
  let starts = 0;
  const pauses: number[] = [];
  const run = async (): Promise<Ended> => {
    const end = ends[starts++];
    assert.ok(end !== undefined, 'started once too often');
    now += end.afterMs;
    return end;
  };
  const code = await runWithRestarts(run, { now: () => now, pause: async (ms) => void pauses.push(ms) });
  return { code, starts, pauses };
}
const end = (code: number, changes: Partial<Ended & { afterMs: number }> = {}) => ({
  code,
  wanted: false,
  isEnding: false,
  afterMs: 60_000,
  ...changes,
});

test('a program that ends is not started again, whatever its code', async () => {
  for (const code of [0, 1, 137]) assert.deepEqual(await play([end(code)]), { code, starts: 1, pauses: [] });
});

test('one that has asked for it is started again, however it ended', async () => {
  for (const code of [0, 1, 137]) assert.deepEqual(await play([end(code, { wanted: true }), end(0)]), { code: 0, starts: 2, pauses: [] });
});

test('a restart that fails at once is tried three more times, with pauses', async () => {
  const failed = end(1, { afterMs: 500 });
  assert.deepEqual(await play([end(0, { wanted: true }), failed, failed, failed, failed]), {
    code: 1,
    starts: 5,
    pauses: [1000, 2000, 5000],
  });
  assert.deepEqual(await play([end(0, { wanted: true }), failed, end(0)]), { code: 0, starts: 3, pauses: [1000] });
});

test('one that ends long after its restart, or because somebody wants it, is not started again', async () => {
  assert.equal((await play([end(0, { wanted: true }), end(1)])).starts, 2);
  assert.equal((await play([end(0, { wanted: true }), end(143, { afterMs: 100, isEnding: true })])).starts, 2);
});
