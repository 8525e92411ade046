import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InboundRecord } from '@transaction-guardian/contracts/transaction.ts';
import { emptyStream, isLiveAt, takeSegment, takeTime, type StreamRules, type CountingState } from './stream.ts';
import { cutSegments } from './segment.ts';
import { minuteStateOf, type MinuteTally } from './tally.ts';
import { at, heartbeat, NOON, transaction } from './test-records.ts';

const RULES: StreamRules = { lateMs: 90_000, closesEarly: false, maxGapMinutes: 60, liveWithinMs: 600_000 };

function createHarness(state: CountingState = emptyStream(), rules: StreamRules = RULES) {
  const closed: string[] = [];
  const late: string[] = [];
  const lateStates: string[] = [];
  const events = {
    close: (tally: Parameters<Parameters<typeof takeSegment>[3]['close']>[0]) =>
      void closed.push(`${(tally.minute - NOON) / 60_000}:${minuteStateOf(tally)}:${tally.total}${tally.isHistory ? ':history' : ''}`),
    late: (tally: MinuteTally) => {
      late.push(`${(tally.minute - NOON) / 60_000}`);
      lateStates.push(`${(tally.minute - NOON) / 60_000}:${minuteStateOf(tally)}`);
    },
  };
  return {
    state,
    closed,
    late,
    lateStates,
    take: (...records: InboundRecord[]) => {
      for (const record of records)
        for (const segment of cutSegments([record], new Map(), state.maxEventAt, rules)) takeSegment(state, rules, segment, events);
    },
    time: (nowMs: number) => takeTime(state, rules, nowMs, events),
  };
}

test('a minute closes when its end is as old as the late window, not before', () => {
  const stream = createHarness();
  stream.take(transaction(at(0, 10)), transaction(at(2, 29)));
  assert.deepEqual(stream.closed, []);
  stream.take(transaction(at(2, 30)));
  assert.deepEqual(stream.closed, ['0:observed:1']);
});

test('rows out of order but in time count into their minute', () => {
  const stream = createHarness();
  stream.take(transaction(at(1, 50)), transaction(at(0, 59)), transaction(at(3, 0)), transaction(at(1, 0)), transaction(at(9, 0)));
  assert.deepEqual(stream.closed.slice(0, 3), ['0:observed:1', '1:observed:2', '2:silent:0']);
  assert.deepEqual(stream.late, []);
});

test('zero, silent and observed are told apart', () => {
  const stream = createHarness();
  stream.take(transaction(at(0)), heartbeat(at(1, 5)), transaction(at(2), { count: 0 }), transaction(at(4)), transaction(at(9)));
  assert.deepEqual(stream.closed, ['0:observed:1', '1:zero:0', '2:zero:0', '3:silent:0', '4:observed:1', '5:silent:0', '6:silent:0']);
});

test('breakdown rows make no total', () => {
  const stream = createHarness();
  stream.take(transaction(at(0), { status: '', auth_code: '51', count: 9 }), transaction(at(0), { count: 4 }), transaction(at(3)));
  assert.equal(stream.closed[0], '0:observed:4');
});

test('a record for a closed minute is late and moves nothing', () => {
  const stream = createHarness();
  stream.take(transaction(at(0)), transaction(at(5)), transaction(at(1)));
  assert.deepEqual(stream.late, ['1']);
  assert.equal(stream.state.watermark, at(3, 30));
});

test('a hole up to the limit is closed minute by minute, a longer one is a pause', () => {
  const short = createHarness();
  short.take(transaction(at(0)), transaction(at(61)), transaction(at(70)));
  assert.equal(short.closed.filter((text) => text.includes('silent')).length, 60 + 6);
  const long = createHarness();
  long.take(transaction(at(0)), transaction(at(5000)), transaction(at(5003)));
  assert.deepEqual(long.closed, ['0:observed:1', '5000:observed:1']);
});

test('after a pause, rows just before the first one still count', () => {
  const stream = createHarness();
  stream.take(transaction(at(0)), transaction(at(5000, 10)), transaction(at(4999, 20)), transaction(at(5004)));
  assert.deepEqual(stream.closed, ['0:observed:1', '4999:observed:1', '5000:observed:1', '5001:silent:0']);
  assert.deepEqual(stream.late, []);
});

test('a record from the far future does not run the watermark away', () => {
  const stream = createHarness();
  stream.take(transaction(at(0)), transaction(at(500_000), { ingested_at: at(0, 1) }), transaction(at(6)), transaction(at(7, 30)));
  assert.ok((stream.state.watermark ?? 0) <= at(6));
  assert.deepEqual(stream.late, []);
  assert.deepEqual(stream.closed, ['0:observed:1', '1:silent:0', '2:silent:0', '3:silent:0', '4:silent:0', '5:silent:0']);
});

