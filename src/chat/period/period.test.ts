import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findPeriod, readDuration } from './read-period.ts';
import type { Period } from './period.ts';
import { createPeriodResolver } from './resolve-period.ts';
import { plainOf } from '../grammar/words.ts';

const ZONE = 'America/Sao_Paulo';
/** Saturday 28 November 2026, 03:12 in São Paulo. */
const NOW = Date.parse('2026-11-28T06:12:00Z');

const said = (line: string, now = NOW, zone = ZONE): string => {
  const found = findPeriod(plainOf(line));
  assert.ok(found !== null, line);
  assert.equal(found.rest, '', `${line}: left over`);
  const { from, to } = createPeriodResolver(zone).resolve(found.period, now);
  const local = (at: number) => new Date(at).toLocaleString('sv-SE', { timeZone: zone }).slice(0, 16);
  return `${local(from)} ${local(to)}`;
};

test('periods as people say them, at 03:12 of a Saturday', () => {
  const examples: Readonly<Record<string, string>> = {
    'última hora': '2026-11-28 02:12 2026-11-28 03:12',
    'nas últimas 2 horas': '2026-11-28 01:12 2026-11-28 03:12',
    'últimas 24h': '2026-11-27 03:12 2026-11-28 03:12',
    '90 min': '2026-11-28 01:42 2026-11-28 03:12',
    'last two hours': '2026-11-28 01:12 2026-11-28 03:12',
    hoje: '2026-11-28 00:00 2026-11-28 03:12',
    'de ontem': '2026-11-27 00:00 2026-11-28 00:00',
    anteontem: '2026-11-26 00:00 2026-11-27 00:00',
    'desde 22h': '2026-11-27 22:00 2026-11-28 03:12',
    'desde as 2h30': '2026-11-28 02:30 2026-11-28 03:12',
    'since 10pm': '2026-11-27 22:00 2026-11-28 03:12',
    'desde ontem às 22h': '2026-11-27 22:00 2026-11-28 03:12',
    'desde ontem': '2026-11-27 00:00 2026-11-28 03:12',
    'since yesterday': '2026-11-27 00:00 2026-11-28 03:12',
    'desde sexta': '2026-11-27 00:00 2026-11-28 03:12',
    'desde 26/11': '2026-11-26 00:00 2026-11-28 03:12',
    'de ontem pra hoje': '2026-11-27 00:00 2026-11-28 03:12',
    'de 22h às 2h': '2026-11-27 22:00 2026-11-28 02:00',
    'ontem das 22h às 2h': '2026-11-27 22:00 2026-11-28 02:00',
    'última meia hora': '2026-11-28 02:42 2026-11-28 03:12',
    'última hora e meia': '2026-11-28 01:42 2026-11-28 03:12',
    'antes de ontem': '2026-11-26 00:00 2026-11-27 00:00',
    'dia 28': '2026-11-28 00:00 2026-11-28 03:12',
    'dia 31': '2026-10-31 00:00 2026-11-01 00:00',
    'sábado passado': '2026-11-21 00:00 2026-11-22 00:00',
    'segunda passada': '2026-11-23 00:00 2026-11-24 00:00',
    'entre 14h e 16h': '2026-11-27 14:00 2026-11-27 16:00',
    'entre 1h e 2h': '2026-11-28 01:00 2026-11-28 02:00',
    'entre 22h e 2h': '2026-11-27 22:00 2026-11-28 02:00',
    'between 2pm and 4pm yesterday': '2026-11-27 14:00 2026-11-27 16:00',
    'between 2 and 4pm': '2026-11-27 14:00 2026-11-27 16:00',
    '14h-16h': '2026-11-27 14:00 2026-11-27 16:00',
    'esta madrugada': '2026-11-28 00:00 2026-11-28 03:12',
    'ontem de madrugada': '2026-11-27 00:00 2026-11-27 06:00',
    'ontem à noite': '2026-11-27 18:00 2026-11-28 03:12',
    'last night': '2026-11-27 18:00 2026-11-28 03:12',
    'esta noite': '2026-11-27 18:00 2026-11-28 03:12',
    'hoje de manhã': '2026-11-27 06:00 2026-11-27 12:00',
    'esta semana': '2026-11-23 00:00 2026-11-28 03:12',
    'semana passada': '2026-11-16 00:00 2026-11-23 00:00',
    'na sexta-feira': '2026-11-27 00:00 2026-11-28 00:00',
    'dia 25/12': '2025-12-25 00:00 2025-12-26 00:00',
    '3 de novembro': '2026-11-03 00:00 2026-11-04 00:00',
    'às 22h': '2026-11-27 22:00 2026-11-27 23:00',
  };
  const got = Object.fromEntries(Object.keys(examples).map((line) => [line, said(line)]));
  assert.deepEqual(got, examples);
});

