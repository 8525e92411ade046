import { expect, test } from 'vitest';
import { readZoneTime } from './zone-time.ts';

const iso = (text: string, zone: string, edge: 'start' | 'end' = 'start') => {
  const time = readZoneTime(text, zone, edge);
  return time === null ? null : `${new Date(time.at).toISOString()} ${time.clock}`;
};

test('a time is read by the clocks of the zone, in summer and in winter', () => {
  expect(iso('2026-11-29T22:00', 'America/Sao_Paulo')).toBe('2026-11-30T01:00:00.000Z once');
  expect(iso('2018-12-01T22:00', 'America/Sao_Paulo')).toBe('2018-12-02T00:00:00.000Z once');
  expect(iso('2026-07-01T12:00', 'Europe/Berlin')).toBe('2026-07-01T10:00:00.000Z once');
  expect(iso('2026-12-01T12:00', 'Europe/Berlin')).toBe('2026-12-01T11:00:00.000Z once');
  expect(iso('2026-12-01T12:00:30', 'Asia/Kathmandu')).toBe('2026-12-01T06:15:30.000Z once');
  expect(iso('2026-12-01T12:00', 'UTC')).toBe('2026-12-01T12:00:00.000Z once');
});

test('of the repeated hour a period begins with the first and ends with the second', () => {
  expect(iso('2026-10-25T02:30', 'Europe/Berlin', 'start')).toBe('2026-10-25T00:30:00.000Z repeated');
  expect(iso('2026-10-25T02:30', 'Europe/Berlin', 'end')).toBe('2026-10-25T01:30:00.000Z repeated');
  expect(iso('2026-10-25T03:00', 'Europe/Berlin', 'end')).toBe('2026-10-25T02:00:00.000Z once');
  expect(iso('2018-02-17T23:30', 'America/Sao_Paulo', 'end')).toBe('2018-02-18T02:30:00.000Z repeated');
});

test('a skipped time is the instant of the change', () => {
  expect(iso('2026-03-29T02:00', 'Europe/Berlin')).toBe('2026-03-29T01:00:00.000Z skipped');
  expect(iso('2026-03-29T02:59', 'Europe/Berlin', 'end')).toBe('2026-03-29T01:00:00.000Z skipped');
  expect(iso('2018-11-04T00:30', 'America/Sao_Paulo')).toBe('2018-11-04T03:00:00.000Z skipped');
  expect(iso('2026-10-04T02:15', 'Australia/Lord_Howe')).toBe('2026-10-03T15:30:00.000Z skipped');
});

test('what is no time is none', () => {
  expect(iso('', 'UTC')).toBeNull();
  expect(iso('2026-13-40T25:00', 'UTC')).toBeNull();
  expect(iso('2026-11-29', 'UTC')).toBeNull();
});