test('the wall clock closes silent minutes of a live stream', () => {
  const stream = createHarness();
  stream.take(transaction(at(0)));
  stream.time(at(2, 29));
  assert.deepEqual(stream.closed, []);
  stream.time(at(5));
  assert.deepEqual(stream.closed, ['0:observed:1', '1:silent:0', '2:silent:0']);
  stream.time(at(20));
  assert.equal(stream.closed.at(-1), '17:silent:0', 'a stream that was live goes on being watched');
});

test('the wall clock leaves history alone', () => {
  const stream = createHarness();
  stream.take(transaction(at(0)));
  stream.time(at(60));
  assert.deepEqual(stream.closed, []);
  const imported = createHarness();
  imported.take(transaction(at(0), { backfill: true }));
  imported.time(at(5));
  assert.deepEqual(imported.closed, [], 'a file that ends now is no live stream');
});

test('silence beyond the longest gap ends the live stream', () => {
  const stream = createHarness();
  stream.take(transaction(at(0)));
  stream.time(at(5));
  stream.time(at(59));
  assert.equal(isLiveAt(stream.state, RULES, at(59)), true);
  stream.time(at(62));
  assert.equal(stream.state.isLive, false);
  const before = stream.closed.length;
  stream.time(at(65));
  assert.equal(stream.closed.length, before);
});

test('after an absence silence begins again: a dead source is still noticed', () => {
  const stream = createHarness();
  stream.take(transaction(at(0)));
  stream.time(at(2, 30));
  stream.state.absence = 'stopped';
  stream.time(at(32, 30));
  assert.deepEqual(stream.closed, ['0:observed:1']);
  stream.time(at(36, 30));
  assert.deepEqual(stream.closed.slice(1), ['33:silent:0', '34:silent:0']);
});

test('after a pause of the program what comes for its minutes may be a part: it is incomplete, and so is the minute in which it began', () => {
  const stream = createHarness();
  const arriving = (event: number, arrival: number) => transaction(event, { ingested_at: arrival });
  stream.take(arriving(at(0, 10), at(0, 10)), arriving(at(1, 10), at(1, 10)));
  stream.time(at(2, 30));
  stream.state.absence = 'paused';
  stream.take(arriving(at(4, 5), at(10, 30)), arriving(at(10, 31), at(10, 31)), arriving(at(11, 31), at(11, 31)));
  assert.deepEqual(stream.lateStates, ['4:incomplete']);
  stream.take(arriving(at(13, 31), at(13, 31)));
  assert.deepEqual(stream.closed, ['0:observed:1', '1:incomplete:1', '10:incomplete:1', '11:observed:1']);
});

test('a steady stream, which the wall clock never had to close, has pauses too', () => {
  const stream = createHarness(emptyStream(), { ...RULES, closesEarly: true });
  const arriving = (event: number, arrival: number) => transaction(event, { ingested_at: arrival });
  for (let minute = 0; minute < 6; minute += 1) stream.take(arriving(at(minute, 10), at(minute, 10)));
  assert.equal(stream.state.isLive, false);
  stream.state.absence = 'paused';
  stream.take(arriving(at(6, 5), at(15, 30)), arriving(at(15, 31), at(15, 31)));
  assert.deepEqual(stream.lateStates, ['6:incomplete']);
  assert.equal(
    stream.closed.some((minute) => minute.includes('silent')),
    false,
    stream.closed.join(' '),
  );
});

test('a pause longer than a live record may be late: what waited in the connections is a part, however old', () => {
  const stream = createHarness(emptyStream(), { ...RULES, closesEarly: true });
  const arriving = (event: number, arrival: number) => transaction(event, { ingested_at: arrival });
  for (let minute = 0; minute < 6; minute += 1) stream.take(arriving(at(minute, 10), at(minute, 10)));
  stream.state.absence = 'paused';
  stream.take(arriving(at(5, 20), at(36, 15)), arriving(at(6, 5), at(36, 15)), arriving(at(36, 16), at(36, 16)));
  stream.take(arriving(at(37, 10), at(37, 10)), arriving(at(39, 40), at(39, 40)));
  assert.deepEqual(stream.lateStates, ['5:incomplete', '6:incomplete']);
  assert.deepEqual(stream.closed.slice(-3), ['5:incomplete:1', '36:incomplete:1', '37:observed:1']);
});

