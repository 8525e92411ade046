import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createLocalSlots } from '../series/local-time.ts';
import { createProfile, learnSlot, profileChange, type SeasonalProfile } from './profile.ts';
import { MINUTE_MS } from '../../clock.ts';

const DAY_MINUTES = 1440;
/** A Monday, midnight in Sao Paulo. */
const MONDAY = Date.UTC(2026, 7, 24, 3);
const INDEPENDENCE = MONDAY + 14 * DAY_MINUTES * MINUTE_MS;
const localSlot = createLocalSlots('America/Sao_Paulo', ['2026-09-07', '2026-09-14']);

/** Transactions in a minute: workdays triple from 8:00 on, weekends at 11:00 only, holidays at 14:00. */
function rateAt(timeMs: number): number {
  const { slot, dayType } = localSlot(timeMs);
  return slot < ([8, 11, 14][dayType] ?? 0) * 12 ? 100 : 300;
}

function learn(profile: SeasonalProfile, days: number): SeasonalProfile {
  for (let n = 0; n < days * DAY_MINUTES; n++) learnSlot(profile, localSlot(MONDAY + n * MINUTE_MS), rateAt(MONDAY + n * MINUTE_MS));
  return profile;
}

/** What is expected of the hour around `hour` of the day that begins at `dayMs`. */
const around = (profile: SeasonalProfile, dayMs: number, hour: number) =>
  profileChange(profile, localSlot(dayMs + (hour * 60 - 30) * MINUTE_MS), localSlot(dayMs + (hour * 60 + 30) * MINUTE_MS));

suite('curve of holidays', () => {
  test('the first holiday wakes up like a weekend, with doubt, and no slow fall is believed on it', () => {
    const profile = learn(createProfile(), 14);
    assert.ok(around(profile, INDEPENDENCE - 7 * DAY_MINUTES * MINUTE_MS, 8).change > 1);
    const morning = around(profile, INDEPENDENCE, 8);
    assert.ok(Math.abs(morning.change) < 0.1, String(morning.change));
    const noon = around(profile, INDEPENDENCE, 11);
    assert.ok(noon.change > 1);
    assert.ok(noon.trust > 0.4 && noon.trust <= 0.5, String(noon.trust));
    assert.equal(noon.known, 0);
  });

  test('the next one wakes up as that one did', () => {
    const profile = learn(createProfile(), 21);
    const next = INDEPENDENCE + 7 * DAY_MINUTES * MINUTE_MS;
    assert.ok(Math.abs(around(profile, next, 8).change) < 0.1);
    assert.ok(Math.abs(around(profile, next, 11).change) < 0.1);
    const afternoon = around(profile, next, 14);
    assert.ok(afternoon.change > 1 && afternoon.known > 0.8, JSON.stringify(afternoon));
  });

  test('into a first holiday and out of it, the curves of a weekend are compared', () => {
    const profile = learn(createProfile(), 14);
    for (const midnight of [INDEPENDENCE, INDEPENDENCE + DAY_MINUTES * MINUTE_MS]) {
      const { change, trust } = around(profile, midnight, 0);
      assert.ok(trust <= 0.5 && Number.isFinite(change), JSON.stringify({ change, trust }));
    }
  });
});
