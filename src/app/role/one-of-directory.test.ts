import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pino } from 'pino';
import { representDirectory } from './one-of-directory.ts';

const LOG = pino({ level: 'silent' });
const STILL_MS = 10_000;

function place(t: TestContext) {
  const root = mkdtempSync(join(tmpdir(), 'guardian-representative-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  let now = 0;
  const clock = { now: () => 1_790_000_000_000 + now, monotonic: () => now };
  return { root, begin: () => representDirectory(root, { clock, log: LOG }, STILL_MS), pass: (ms: number) => void (now += ms) };
}

test('one of several acts, and when it is gone the next one', (t) => {
  const { begin, pass } = place(t);
  const [first, second] = [begin(), begin()];
  for (let seconds = 0; seconds < 60; seconds += 1) {
    first.look();
    second.look();
    pass(1000);
    assert.deepEqual([first.isSelf(), second.isSelf()], [true, false]);
  }
  first.release();
  second.look();
  assert.equal(second.isSelf(), true);
  second.release();
});

test('the others act too where the one that should is frozen, until it lives again', (t) => {
  const { begin, pass } = place(t);
  const [frozen, other] = [begin(), begin()];
  frozen.look();
  other.look();
  pass(STILL_MS - 1);
  other.look();
  assert.equal(other.isSelf(), false);
  pass(1);
  other.look();
  assert.equal(other.isSelf(), true);
  frozen.look();
  other.look();
  assert.deepEqual([frozen.isSelf(), other.isSelf()], [true, false]);
  frozen.release();
  other.release();
});

test('where no lock can be had each of them acts', (t) => {
  const { root, begin } = place(t);
  mkdirSync(join(root, 'guardian.guard'));
  const both = [begin(), begin()];
  for (const one of both) one.look();
  assert.deepEqual(
    both.map((one) => one.isSelf()),
    [true, true],
  );
});
