import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { OnCallLayer } from '@transaction-guardian/contracts/oncall.ts';
import { WEEKDAYS } from '@transaction-guardian/contracts/weekday.ts';
import { createRota, layersOf, placeOf, type Change, type Rota } from './rota.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const layer = (more: Partial<OnCallLayer> & Pick<OnCallLayer, 'people'>): OnCallLayer => ({
  starts: '2026-01-05',
  hand_over: '08:00',
  every: 'weekly',
  holidays: 'yes',
  ...more,
});
const rotaOf = (
  layers: readonly OnCallLayer[],
  zone = 'America/Sao_Paulo',
  changes: readonly Change[] = [],
  holidays: readonly string[] = [],
): Rota => createRota(layersOf({ name: 'night', layers: [...layers] }, placeOf(zone, new Set(holidays))), changes);
const at = (text: string): number => Date.parse(text);

test('a weekly rotation hands over at its time of day, and says until when and who is next', () => {
  const rota = rotaOf([layer({ people: ['ana', 'bia', 'caio'] })]);
  const now = rota.now(at('2026-01-14T03:00:00-03:00'));
  assert.deepEqual(now, {
    person: 'bia',
    changeId: null,
    until: at('2026-01-19T08:00:00-03:00'),
    next: { person: 'caio', at: at('2026-01-19T08:00:00-03:00') },
  });
  assert.equal(rota.at(at('2026-01-19T07:59:00-03:00')).person, 'bia');
  assert.equal(rota.at(at('2026-01-05T07:59:00-03:00')).person, null, 'before the first turn');
  assert.equal(rota.now(at('2026-01-01T00:00:00Z')).until, at('2026-01-05T08:00:00-03:00'));
});

test('one person alone has no end and nobody next', () => {
  assert.deepEqual(rotaOf([layer({ people: ['ana'] })]).now(at('2026-02-01T00:00:00Z')), {
    person: 'ana',
    changeId: null,
    until: null,
    next: null,
  });
});

test('daily turns go on over the end of February of a leap year', () => {
  const rota = rotaOf([layer({ people: ['ana', 'bia'], every: 'daily', starts: '2028-02-27' })]);
  const who = ['27', '28', '29'].map((day) => rota.at(at(`2028-02-${day}T12:00:00-03:00`)).person);
  assert.deepEqual([...who, rota.at(at('2028-03-01T12:00:00-03:00')).person], ['ana', 'bia', 'ana', 'bia']);
});

test('a turn over a clock change is an hour shorter or longer, and hands over at the same time of day', () => {
  const rota = rotaOf([layer({ people: ['ana', 'bia'], every: 'daily', starts: '2026-03-28', hand_over: '08:00' })], 'Europe/Berlin');
  const shifts = rota.between(at('2026-03-28T08:00:00+01:00'), at('2026-03-30T08:00:00+02:00'));
  assert.deepEqual(
    shifts.map(({ startsAt, endsAt }) => (endsAt - startsAt) / 3_600_000),
    [23, 24],
  );
});

test('a hand-over in the skipped hour is at its end, one in the repeated hour at its first pass', () => {
  const gap = rotaOf([layer({ people: ['ana', 'bia'], every: 'daily', starts: '2026-03-28', hand_over: '02:30' })], 'Europe/Berlin');
  assert.equal(gap.now(at('2026-03-28T12:00:00Z')).until, at('2026-03-29T03:00:00+02:00'));
  const twice = rotaOf([layer({ people: ['ana', 'bia'], every: 'daily', starts: '2026-10-24', hand_over: '02:30' })], 'Europe/Berlin');
  assert.equal(twice.now(at('2026-10-24T12:00:00Z')).until, at('2026-10-25T02:30:00+02:00'));
});

test('nights, weekends and holidays are layers over the one below; the last that counts wins', () => {
  const rota = rotaOf(
    [
      layer({ people: ['ana'] }),
      layer({ people: ['bia'], from: '22:00', until: '06:00' }),
      layer({ people: ['caio'], days: ['sat', 'sun'] }),
      layer({ people: ['dora'], holidays: 'only' }),
    ],
    'America/Sao_Paulo',
    [],
    ['2026-12-25'],
  );
  const who = (text: string) => rota.at(at(`${text}-03:00`)).person;
  assert.deepEqual(
    [who('2026-12-23T21:59:00'), who('2026-12-23T22:00:00'), who('2026-12-24T05:59:00'), who('2026-12-24T06:00:00')],
    ['ana', 'bia', 'bia', 'ana'],
  );
  assert.deepEqual([who('2026-12-25T00:00:00'), who('2026-12-25T23:59:00'), who('2026-12-26T00:00:00')], ['dora', 'dora', 'caio']);
});

test('the newest change wins while it lasts, and the layers come back after it', () => {
  const change = (id: string, person: string, from: string, until: string): Change => ({
    id,
    person,
    startsAt: at(from),
    endsAt: at(until),
  });
  const rota = rotaOf([layer({ people: ['ana'] })], 'UTC', [
    change('1', 'bia', '2026-02-01T00:00:00Z', '2026-02-03T00:00:00Z'),
    change('2', 'caio', '2026-02-02T00:00:00Z', '2026-02-02T06:00:00Z'),
  ]);
  assert.deepEqual(
    rota
      .between(at('2026-01-31T00:00:00Z'), at('2026-02-04T00:00:00Z'))
      .map(({ person, startsAt }) => [person, new Date(startsAt).toISOString().slice(5, 13)]),
    [
      ['ana', '01-31T00'],
      ['bia', '02-01T00'],
      ['caio', '02-02T00'],
      ['bia', '02-02T06'],
      ['ana', '02-03T00'],
    ],
  );
  assert.equal(rota.now(at('2026-02-02T01:00:00Z')).changeId, '2');
});