test('a pause of two minutes leaves no minute that is judged: what came is a part, and what did not come is not silence', () => {
  const stream = createHarness();
  const arriving = (event: number, arrival: number) => transaction(event, { ingested_at: arrival });
  stream.take(arriving(at(0, 10), at(0, 10)), arriving(at(1, 10), at(1, 10)));
  stream.time(at(1, 31));
  stream.state.absence = 'paused';
  stream.take(arriving(at(1, 20), at(3, 10)), arriving(at(3, 11), at(3, 11)), arriving(at(4, 10), at(4, 10)));
  stream.time(at(6, 31));
  assert.deepEqual(stream.closed, ['0:observed:1', '1:incomplete:2', '2:incomplete:0', '3:incomplete:1', '4:observed:1']);
});

test('a thread that only counts late has missed nothing: its minutes are whole', () => {
  const stream = createHarness();
  const arriving = (event: number, arrival: number) => transaction(event, { ingested_at: arrival });
  stream.take(arriving(at(0, 10), at(0, 10)), arriving(at(1, 10), at(1, 10)));
  stream.time(at(2, 30));
  stream.state.absence = 'paused';
  for (let second = 80; second < 480; second += 10) stream.take(arriving(at(0, second), at(0, second)));
  stream.time(at(8, 31));
  assert.deepEqual(
    stream.closed.filter((minute) => !minute.includes('observed')),
    [],
  );
});

test('the minutes in which a stop began and ended are parts: nobody heard the rest of them', () => {
  const stream = createHarness();
  const arriving = (event: number, arrival: number) => transaction(event, { ingested_at: arrival });
  stream.take(arriving(at(0, 10), at(0, 10)), arriving(at(1, 10), at(1, 10)));
  stream.time(at(2, 20));
  stream.state.absence = 'stopped';
  // What a restart does not know.
  stream.state.lastArrivalAt = null;
  stream.take(arriving(at(12, 40), at(12, 40)), arriving(at(13, 10), at(13, 10)));
  stream.time(at(15, 31));
  assert.deepEqual(stream.closed, ['0:observed:1', '1:incomplete:1', '12:incomplete:1', '13:observed:1']);
});

test('after a stop what clients send once more is whole', () => {
  const stream = createHarness();
  stream.take(transaction(at(0, 10), { ingested_at: at(0, 10) }));
  stream.time(at(2, 30));
  stream.state.absence = 'stopped';
  stream.take(transaction(at(4, 5), { ingested_at: at(10, 30) }));
  assert.deepEqual(stream.lateStates, ['4:observed']);
});

test('a short absence is none, and history has no absences', () => {
  const stream = createHarness();
  stream.take(transaction(at(0)));
  stream.time(at(2, 30));
  stream.state.absence = 'stopped';
  stream.time(at(5, 30));
  assert.deepEqual(stream.closed.slice(1), ['1:silent:0', '2:silent:0', '3:silent:0']);
  const replay = createHarness();
  const arrived = { ingested_at: NOON + 90 * 86_400_000 };
  replay.take(transaction(at(0), arrived));
  replay.state.absence = 'stopped';
  replay.take(transaction(at(9), arrived));
  assert.equal(replay.closed.length, 7);
});

test('a heartbeat of a file ends its last minute and opens none', () => {
  const stream = createHarness();
  stream.take(transaction(at(0), { backfill: true }), transaction(at(1), { backfill: true }), heartbeat(at(3, 30), { backfill: true }));
  assert.deepEqual(stream.closed, ['0:observed:1:history', '1:observed:1:history']);
  assert.equal(stream.state.open.size, 0);
});

test('minutes that the watermark passed unclosed are closed once, in order', () => {
  const stream = createHarness();
  stream.take(transaction(at(0), { backfill: true }), heartbeat(at(10), { backfill: true }));
  assert.deepEqual(stream.closed, ['0:observed:1:history']);
  stream.take(transaction(at(5), { backfill: true }), transaction(at(3), { backfill: true }), transaction(at(13), { backfill: true }));
  assert.deepEqual(
    stream.closed.map((text) => text.split(':').slice(0, 2).join(':')),
    [
      '0:observed',
      '1:silent',
      '2:silent',
      '3:silent',
      '4:silent',
      '5:observed',
      '6:silent',
      '7:silent',
      '8:silent',
      '9:silent',
      '10:silent',
    ],
  );
  assert.deepEqual(stream.late, ['3']);
});