test('the last night is the one before when it is over', () => {
  const noon = Date.parse('2026-11-28T15:00:00Z');
  assert.equal(said('last night', noon), '2026-11-27 18:00 2026-11-28 06:00');
  assert.equal(said('esta madrugada', noon), '2026-11-28 00:00 2026-11-28 06:00');
});

test('an hour that the clocks skip begins with the change; one that they repeat is whole', () => {
  // New York: 8 March 2026 02:00 -> 03:00, 1 November 2026 02:00 -> 01:00.
  const zone = 'America/New_York';
  const spring = createPeriodResolver(zone).resolve({ kind: 'between', from: 150, to: 240, back: 0 }, Date.parse('2026-03-08T20:00:00Z'));
  assert.deepEqual(
    [spring.from, spring.to].map((at) => new Date(at).toISOString()),
    ['2026-03-08T07:00:00.000Z', '2026-03-08T08:00:00.000Z'],
  );
  const autumn = createPeriodResolver(zone).resolve({ kind: 'between', from: 60, to: 90, back: 0 }, Date.parse('2026-11-01T20:00:00Z'));
  assert.deepEqual(
    [autumn.from, autumn.to].map((at) => new Date(at).toISOString()),
    ['2026-11-01T05:00:00.000Z', '2026-11-01T06:30:00.000Z'],
    'both passes of 01:00 to 01:30',
  );
  const day = createPeriodResolver(zone).resolve({ kind: 'day', back: 1 }, Date.parse('2026-11-02T20:00:00Z'));
  assert.equal((day.to - day.from) / 3_600_000, 25, 'that day has 25 hours');
});

test('figures that make no period are none', () => {
  for (const line of ['entre 25h e 26h', 'desde 22:75', 'ultimas 0 horas', 'ultimos 9999 dias', '31/02', 'ontemtem', 'as 99h'])
    assert.equal(findPeriod(line), null, line);
});

test('lengths of time', () => {
  const lengths = {
    '15m': 15,
    '1h': 60,
    '2 horas': 120,
    'uma hora': 60,
    'an hour': 60,
    'meia hora': 30,
    '1 dia': 1440,
    '0m': null,
    abc: null,
  };
  assert.deepEqual(Object.fromEntries(Object.keys(lengths).map((text) => [text, readDuration(text)])), lengths);
});

const minuteOfDay = fc.integer({ min: 0, max: 1439 });
const anyPeriod: fc.Arbitrary<Period> = fc.oneof(
  fc.record({
    kind: fc.constant('last' as const),
    amount: fc.integer({ min: 1, max: 400 }),
    unit: fc.constantFrom('minute', 'hour', 'day'),
  }),
  fc.record({ kind: fc.constant('day' as const), back: fc.integer({ min: 0, max: 2 }) }),
  fc.record({ kind: fc.constant('week' as const), back: fc.integer({ min: 0, max: 1 }) }),
  fc.record({
    kind: fc.constant('part' as const),
    part: fc.constantFrom('dawn', 'morning', 'afternoon', 'evening', 'night'),
    back: fc.integer({ min: 0, max: 2 }),
  }),
  fc.record({ kind: fc.constant('since' as const), at: minuteOfDay, back: fc.constantFrom(null, 1) }),
  fc
    .record({ kind: fc.constant('between' as const), from: minuteOfDay, to: minuteOfDay, back: fc.constantFrom(null, 1) })
    .filter(({ from, to }) => from !== to),
  fc.record({ kind: fc.constant('weekday' as const), weekday: fc.integer({ min: 0, max: 6 }) }),
  fc.record({
    kind: fc.constant('date' as const),
    day: fc.integer({ min: 1, max: 28 }),
    month: fc.integer({ min: 1, max: 12 }),
    year: fc.constant(null),
  }),
) as fc.Arbitrary<Period>;
const ZONES = ['America/Sao_Paulo', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'Europe/Lisbon', 'UTC'];

test('a period has begun, never ends after now, and never before it begins, in every zone', () => {
  const resolvers = new Map(ZONES.map((zone) => [zone, createPeriodResolver(zone)]));
  fc.assert(
    fc.property(
      anyPeriod,
      fc.constantFrom(...ZONES),
      fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2028, 0) }),
      (period, zone, now) => {
        const { from, to } = resolvers.get(zone)?.resolve(period, now) ?? { from: 1, to: 0 };
        assert.ok(from <= to, `${from} ${to}`);
        assert.ok(to <= now);
        // Nothing that is said without a date is longer ago than a year and a day.
        assert.ok(now - from <= 401 * 86_400_000);
      },
    ),
    { numRuns: 2000 },
  );
});

test('no line makes the reading of periods fail or slow', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (line) => void findPeriod(plainOf(line))),
    { numRuns: 2000 },
  );
  // Time of the processor: what else the machine does is of no account.
  const before = process.cpuUsage().user;
  findPeriod('ultimas '.repeat(10_000));
  findPeriod(`entre ${'1'.repeat(50_000)}`);
  assert.ok(process.cpuUsage().user - before < 2_000_000);
});