/** Reads local times minute by minute, and counts the hand-overs that the clocks have reached: slow, and nothing like the real one. */
function naive(one: OnCallLayer, zone: string, holidays: readonly string[], from: number, until: number): Map<number, string | null> {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  const localOf = (time: number): string => {
    const part = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, value]));
    return `${part['year']}-${part['month']}-${part['day']}T${part['hour']}:${part['minute']}`;
  };
  const hours =
    one.every === 'daily'
      ? 24
      : one.every === 'weekly'
        ? 168
        : Number.parseInt(one.every, 10) * (one.every.endsWith('h') ? 1 : one.every.endsWith('d') ? 24 : 168);
  const plan = (turn: number): string =>
    new Date(at(`${one.starts}T${one.hand_over}:00Z`) + turn * hours * 3_600_000).toISOString().slice(0, 16);
  const edge = (day: string, time: string, later: number): string =>
    new Date(at(`${day}T${time}:00Z`) + later * DAY).toISOString().slice(0, 16);
  const result = new Map<number, string | null>();
  let turn = -1;
  let highest = '';
  for (let time = at(`${one.starts}T00:00:00Z`) - 2 * DAY; time < until; time += MINUTE) {
    // The clocks never take back what they have reached.
    const shown = localOf(time);
    if (shown > highest) highest = shown;
    while (plan(turn + 1) <= highest) turn += 1;
    if (time < from) continue;
    const today = highest.slice(0, 10);
    const yesterday = new Date(at(`${today}T00:00:00Z`) - DAY).toISOString().slice(0, 10);
    const isIn = [yesterday, today].some((day) => {
      const weekday = WEEKDAYS[(new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7] ?? 'mon';
      if (one.days !== undefined && !one.days.includes(weekday)) return false;
      if (one.holidays !== 'yes' && holidays.includes(day) !== (one.holidays === 'only')) return false;
      const [start, end] = one.from === undefined || one.until === undefined ? ['00:00', '00:00'] : [one.from, one.until];
      return edge(day, start, 0) <= highest && highest < edge(day, end, end <= start ? 1 : 0);
    });
    const isAlways = one.from === undefined && one.days === undefined && one.holidays === 'yes';
    result.set(time, turn < 0 || !(isIn || isAlways) ? null : (one.people[turn % one.people.length] ?? null));
  }
  return result;
}

describe('any layer names whom the clocks on the wall name, minute by minute', () => {
  // Clock changes of all kinds: at midnight, by half an hour, in the other hemisphere, a whole day that is skipped, none.
  const PLACES: readonly (readonly [string, string, string])[] = [
    ['America/Sao_Paulo', '2018-11-01', '2018-11-04'],
    ['America/Sao_Paulo', '2019-02-13', '2019-02-17'],
    ['Europe/Berlin', '2026-03-26', '2026-03-29'],
    ['America/New_York', '2026-10-29', '2026-11-01'],
    ['Australia/Lord_Howe', '2026-04-01', '2026-04-05'],
    ['Pacific/Apia', '2011-12-27', '2011-12-30'],
    ['Asia/Kolkata', '2028-02-26', '2028-02-29'],
    ['UTC', '2026-12-30', '2026-12-31'],
  ];
  const time = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 15, 30, 59))
    .map(([h, m]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`);
  for (const [zone, starts, change] of PLACES)
    test(`${zone} around ${change}`, () => {
      fc.assert(
        fc.property(
          fc.record({
            people: fc.constantFrom<string[]>(['a'], ['a', 'b'], ['a', 'b', 'c']),
            hand_over: time,
            every: fc.constantFrom('daily', '2d', '3d', '8h', '12h', '5h', '1h', 'weekly'),
            days: fc.option(fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 }), { nil: undefined }),
            times: fc.option(fc.tuple(time, time), { nil: undefined }),
            holidays: fc.constantFrom('yes', 'no', 'only'),
          }),
          ({ times, days, ...rest }) => {
            const one: OnCallLayer = {
              ...rest,
              starts,
              ...(days === undefined ? {} : { days }),
              ...(times === undefined ? {} : { from: times[0], until: times[1] }),
            };
            const holidays = [change];
            const rota = rotaOf([one], zone, [], holidays);
            const [from, until] = [at(`${change}T00:00:00Z`) - DAY, at(`${change}T00:00:00Z`) + 2 * DAY];
            const expected = naive(one, zone, holidays, from, until);
            const shifts = rota.between(from, until);
            let index = 0;
            for (const [minute, person] of expected) {
              assert.equal(rota.at(minute).person, person, `${new Date(minute).toISOString()} ${JSON.stringify(one)}`);
              while ((shifts[index]?.endsAt ?? Number.POSITIVE_INFINITY) <= minute) index += 1;
              assert.equal(shifts[index]?.person, person, `shift at ${new Date(minute).toISOString()} ${JSON.stringify(one)}`);
            }
          },
        ),
        { numRuns: 6 },
      );
    });
});
