import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Judgement } from '../read/judgement.ts';
import { createDetectorCheck } from './detector-watch.ts';

const UNTIL = Date.parse('2026-11-22T08:41:00Z');
const behind: Judgement = { state: 'behind', until: UNTIL, minutesBehind: 12, closedWaiting: 12 };

test('a detector that stays behind is a finding, and a critical one when it lasts', async () => {
  let now = UNTIL;
  let judgement = behind;
  let standsStill = false;
  const check = createDetectorCheck(
    async () => judgement,
    () => now,
    3,
    () => standsStill,
  );
  assert.equal(await check(), 'hold', 'a start with a backlog is no news');
  now += 60_000;
  const params = { until: new Date(UNTIL).toISOString(), minutes: 12 };
  assert.deepEqual(await check(), {
    since: UNTIL - 180_000,
    severity: 'warning',
    minutes: 12,
    limit: 3,
    reason: { code: 'detector_behind', params },
  });
  standsStill = true;
  assert.equal(await check(), 'hold', 'the alert that detection stands still says it already');
  standsStill = false;
  now += 11 * 60_000;
  const lasting = await check();
  assert.equal(typeof lasting === 'object' && lasting.severity, 'critical');
  judgement = { ...behind, state: 'catching_up' };
  assert.equal(await check(), 'hold', 'not over before all is judged');
  judgement = { ...behind, state: 'current' };
  assert.equal(await check(), 'clear');
  judgement = { ...behind, until: null };
  assert.equal(await check(), 'hold', 'counted anew');
  now += 60_000;
  const blind = await check();
  assert.equal(typeof blind === 'object' && blind.reason.code, 'detector_behind_all');
});