test('a hole beside history is history', () => {
  const stream = createHarness();
  stream.take(transaction(at(0), { backfill: true }), transaction(at(3)), transaction(at(5), { backfill: true }), transaction(at(9)));
  assert.deepEqual(stream.closed, [
    '0:observed:1:history',
    '1:silent:0:history',
    '2:silent:0:history',
    '3:observed:1',
    '4:silent:0:history',
    '5:observed:1:history',
    '6:silent:0:history',
  ]);
});

test('a prompt live stream closes its minutes two seconds after their end once it is known, and says nothing less about late ones', () => {
  const stream = createHarness(emptyStream(), { ...RULES, closesEarly: true });
  const live = (minute: number, second: number, count: number) =>
    transaction(at(minute, second), { count, ingested_at: at(minute, second) });
  for (let minute = 0; minute < 30; minute += 1) stream.take(live(minute, 1, 60), live(minute, 59, 60));
  assert.equal(stream.closed.at(-1), '28:observed:120');
  stream.take(live(30, 2, 1));
  assert.equal(stream.closed.at(-1), '29:observed:120');
  stream.time(at(31, 1));
  assert.equal(stream.closed.at(-1), '29:observed:120');
  stream.time(at(31, 2));
  assert.equal(stream.closed.at(-1), '30:observed:1');
  stream.take(transaction(at(30, 30), { ingested_at: at(31, 30) }));
  assert.deepEqual(stream.late, ['30']);
});

test('a client that catches up with the present makes no near-empty minutes and no silence', () => {
  const stream = createHarness(emptyStream(), { ...RULES, closesEarly: true });
  for (let minute = -20; minute <= 0; minute += 1) {
    const ingested_at = at(1, minute);
    stream.take(...[0, 20, 40].map((second) => transaction(at(minute, second), { ingested_at, count: 50 })));
    stream.time(ingested_at + 500);
  }
  assert.deepEqual(stream.late, []);
  assert.ok(
    stream.closed.every((minute) => minute.endsWith(':observed:150')),
    stream.closed.join(),
  );
  stream.time(at(10));
  assert.deepEqual(stream.closed.slice(-2), ['6:silent:0', '7:silent:0']);
});

test('a stream that is always some minutes behind is live between its records', () => {
  const stream = createHarness();
  stream.take(transaction(at(0), { ingested_at: at(5) }));
  stream.time(at(5, 30));
  assert.deepEqual(stream.closed, []);
  stream.time(at(7));
  assert.equal(stream.closed.at(-1), '4:silent:0');
});

test('a replay waits the whole late window, however prompt its records arrive', () => {
  const stream = createHarness(emptyStream(), { ...RULES, closesEarly: true });
  for (let minute = 0; minute < 30; minute += 1) stream.take(transaction(at(minute), { count: 100, ingested_at: at(100_000) }));
  assert.equal(stream.closed.at(-1), '26:observed:100');
});

test('one client with a fast clock closes nothing for the others', () => {
  const stream = createHarness();
  for (let second = 0; second < 240; second += 1) stream.take(transaction(at(0, second), { ingested_at: at(0, second) }));
  const before = stream.state.watermark;
  stream.take(transaction(at(0, 240 + 299), { ingested_at: at(0, 240) }));
  assert.equal(stream.state.watermark, (before ?? 0) + 1000);
  for (let second = 240; second < 600; second += 1) stream.take(transaction(at(0, second), { ingested_at: at(0, second) }));
  assert.deepEqual(stream.late, []);
  assert.ok(
    stream.closed.every((minute) => minute.endsWith(':60')),
    stream.closed.join(),
  );
});

test('a file that is uploaded while the live stream is silent makes no minute history, and a refused row hides no outage', () => {
  const stream = createHarness();
  stream.take(transaction(at(0)), transaction(at(1)));
  stream.time(at(2, 40));
  const file = { backfill: true, ingested_at: at(4) };
  stream.take(heartbeat(at(2), { ...file, incomplete: true }), transaction(at(3), file), heartbeat(at(3), { ...file, incomplete: true }));
  stream.time(at(6, 30));
  assert.deepEqual(stream.closed.slice(2), ['2:silent:0', '3:observed:1', '4:silent:0']);
});

test('where nothing is live, a minute of which a row was refused is incomplete', () => {
  const stream = createHarness();
  const file = { backfill: true, ingested_at: at(500) };
  stream.take(transaction(at(0), file), heartbeat(at(1), { ...file, incomplete: true }), transaction(at(5), file));
  stream.time(at(500));
  assert.deepEqual(stream.closed.slice(0, 2), ['0:observed:1:history', '1:incomplete:0:history']);
});
