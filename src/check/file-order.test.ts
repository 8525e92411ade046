import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFileOrder } from './file-order.ts';
import { createWallClock, type WallClock } from './time-zone.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Zones with a day on which their clocks go back, and the size of that step in minutes. */
const ZONES: readonly (readonly [zone: string, day: string, change: number])[] = [
  ['America/New_York', '2026-11-01', 60],
  ['Europe/London', '2026-10-25', 60],
  ['Europe/Lisbon', '2026-10-25', 60],
  ['Europe/Berlin', '2026-10-25', 60],
  ['Europe/Athens', '2026-10-25', 60],
  ['America/Santiago', '2026-04-05', 60],
  ['America/Sao_Paulo', '2018-02-18', 60],
  ['America/Havana', '2025-11-02', 60],
  ['Australia/Sydney', '2026-04-05', 60],
  ['Australia/Adelaide', '2026-04-05', 60],
  ['Australia/Lord_Howe', '2026-04-05', 30],
  ['Pacific/Auckland', '2026-04-05', 60],
];

/** What the clocks of a zone show at an instant, as if it were UTC. */
function shownBy(timeZone: string): (instant: number) => number {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return (instant) => Date.parse(`${format.format(instant).replace(' ', 'T')}Z`);
}

interface Row {
  readonly instant: number;
  readonly key: string | null;
}

function readBack(wall: WallClock, rows: readonly Row[], shown: (instant: number) => number): number[] {
  const order = createFileOrder(wall);
  return rows.map(({ instant, key }) => order.place(shown(instant), key));
}

function fileOf(day: string, stepMinutes: number, keys: readonly (string | null)[]): Row[] {
  const start = Date.parse(`${day}T00:00:00Z`) - DAY;
  const rows: Row[] = [];
  for (let instant = start; instant < start + 3 * DAY; instant += stepMinutes * MINUTE) for (const key of keys) rows.push({ instant, key });
  return rows;
}

const instantsOf = (rows: readonly Row[]): number[] => rows.map(({ instant }) => instant);

for (const [zone, day, change] of ZONES) {
  const wall = createWallClock(zone);
  const shown = shownBy(zone);

  test(`${zone}: rows in order keep both passes, oldest and newest first, at any step`, () => {
    for (const step of [1, 5, 10, 15, 20, 30, 60]) {
      // A step longer than the change need not be on the clock's hours in both passes.
      if (step > change || change % step !== 0) continue;
      const counts = fileOf(day, step, ['approved', 'denied']);
      const single = fileOf(day, step, [null]);
      assert.deepEqual(readBack(wall, counts, shown), instantsOf(counts), `counts, ${step} min`);
      if (step < change) assert.deepEqual(readBack(wall, single, shown), instantsOf(single), `transactions, ${step} min`);
      counts.reverse();
      single.reverse();
      assert.deepEqual(readBack(wall, counts, shown), instantsOf(counts), `counts, newest first, ${step} min`);
      if (step < change) assert.deepEqual(readBack(wall, single, shown), instantsOf(single), `transactions, newest first, ${step} min`);
    }
  });

  test(`${zone}: both passes minute by minute in turn, and a block for each merchant`, () => {
    const inTurn = fileOf(day, 1, ['approved']).toSorted((a, b) => shown(a.instant) - shown(b.instant) || a.instant - b.instant);
    assert.deepEqual(readBack(wall, inTurn, shown), instantsOf(inTurn));
    const blocks = ['m-1', 'm-2', 'm-3'].flatMap((merchant) => fileOf(day, 1, [merchant]));
    assert.deepEqual(readBack(wall, blocks, shown), instantsOf(blocks));
  });

  test(`${zone}: late rows and an outage over the change do not move the others`, () => {
    const start = Date.parse(`${day}T00:00:00Z`) - DAY;
    const rows = fileOf(day, 1, [null]).map(({ instant }, index) => ({ instant: instant - (index % 7 === 3 ? 90_000 : 0), key: null }));
    assert.deepEqual(readBack(wall, rows, shown), instantsOf(rows));
    const changeAt = fileOf(day, 1, [null]).find(({ instant }) => shown(instant) < shown(instant - MINUTE))?.instant ?? start;
    const holed = fileOf(day, 1, [null]).filter(({ instant }) => instant < changeAt - 20 * MINUTE || instant >= changeAt);
    assert.deepEqual(readBack(wall, holed, shown), instantsOf(holed));
  });
}

test('transactions in no order at all are not guessed at', () => {
  const wall = createWallClock('America/New_York');
  const rows = fileOf('2026-11-01', 1, [null]);
  const shuffled = rows.map((row, index) => rows[(index * 1009) % rows.length] ?? row);
  const order = createFileOrder(wall);
  const shown = shownBy('America/New_York');
  const placed = shuffled.map(({ instant }) => order.place(shown(instant), null));
  const wrong = placed.filter((instant, index) => index > 200 && !Number.isNaN(instant) && instant !== shuffled[index]?.instant);
  assert.deepEqual(wrong, []);
  assert.ok(placed.some((instant) => Number.isNaN(instant)));
});

test('a time that the clocks skip has no instant', () => {
  const place = (zone: string, local: string): number => createFileOrder(createWallClock(zone)).place(Date.parse(`${local}Z`), null);
  assert.ok(Number.isNaN(place('America/New_York', '2026-03-08T02:30:00')));
  assert.ok(Number.isNaN(place('Europe/Berlin', '2026-03-29T02:00:00')));
  assert.ok(Number.isNaN(place('America/Santiago', '2026-09-06T00:30:00')));
  assert.ok(Number.isNaN(place('Australia/Lord_Howe', '2026-10-04T02:15:00')));
  assert.equal(place('Australia/Lord_Howe', '2026-10-04T02:30:00'), Date.parse('2026-10-03T15:30:00Z'));
});

test('how the rows of the repeated hour were taken is reported', () => {
  const order = createFileOrder(createWallClock('America/New_York'));
  for (const time of ['00:59', '01:00', '01:59', '01:00', '01:30', '01:59', '02:00'])
    order.place(Date.parse(`2026-11-01T${time}:00Z`), null);
  assert.deepEqual(order.repeated, [{ from: Date.parse('2026-11-01T01:00Z'), to: Date.parse('2026-11-01T01:59Z'), first: 2, second: 3 }]);
});
