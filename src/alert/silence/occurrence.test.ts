import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Schedule } from '../../store/verbs/maintenance/maintenance-windows.ts';
import { nextOccurrence } from './occurrence.ts';

type Weekly = Extract<Schedule, { weekly: unknown }>['weekly'];

const weekly = (changes: Partial<Weekly>): Schedule => ({
  weekly: { days: ['sun'], start: '02:00', end: '04:00', time_zone: 'America/New_York', ...changes },
});
const next = (schedule: Schedule, at: string): readonly string[] | null => {
  const found = nextOccurrence(schedule, Date.parse(at));
  return found === null ? null : [new Date(found.startsAt).toISOString(), new Date(found.endsAt).toISOString()];
};

test('a weekly window comes by the clocks of its zone', () => {
  assert.deepEqual(next(weekly({}), '2026-11-24T12:00:00Z'), ['2026-11-29T07:00:00.000Z', '2026-11-29T09:00:00.000Z']);
  assert.deepEqual(next(weekly({ time_zone: 'America/Sao_Paulo' }), '2026-11-24T12:00:00Z'), [
    '2026-11-29T05:00:00.000Z',
    '2026-11-29T07:00:00.000Z',
  ]);
});

test('one that is under way is the next one, until it ends', () => {
  assert.equal(next(weekly({}), '2026-11-29T08:00:00Z')?.[0], '2026-11-29T07:00:00.000Z');
  assert.equal(next(weekly({}), '2026-11-29T09:00:00Z')?.[0], '2026-12-06T07:00:00.000Z');
});

test('a window over midnight belongs to the day on which it begins', () => {
  const night = weekly({ days: ['mon'], start: '23:00', end: '01:00', time_zone: 'UTC' });
  assert.deepEqual(next(night, '2026-11-24T00:30:00Z'), ['2026-11-23T23:00:00.000Z', '2026-11-24T01:00:00.000Z']);
  assert.equal(next(night, '2026-11-24T01:00:00Z')?.[0], '2026-11-30T23:00:00.000Z');
});

test('where the clocks skip the start, it begins with the gap over', () => {
  // 8 March 2026, New York: 02:00 becomes 03:00.
  assert.deepEqual(next(weekly({}), '2026-03-08T00:00:00Z'), ['2026-03-08T07:00:00.000Z', '2026-03-08T08:00:00.000Z']);
  assert.deepEqual(next(weekly({ start: '02:30' }), '2026-03-08T00:00:00Z'), ['2026-03-08T07:00:00.000Z', '2026-03-08T08:00:00.000Z']);
});

test('a window that the clocks skip whole comes the week after', () => {
  assert.equal(next(weekly({ start: '02:15', end: '02:45' }), '2026-03-08T00:00:00Z')?.[0], '2026-03-15T06:15:00.000Z');
});

test('where the clocks repeat a time, the first one counts', () => {
  // 1 November 2026, New York: 02:00 becomes 01:00.
  assert.deepEqual(next(weekly({ start: '01:15', end: '02:30' }), '2026-11-01T00:00:00Z'), [
    '2026-11-01T05:15:00.000Z',
    '2026-11-01T07:30:00.000Z',
  ]);
});

test('first and last day bound the beginnings', () => {
  assert.equal(next(weekly({ from: '2026-12-07' }), '2026-11-24T12:00:00Z')?.[0], '2026-12-13T07:00:00.000Z');
  assert.equal(next(weekly({ until: '2026-11-28' }), '2026-11-24T12:00:00Z'), null);
  const year = weekly({ from: '2027-06-01' });
  assert.equal(next(year, '2026-11-24T12:00:00Z')?.[0], '2027-06-06T06:00:00.000Z');
});

test('29 February is a day like others', () => {
  assert.equal(next(weekly({ days: ['tue'], time_zone: 'UTC' }), '2028-02-28T12:00:00Z')?.[0], '2028-02-29T02:00:00.000Z');
});

test('a window that comes once comes once', () => {
  const once: Schedule = { once: { starts_at: '2026-11-29T02:00:00Z', ends_at: '2026-11-29T04:00:00Z' } };
  assert.equal(next(once, '2026-11-29T03:00:00Z')?.[0], '2026-11-29T02:00:00.000Z');
  assert.equal(next(once, '2026-11-29T04:00:00Z'), null);
});
