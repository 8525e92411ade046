import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { createLocalSlots, SLOTS } from './local-time.ts';
import { createProfile, learnSlot } from '../expect/profile.ts';
import { MINUTE_MS } from '../../clock.ts';

const DAY_MINUTES = 1440;
const ZONES = [
  ...['America/Sao_Paulo', 'America/New_York', 'Europe/Lisbon', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Chatham'],
  ...['America/St_Johns', 'Africa/Casablanca', 'America/Santiago', 'UTC'],
];

/** What the wall clock shows, by `Intl`: date, minute of the day, day of the week. */
function wallClock(timeZone: string) {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, hourCycle: 'h23', dateStyle: 'short', timeStyle: 'short' });
  const weekday = new Intl.DateTimeFormat('en-US', { timeZone, weekday: 'short' });
  return (timeMs: number) => {
    const [date = '', time = ''] = format.format(timeMs).split(', ');
    const [hour = '0', minute = '0'] = time.split(':');
    return { date, minute: Number(hour) * 60 + Number(minute), weekday: weekday.format(timeMs) };
  };
}

/** Starts of the days (24 h, from an hour before) in which the offset of a zone changes. */
function changesOf(timeZone: string, fromMs: number, days: number): number[] {
  const wall = wallClock(timeZone);
  const offset = (timeMs: number): number => (wall(timeMs).minute - timeMs / MINUTE_MS) % DAY_MINUTES;
  const starts = Array.from({ length: days }, (_, day) => fromMs + day * DAY_MINUTES * MINUTE_MS);
  const isChange = (start: number): boolean => (offset(start + DAY_MINUTES * MINUTE_MS) - offset(start)) % DAY_MINUTES !== 0;
  return starts.filter(isChange).map((start) => start - 60 * MINUTE_MS);
}

/** How often each slot comes in the minutes of one local day, and how many minutes the day has. */
function slotsOfDay(timeZone: string, fromMs: number, minutes: number) {
  const localSlot = createLocalSlots(timeZone, []);
  const { day } = localSlot(fromMs);
  const visits = new Map<number, number>();
  let length = 0;
  for (let n = 0; n < minutes; n++) {
    const where = localSlot(fromMs + n * MINUTE_MS);
    if (where.day !== day) continue;
    length++;
    visits.set(where.slot, (visits.get(where.slot) ?? 0) + 1);
  }
  return { visits, length };
}

suite('local time of the daily curve', () => {
  test('slot, day and type of day are those of the wall clock, in any zone, at any minute of fifty years', () => {
    const zones = ZONES.map((zone) => ({ zone, localSlot: createLocalSlots(zone, []), wall: wallClock(zone) }));
    const minutes = fc.integer({ min: Date.UTC(2000, 0, 1) / MINUTE_MS, max: Date.UTC(2050, 0, 1) / MINUTE_MS });
    fc.assert(
      fc.property(fc.constantFrom(...zones), minutes, ({ zone, localSlot, wall }, minute) => {
        const where = localSlot(minute * MINUTE_MS);
        const shown = wall(minute * MINUTE_MS);
        assert.equal(where.slot, Math.floor(shown.minute / 5), zone);
        assert.equal(new Date(where.day * 86_400_000).toISOString().slice(0, 10), shown.date, zone);
        assert.equal(where.dayType, shown.weekday === 'Sat' || shown.weekday === 'Sun' ? 1 : 0, zone);
        assert.equal(Math.round(where.fraction * 5), shown.minute % 5, zone);
      }),
      { numRuns: 2000 },
    );
  });

  test('so it is in every minute around every change of the clocks of three years', () => {
    for (const zone of ZONES) {
      const localSlot = createLocalSlots(zone, []);
      const wall = wallClock(zone);
      const changes = changesOf(zone, Date.UTC(2004, 0, 1), 3 * 366);
      for (const from of changes) {
        for (let timeMs = from; timeMs < from + 26 * 60 * MINUTE_MS; timeMs += MINUTE_MS) {
          const { slot, fraction } = localSlot(timeMs);
          assert.equal(slot * 5 + Math.round(fraction * 5), wall(timeMs).minute, `${zone} ${new Date(timeMs).toISOString()}`);
        }
      }
    }
  });

  test('the day on which the clocks go forward has 23 hours and skips the slots of one', () => {
    const { visits, length } = slotsOfDay('America/New_York', Date.UTC(2026, 2, 8, 5), 2 * DAY_MINUTES);
    assert.equal(length, 23 * 60);
    for (let slot = 0; slot < SLOTS; slot++) assert.equal(visits.get(slot) ?? 0, slot >= 24 && slot < 36 ? 0 : 5, String(slot));
  });

  test('the day on which they go back has 25 hours and goes through the slots of one twice', () => {
    const { visits, length } = slotsOfDay('America/New_York', Date.UTC(2026, 10, 1, 4), 2 * DAY_MINUTES);
    assert.equal(length, 25 * 60);
    for (let slot = 0; slot < SLOTS; slot++) assert.equal(visits.get(slot) ?? 0, slot >= 12 && slot < 24 ? 10 : 5, String(slot));
  });

  test('a repeated hour counts as one visit of its slots: its minutes add up, and what is kept fades once', () => {
    const localSlot = createLocalSlots('America/New_York', []);
    const learnt = (fromMs: number): { counts: number; minutes: number } => {
      const profile = createProfile();
      for (let n = 0; n < 2 * DAY_MINUTES; n++) learnSlot(profile, localSlot(fromMs + n * MINUTE_MS), 7);
      const cell = SLOTS + 15;
      return { counts: profile.counts[cell] ?? 0, minutes: profile.minutes[cell] ?? 0 };
    };
    const plain = learnt(Date.UTC(2026, 9, 25, 4));
    assert.deepEqual(plain, { counts: 35, minutes: 5 });
    assert.deepEqual(learnt(Date.UTC(2026, 10, 1, 4)), { counts: 70, minutes: 10 });
  });

  test('a holiday lasts its local day, on a day of 25 hours too', () => {
    const localSlot = createLocalSlots('America/New_York', ['2026-11-01']);
    const types = Array.from({ length: 27 * 60 }, (_, n) => localSlot(Date.UTC(2026, 10, 1, 3) + n * MINUTE_MS).dayType);
    assert.deepEqual(types, [...Array<number>(60).fill(1), ...Array<number>(25 * 60).fill(2), ...Array<number>(60).fill(0)]);
  });
});
