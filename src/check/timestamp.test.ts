import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { instantAtArrival } from './arrival-pass.ts';
import { createWallClock } from './time-zone.ts';
import { parseTimestamp } from './timestamp.ts';

const firstPass = (timeZone: string) => {
  const wall = createWallClock(timeZone);
  return (localMs: number): number => localMs - wall(localMs).first;
};
const saoPaulo = firstPass('America/Sao_Paulo');
const newYork = firstPass('America/New_York');
const read = (text: string, local = saoPaulo): string | null => {
  const time = parseTimestamp(text, local);
  return Number.isNaN(time) ? null : new Date(time).toISOString();
};

test('every accepted writing means the same instant', () => {
  for (const text of [
    '2025-07-12T13:45:00Z',
    '2025-07-12T13:45Z',
    '2025-07-12T10:45:00-03:00',
    '2025-07-12T19:15:00+0530',
    '2025-07-12T10:45:00-03',
    '2025-07-12 10:45:00',
    '2025-07-12 10:45',
    '2025-07-12T13:45:00.000000000Z',
  ]) {
    assert.equal(read(text), '2025-07-12T13:45:00.000Z', text);
  }
  assert.equal(read('2025-07-12T13:45:00.1239Z'), '2025-07-12T13:45:00.123Z');
});

test('a text that is not an existing date and time is refused', () => {
  for (const text of [
    '2025-02-29T00:00:00Z',
    '2025-13-01T00:00:00Z',
    '2025-00-10T00:00:00Z',
    '2025-04-31T00:00:00Z',
    '2025-07-12T24:00:00Z',
    '2025-07-12T13:60:00Z',
    '2025-07-12T13:45:60Z',
    '2025-07-12T13:45:00.Z',
    '2025-07-12T13:45:00z',
    '2025-07-12T13:45:00+3:00',
    '2025-07-12T13:45:00Z ',
    '2025-07-12',
    '12/07/2025 13:45',
    '1752327900000',
    '2025-07-12T13:45:00+25:00',
    '2025-7-12T13:45:00Z',
    '',
    'now',
  ]) {
    assert.equal(read(text), null, text);
  }
});

test('agrees with the platform on every ISO instant', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date('1900-01-01'), max: new Date('2199-12-31'), noInvalidDate: true }), (date) => {
      assert.equal(parseTimestamp(date.toISOString(), saoPaulo), date.getTime());
    }),
  );
});

test('a wall-clock time follows the clock changes of its zone', () => {
  assert.equal(read('2026-03-08 01:59:00', newYork), '2026-03-08T06:59:00.000Z');
  assert.equal(read('2026-03-08 03:00:00', newYork), '2026-03-08T07:00:00.000Z');
  assert.equal(read('2026-03-08 02:30:00', newYork), null, 'the hour that the clocks skip');
  assert.equal(read('2026-11-01 02:30:00', newYork), '2026-11-01T07:30:00.000Z');
  assert.equal(read('2018-11-04 00:30:00'), null, 'Brazil still had summer time');
  assert.equal(read('2018-11-04 01:30:00'), '2018-11-04T03:30:00.000Z');
});

test('an unknown zone is refused at once', () => {
  assert.throws(() => createWallClock('Mars/Olympus'), RangeError);
});

test('a repeated local time is of the pass in which it arrives', () => {
  const wall = createWallClock('America/New_York');
  const local = Date.UTC(2026, 10, 1, 1, 30);
  const arrived = (hour: number, minute: number): string | null => {
    const instant = instantAtArrival(wall, local, Date.UTC(2026, 10, 1, hour, minute), 300_000);
    return Number.isNaN(instant) ? null : new Date(instant).toISOString().slice(11, 16);
  };
  assert.equal(arrived(5, 30), '05:30');
  assert.equal(arrived(6, 5), '05:30', 'half an hour late, not half an hour early');
  assert.equal(arrived(6, 27), '06:30', 'a clock of the sender that is some minutes ahead');
  assert.equal(arrived(6, 30), '06:30');
  assert.equal(arrived(8, 0), '06:30');
  assert.equal(arrived(18, 0), null, 'half a day later nobody can tell');
});

test('a day that does not exist is no time, and no zone is asked for it', () => {
  const never = (): number => assert.fail('asked');
  for (const text of ['2026-13-05 12:05', '2026-02-30T12:05:00', '2026-00-10 12:05'])
    assert.ok(Number.isNaN(parseTimestamp(text, never)), text);
});
