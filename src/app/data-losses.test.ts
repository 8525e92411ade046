import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pino } from 'pino';
import type { Clock } from '../clock.ts';
import { dataHealth, lossNotes, toLoss } from './data-losses.ts';

const START = Date.parse('2026-11-22T03:00:00Z');
const log = pino({ level: 'silent' });

function createSite(t: TestContext) {
  const root = mkdtempSync(join(tmpdir(), 'guardian-losses-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  let now = START;
  const clock: Clock = { now: () => now, monotonic: () => now };
  return { root, clock, note: lossNotes(root, { clock, log }), pass: (ms: number) => void (now += ms) };
}

test('what happened is shown for 24 hours, also by the next run of the program, and then no more', (t) => {
  const { root, clock, note, pass } = createSite(t);
  assert.deepEqual(dataHealth(root, clock), { status: 'ok' });
  note({ part: 'database', why: 'damaged', aside: '/data/database.corrupt' });
  pass(23 * 3_600_000);
  note({ part: 'log', topic: 'guardian.dead-letters', why: 'replaced', again: 0, lost: 4 });
  const { status, detail, losses } = dataHealth(root, clock);
  assert.equal(status, 'degraded');
  assert.deepEqual(losses?.length, 2);
  assert.equal(
    detail,
    '2026-11-22T03:00:00.000Z the database could not be opened and was rebuilt from the log, the damaged file is quarantined in /data/database.corrupt; ' +
      '2026-11-23T02:00:00.000Z guardian.dead-letters: the file was missing or replaced, at least 4 records lost',
  );
  pass(2 * 3_600_000);
  assert.deepEqual(
    dataHealth(root, clock).losses?.map(({ topic }) => topic),
    ['guardian.dead-letters'],
  );
  pass(23 * 3_600_000);
  assert.deepEqual(dataHealth(root, clock), { status: 'ok' });
});

test('a file that was quarantined, and what the database then finds of its topic, are one event', (t) => {
  const { root, clock, note } = createSite(t);
  for (let time = 0; time < 2; time += 1) {
    note(toLoss({ topic: 'guardian.windows', reason: 'malformed', aside: `/aside-${time}` }));
    note({ part: 'log', topic: 'guardian.windows', why: 'replaced', again: 3, lost: 0 });
  }
  const at = new Date(START).toISOString();
  const event = { at, part: 'log', topic: 'guardian.windows', why: 'damaged', again: 3, lost: 0 };
  assert.deepEqual(dataHealth(root, clock).losses, [
    { ...event, aside: '/aside-0' },
    { ...event, aside: '/aside-1' },
  ]);
});

test('a file of events that is damaged, or cannot be written, stops nothing', (t) => {
  const { root, clock, note } = createSite(t);
  writeFileSync(join(root, 'losses.json'), '[{"at":"never"},');
  assert.deepEqual(dataHealth(root, clock), { status: 'ok' });
  rmSync(root, { recursive: true });
  note({ part: 'database', why: 'rebuilt' });
});
