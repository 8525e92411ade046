import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundariesIn, shiftEnd, type DailyShift } from './shift.ts';

const NIGHT = { name: 'night', start: '00:00', end: '08:00' };
const LATE = { name: 'late', start: '16:00', end: '00:00' };
const at = (text: string): number => Date.parse(text);
const hours = (from: number, to: number): number => (to - from) / 3_600_000;

test('a shift starts and ends by the clocks of its zone', () => {
  const found = boundariesIn([NIGHT], 'America/Sao_Paulo', at('2026-11-22T02:00:00Z'), at('2026-11-23T03:00:00Z'));
  assert.deepEqual(
    found.map(({ id, at: when }) => [id, new Date(when).toISOString()]),
    [
      ['night-2026-11-22-start', '2026-11-22T03:00:00.000Z'],
      ['night-2026-11-22-end', '2026-11-22T11:00:00.000Z'],
      ['night-2026-11-23-start', '2026-11-23T03:00:00.000Z'],
    ],
  );
  assert.deepEqual(
    found.map(({ from, to }) => hours(from, to)),
    [8, 8, 8],
  );
});

test('a shift over midnight ends on the next day, and the moment belongs to one look only', () => {
  const midnight = at('2026-11-23T03:00:00Z');
  const ids = (after: number, until: number) => boundariesIn([LATE], 'America/Sao_Paulo', after, until).map(({ id }) => id);
  assert.deepEqual(ids(midnight - 1, midnight), ['late-2026-11-22-end']);
  assert.deepEqual(ids(midnight, midnight + 1), []);
});

test('a shift in which clocks change is as long as it is', () => {
  // New York, 8 March 2026: 02:00 to 03:00 does not exist; 1 November 2026: 01:00 to 02:00 comes twice.
  const of = (day: string) =>
    boundariesIn([NIGHT], 'America/New_York', at(`${day}T09:00:00Z`), at(`${day}T20:00:00Z`)).find(({ kind }) => kind === 'end');
  const spring = of('2026-03-08');
  const autumn = of('2026-11-01');
  assert.equal(hours(spring?.from ?? 0, spring?.to ?? 0), 7);
  assert.equal(hours(autumn?.from ?? 0, autumn?.to ?? 0), 9);
});

test('a start that clocks skip is the end of the gap, once', () => {
  const shift = { name: 'gap', start: '02:30', end: '06:00' };
  const found = boundariesIn([shift], 'America/New_York', at('2026-03-08T05:00:00Z'), at('2026-03-08T09:30:00Z'));
  assert.deepEqual(
    found.map(({ id, at: when }) => [id, new Date(when).toISOString()]),
    [['gap-2026-03-08-start', '2026-03-08T07:00:00.000Z']],
  );
});

test('the end of the shift that is under way, of several the first; between shifts the begin of the next', () => {
  const end = (shifts: readonly DailyShift[], time: string): string | null => {
    const found = shiftEnd(shifts, 'America/Sao_Paulo', at(`2026-11-28T${time}:00-03:00`));
    return found === null ? null : new Date(found - 3 * 3_600_000).toISOString().slice(5, 16);
  };
  assert.equal(end([NIGHT], '03:12'), '11-28T08:00');
  assert.equal(end([NIGHT], '08:00'), '11-29T00:00', 'over: the next one takes over');
  assert.equal(end([NIGHT, LATE], '17:00'), '11-29T00:00');
  assert.equal(end([NIGHT, LATE], '12:00'), '11-28T16:00');
  assert.equal(end([{ ...NIGHT, end: '00:00' }], '23:59'), '11-29T00:00', 'a shift of a whole day');
  assert.equal(end([], '03:12'), null);
});
