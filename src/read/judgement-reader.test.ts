import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRecordingBus } from '../ingest/test-bus.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { createJudgementReader } from './judgement-reader.ts';

const MINUTE_MS = 60_000;
const NOW = Date.parse('2026-11-22T03:00:30Z');
const settings = { liveWithinS: 600, lateS: 90, behindAfterMinutes: 5 };

test('a stream that comes again after an outage is live before its first minute is closed', async (t) => {
  const database = await openTestDatabase();
  t.after(() => database.close());
  const write = async (minutesAgo: number, state: string, isOpen: boolean, isBackfill = false): Promise<void> => {
    const minute = Math.floor(NOW / MINUTE_MS) * MINUTE_MS - minutesAgo * MINUTE_MS;
    const total = state === 'observed' ? 30 : 0;
    await database.query('insert into minute values ($1, $2, $3, 0, 0, $4, true, true, $5)', [
      ...[minute, state, total, isBackfill],
      isOpen ? null : minute + MINUTE_MS + 90_000,
    ]);
  };
  const clock = { now: () => NOW, monotonic: () => NOW };
  const reader = createJudgementReader({ database, clock, bus: createRecordingBus() }, settings);
  await write(8, 'observed', false);
  for (let ago = 7; ago >= 3; ago--) await write(ago, 'silent', false);
  assert.equal((await reader.time()).state, 'stalled');
  await write(2, 'silent', true);
  await write(1, 'observed', true, true);
  assert.equal((await reader.time()).state, 'stalled', 'history that is loaded meanwhile is not the stream');
  await write(0, 'observed', true);
  const { state, now } = await reader.time();
  assert.deepEqual([state, now], ['live', NOW]);
});
