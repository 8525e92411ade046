import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { detailOf } from '@transaction-guardian/contracts/text/part-text.ts';
import { pino } from 'pino';
import type { Clock } from '../clock.ts';
import { createDataHealth, lossNotes, toLoss } from './data-losses.ts';

const START = Date.parse('2026-11-22T03:00:00Z');
const log = pino({ level: 'silent' });

function createSite(t: TestContext) {
  const root = mkdtempSync(join(tmpdir(), 'guardian-losses-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  let now = START;
  const clock: Clock = { now: () => now, monotonic: () => now };
  return { root, health: createDataHealth(root, clock), note: lossNotes(root, { clock, log }), pass: (ms: number) => void (now += ms) };
}

test('what happened is shown for 24 hours, also by the next run of the program, and then no more', (t) => {
  const { health, note, pass } = createSite(t);
  assert.deepEqual(health(), { status: 'ok' });
  note({ part: 'database', why: 'damaged', aside: '/data/database.corrupt' });
  pass(23 * 3_600_000);
  note({ part: 'log', topic: 'guardian.dead-letters', why: 'replaced', again: 0, lost: 4 });
  const { status, losses = [] } = health();
  assert.equal(status, 'degraded');
  assert.deepEqual(losses.length, 2);
  assert.equal(
    detailOf({ losses }),
    '2026-11-22T03:00:00.000Z the database could not be opened and was rebuilt from the log, the damaged file is quarantined in /data/database.corrupt; ' +
      '2026-11-23T02:00:00.000Z guardian.dead-letters: the file was missing or replaced, at least 4 records lost',
  );
  pass(2 * 3_600_000);
  assert.deepEqual(
    health().losses?.map(({ topic }) => topic),
    ['guardian.dead-letters'],
  );
  pass(23 * 3_600_000);
  assert.deepEqual(health(), { status: 'ok' });
});

test('a file that was quarantined, and what the database then finds of its topic, are one event', (t) => {
  const { health, note } = createSite(t);
  for (let time = 0; time < 2; time += 1) {
    note(toLoss({ topic: 'guardian.windows', reason: 'malformed', aside: `/aside-${time}` }));
    note({ part: 'log', topic: 'guardian.windows', why: 'replaced', again: 3, lost: 0 });
  }
  const at = new Date(START).toISOString();
  const event = { at, part: 'log', topic: 'guardian.windows', why: 'damaged', again: 3, lost: 0 };
  assert.deepEqual(health().losses, [
    { ...event, aside: '/aside-0' },
    { ...event, aside: '/aside-1' },
  ]);
});

test('a file of events that is damaged, or cannot be written, stops nothing', (t) => {
  const { root, health, note } = createSite(t);
  writeFileSync(join(root, 'losses.json'), '[{"at":"never"},');
  assert.deepEqual(health(), { status: 'ok' });
  rmSync(root, { recursive: true });
  note({ part: 'database', why: 'rebuilt' });
});

test('what another process notes is seen at the next look', (t) => {
  const { root, health, note } = createSite(t);
  assert.deepEqual(health(), { status: 'ok' });
  for (const lost of [1, 2, 3]) {
    note({ part: 'log', topic: 'guardian.dead-letters', why: 'damaged', lost });
    assert.equal(health().losses?.at(-1)?.lost, lost);
  }
  rmSync(join(root, 'losses.json'));
  assert.deepEqual(health(), { status: 'ok' });
});
